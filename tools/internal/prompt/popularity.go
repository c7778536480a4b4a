package prompt

import (
	"math/rand/v2"
	"slices"
)

// Popularity says how often each of several beginnings is drawn: the sums of the
// weights up to and with each, without a scale.
type Popularity []float64

// NewPopularity is that of n beginnings. Zipf's law draws the k-th, from 1, with a
// probability in proportion to 1/k; else all are drawn equally often.
func NewPopularity(n int, zipf bool) Popularity {
	sum, all := 0.0, make(Popularity, n)
	for k := range all {
		weight := 1.0
		if zipf {
			weight = 1 / float64(k+1)
		}
		sum += weight
		all[k] = sum
	}
	return all
}

// Draw returns one, from 0.
func (p Popularity) Draw(random *rand.Rand) int {
	at, _ := slices.BinarySearch(p, random.Float64()*p[len(p)-1])
	return min(at, len(p)-1)
}
