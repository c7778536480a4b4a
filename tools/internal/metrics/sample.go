package metrics

import (
	"math"
	"math/bits"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Percentiles returns the percentiles ps (0 to 100) of values, which it
// reorders. Between two values it interpolates linearly, at place
// p/100*(n-1) of the sorted values, as numpy.percentile does by default.
// Without values all are NaN.
//
// Values are selected, not sorted: four percentiles of the gaps of a large
// file would otherwise cost as much as reading it.
func Percentiles(values []float64, ps ...float64) []float64 {
	out := make([]float64, len(ps))
	known := 0 // nothing in front of values[known] is above anything behind it
	for i, p := range ps {
		if len(values) == 0 {
			out[i] = math.NaN()
			continue
		}
		place := p / 100 * float64(len(values)-1)
		k := int(place)
		if k < known {
			known = 0
		}
		selectNth(values[known:], k-known, 4*bits.Len(uint(len(values))))
		known = k
		out[i] = values[k]
		if part := place - float64(k); part > 0 {
			next := slices.Min(values[k+1:])
			out[i] = min(values[k]+part*(next-values[k]), next)
		}
	}
	return out
}

// selectNth brings the k-th smallest value (from 0) to its sorted place, none
// in front of it above it, none behind it below: Hoare's quickselect, and
// sorting where its pivots are so unlucky that the rounds do not suffice.
func selectNth(values []float64, k, rounds int) {
	const few = 16
	for ; len(values) > few && rounds > 0; rounds-- {
		front, back := partition(values)
		switch {
		case k < front:
			values = values[:front]
		case k >= back:
			values, k = values[back:], k-back
		default:
			return
		}
	}
	slices.Sort(values)
}

// partition parts values around a pivot: what is in front of front is at most
// the pivot, what is from back on at least, and what is between equals it.
func partition(values []float64) (front, back int) {
	first, middle, last := values[0], values[len(values)/2], values[len(values)-1]
	pivot := max(min(first, middle), min(max(first, middle), last))
	i, j := 0, len(values)-1
	for i <= j {
		for values[i] < pivot {
			i++
		}
		for values[j] > pivot {
			j--
		}
		if i <= j {
			values[i], values[j] = values[j], values[i]
			i++
			j--
		}
	}
	return j + 1, i
}

// distribution is what a Summary says of each of its times.
type distribution struct{ mean, p50, p90, p95, p99 record.Seconds }

// distribute sums up times in microseconds and reorders them.
func distribute(times []float64) distribution {
	average := mean(times)
	p := Percentiles(times, 50, 90, 95, 99)
	return distribution{seconds(average), seconds(p[0]), seconds(p[1]), seconds(p[2]), seconds(p[3])}
}

// mean is NaN without values.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// micros is a time in whole microseconds, the grain of the rows. Sums and
// differences of whole microseconds are exact in a float64, so a stream at
// exactly the promised pace is not judged by the noise of 0.3-0.2.
func micros(s record.Seconds) float64 { return math.RoundToEven(float64(s) * 1e6) }

func seconds(micros float64) record.Seconds { return record.Seconds(micros / 1e6) }

// perSecond is n divided by a span in microseconds, absent where there is none.
func perSecond(n, span float64) record.Rate {
	if !(span > 0) {
		return record.NoRate()
	}
	return record.Rate(n / span * 1e6)
}
