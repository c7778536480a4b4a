package metrics

import (
	"cmp"
	"math"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Percentiles returns the percentiles ps (0 to 100) of values, which it
// sorts. Between two values it interpolates linearly, at place p/100*(n-1) of
// the sorted values, as numpy.percentile does by default. Without values all
// are NaN.
func Percentiles(values []float64, ps ...float64) []float64 {
	slices.Sort(values)
	return interpolate(len(values), func(k int) float64 { return values[k] }, ps)
}

// interpolate reads percentiles off n sorted values.
func interpolate(n int, value func(k int) float64, ps []float64) []float64 {
	out := make([]float64, len(ps))
	for i, p := range ps {
		if n == 0 {
			out[i] = math.NaN()
			continue
		}
		place := p / 100 * float64(n-1)
		k := int(place)
		out[i] = value(k)
		if part := place - float64(k); part > 0 {
			next := value(k + 1)
			out[i] = min(out[i]+part*(next-out[i]), next)
		}
	}
	return out
}

// sample is many times in microseconds. Equal times that came together are
// kept as one and their number, so that a row's tokens cost no more memory than
// its text.
type sample struct {
	ones []float64
	many []bundle
}

// bundle is one time, n times.
type bundle struct {
	time float64
	n    int
}

func (s *sample) add(time float64, n int) {
	switch {
	case n == 1:
		s.ones = append(s.ones, time)
	case n > 1:
		s.many = append(s.many, bundle{time, n})
	}
}

func (s *sample) join(other sample) {
	s.ones = append(s.ones, other.ones...)
	s.many = append(s.many, other.many...)
}

// size is how many times there are.
func (s sample) size() int {
	n := len(s.ones)
	for _, b := range s.many {
		n += b.n
	}
	return n
}

// mean is NaN without times.
func (s sample) mean() float64 {
	sum := 0.0
	for _, one := range s.ones {
		sum += one
	}
	for _, b := range s.many {
		sum += b.time * float64(b.n)
	}
	return sum / float64(s.size())
}

// percentiles is Percentiles; it sorts the sample.
func (s sample) percentiles(ps ...float64) []float64 {
	if len(s.many) == 0 {
		return Percentiles(s.ones, ps...)
	}
	all := slices.Clone(s.many)
	for _, one := range s.ones {
		all = append(all, bundle{one, 1})
	}
	slices.SortFunc(all, func(a, b bundle) int { return cmp.Compare(a.time, b.time) })
	ends, n := make([]int, len(all)), 0
	for i, b := range all {
		n += b.n
		ends[i] = n
	}
	return interpolate(n, func(k int) float64 {
		i, _ := slices.BinarySearch(ends, k+1)
		return all[i].time
	}, ps)
}

// distribution is what a Summary says of each of its times.
type distribution struct{ mean, p50, p90, p95, p99 record.Seconds }

func (s sample) distribution() distribution {
	average := s.mean() // before the order changes, which the last digit of a sum depends on
	p := s.percentiles(50, 90, 95, 99)
	return distribution{seconds(average), seconds(p[0]), seconds(p[1]), seconds(p[2]), seconds(p[3])}
}

// distribute sums up times in microseconds and sorts them.
func distribute(times []float64) distribution { return sample{ones: times}.distribution() }

// mean is NaN without values.
func mean(values []float64) float64 { return sample{ones: values}.mean() }

// largest of none is NaN.
func largest(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return slices.Max(values)
}

// micros is a time in whole microseconds, the grain of the rows. Sums and
// differences of whole microseconds are exact in a float64, so a stream at
// exactly the promised pace is not judged by the noise of 0.3-0.2.
func micros(seconds float64) float64 { return math.RoundToEven(seconds * 1e6) }

func seconds(micros float64) record.Seconds { return record.InSeconds(micros / 1e6) }

// perSecond is n divided by a span in microseconds, absent where there is none.
func perSecond(n, span float64) record.Rate {
	if !(span > 0) {
		return record.Rate{}
	}
	return record.RateOf(n / span * 1e6)
}
