package load

import (
	"math"
	"math/rand/v2"
)

// Arrivals says how the due times of an open loop are drawn.
type Arrivals struct {
	// Rate is the mean number of requests a virtual second.
	Rate float64
	// Burstiness is the shape of the gamma distribution that the times between
	// requests follow: 1 is Poisson, below 1 comes in bursts, infinity is a
	// constant pace.
	Burstiness float64
	// RampUp is how many virtual seconds the rate takes to rise from 0 to Rate,
	// in a straight line.
	RampUp float64
	// Stages, where given, are the rate as it changes, instead of Rate and RampUp.
	Stages []Stage
}

// Stage is a time in which the rate goes from one value to another in a straight
// line.
type Stage struct {
	// From and To are in requests per virtual second, Seconds are virtual.
	From, To, Seconds float64
}

// Count is how many requests are due in a stage.
func (s Stage) Count() float64 { return (s.From + s.To) / 2 * s.Seconds }

// when is the time in the stage by which so many are due, its root of
// from*t + (to-from)/seconds*t*t/2 = count.
func (s Stage) when(count float64) float64 {
	if !(count > 0) {
		return 0
	}
	slope := (s.To - s.From) / s.Seconds
	return 2 * count / (s.From + math.Sqrt(max(0, s.From*s.From+2*slope*count)))
}

// Draw returns n due times in virtual seconds from the point's start, never
// falling, the first 0. They are stretched so that the last is due when n-1
// requests are at the given rate: a draw of few requests offers that rate, not
// one that chance made of it.
func (a Arrivals) Draw(seed uint64, n int) []float64 {
	random := rand.New(rand.NewPCG(seed, 0x6f70656e)) // apart from the lengths' draws
	due := make([]float64, n)
	at := 0.0
	for i := 1; i < n; i++ {
		at += gap(random, a.Burstiness)
		due[i] = at
	}
	for i := 1; i < n; i++ {
		due[i] = a.when(due[i] * float64(n-1) / at)
	}
	return due
}

// when is the time by which so many requests are due, the first not counted.
func (a Arrivals) when(count float64) float64 {
	before := 0.0
	for i, s := range a.Stages {
		if n := s.Count(); count <= n && n > 0 || i == len(a.Stages)-1 {
			return before + s.when(count)
		}
		count, before = count-s.Count(), before+s.Seconds
	}
	if risen := a.Rate * a.RampUp / 2; count < risen {
		return math.Sqrt(2 * count * a.RampUp / a.Rate)
	}
	return count/a.Rate + a.RampUp/2
}

// Jitter is how the clients of a closed loop are kept from beginning all at once.
type Jitter struct {
	Seed    uint64
	Clients int
	// Seconds times Clients is the longest wait, in virtual seconds.
	Seconds float64
}

// Wait is the time before the first request of a client, in virtual seconds:
// uniform between 0 and Clients times Seconds.
func (j Jitter) Wait(client int) float64 {
	random := rand.New(rand.NewPCG(j.Seed^0x6a6974, uint64(client)))
	return random.Float64() * float64(j.Clients) * j.Seconds
}

// gap draws the time between two requests, 1 in the mean.
func gap(random *rand.Rand, shape float64) float64 {
	if math.IsInf(shape, 1) {
		return 1
	}
	return gamma(random, shape) / shape
}

// gamma draws from the gamma distribution of scale 1, by the method of
// Marsaglia and Tsang (2000), and their remark for shapes below 1.
func gamma(random *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(random, shape+1) * math.Pow(1-random.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
