package digest

import (
	"math"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// most is how many stretches of time are kept at the most.
const most = 160

// stretch is a piece of time.
type stretch struct {
	requests               int
	tokens, cached, hashed float64 // of prompts
}

// arrivals are the timestamps, by stretches that double in width when there are
// too many of them.
type arrivals struct {
	first, last float64
	timed       int
	late        int
	gaps        moments
	second      float64 // the second that is being counted, since first
	inSecond    int
	peak        int

	width     float64 // seconds of a stretch
	stretches []stretch
}

// moments are the sums of numbers (Welford 1962).
type moments struct{ n, mean, squares float64 }

func (m *moments) add(v float64) {
	m.n++
	off := v - m.mean
	m.mean += off / m.n
	m.squares += off * (v - m.mean)
}

// add takes a request and how many tokens of its prompt are cached.
func (a *arrivals) add(r workload.Request, cached int) {
	if !r.Timestamp.Known() {
		return
	}
	at := r.Timestamp.Float()
	switch {
	case a.timed == 0:
		a.first, a.last = at, at
	case at < a.last:
		a.late++
	default:
		a.gaps.add(at - a.last)
		a.last = at
	}
	a.timed++
	since := max(0, at-a.first)
	a.countSecond(math.Floor(since))
	s := a.stretch(since)
	s.requests++
	s.tokens += float64(r.InputLength)
	if len(r.HashIDs) > 0 {
		s.hashed += float64(r.InputLength)
		s.cached += float64(cached)
	}
}

// countSecond counts the requests of each second. One that comes late counts as
// part of the current one.
func (a *arrivals) countSecond(second float64) {
	if second > a.second {
		a.second, a.inSecond = second, 0
	}
	a.inSecond++
	a.peak = max(a.peak, a.inSecond)
}

func (a *arrivals) stretch(since float64) *stretch {
	for since/a.width >= most {
		a.double()
	}
	i := int(since / a.width)
	for len(a.stretches) <= i {
		a.stretches = append(a.stretches, stretch{})
	}
	return &a.stretches[i]
}

// double joins neighbours.
func (a *arrivals) double() {
	a.width *= 2
	half := (len(a.stretches) + 1) / 2
	for i := range half {
		joined := a.stretches[2*i]
		if 2*i+1 < len(a.stretches) {
			other := a.stretches[2*i+1]
			joined.requests += other.requests
			joined.tokens += other.tokens
			joined.hashed += other.hashed
			joined.cached += other.cached
		}
		a.stretches[i] = joined
	}
	a.stretches = a.stretches[:half]
}

func (a *arrivals) describe(row *Row) {
	if a.timed == 0 {
		return
	}
	span := a.last - a.first
	row.SpanS = record.InSeconds(span)
	row.PeakRPS = rate(float64(a.peak))
	if span > 0 {
		row.RateRPS = rate(float64(a.timed-1) / span)
		row.ArrivalCV = rate(math.Sqrt(a.gaps.squares/a.gaps.n) / a.gaps.mean)
	}
}
