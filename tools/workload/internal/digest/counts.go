package digest

import (
	"maps"
	"math"
	"slices"
)

// counts are whole numbers and how often each came: lengths repeat, so that many
// requests take little room, and their percentiles are exact.
type counts map[int]int

func (c counts) add(n int) { c[n]++ }

// distribution summarizes numbers; its fields are NaN where there are none.
type distribution struct{ mean, p50, p90, p99, max float64 }

// distribution is that of the numbers times a unit.
func (c counts) distribution(unit float64) distribution {
	values := slices.Sorted(maps.Keys(c))
	n, sum := 0, 0.0
	for _, v := range values {
		n += c[v]
		sum += float64(v) * float64(c[v])
	}
	if n == 0 {
		nan := math.NaN()
		return distribution{nan, nan, nan, nan, nan}
	}
	at := func(p float64) float64 { return c.quantile(values, n, p) * unit }
	return distribution{sum / float64(n) * unit, at(0.5), at(0.9), at(0.99), float64(values[len(values)-1]) * unit}
}

// quantile interpolates linearly between the sorted numbers, as the percentiles of
// summaries do.
func (c counts) quantile(values []int, n int, p float64) float64 {
	place := p * float64(n-1)
	low := c.nth(values, int(place))
	high := c.nth(values, int(math.Ceil(place)))
	return low + (place-math.Floor(place))*(high-low)
}

// nth is the number at a place of all in order, from 0.
func (c counts) nth(values []int, place int) float64 {
	for _, v := range values {
		if place -= c[v]; place < 0 {
			return float64(v)
		}
	}
	return float64(values[len(values)-1])
}
