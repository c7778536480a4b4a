package metrics

import "math"

// wilson is the interval in which a share lies that was seen in n requests, at z
// standard deviations: 1.96 is a confidence of 95 %. It is the score interval of
// E. B. Wilson (1927), which stays within 0 and 1 and holds for few requests and for
// shares near 1, as the usual share +- z sqrt(...) does not.
func wilson(share, n, z float64) (low, high float64) {
	zz := z * z
	middle := (share + zz/(2*n)) / (1 + zz/n)
	half := z / (1 + zz/n) * math.Sqrt(share*(1-share)/n+zz/(4*n*n))
	return max(0, min(share, middle-half)), min(1, max(share, middle+half))
}

// Kept is how many of some requests that can be judged kept a level.
type Kept struct{ Good, Judged int }

// Add joins two numbers.
func (k Kept) Add(other Kept) Kept { return Kept{k.Good + other.Good, k.Judged + other.Judged} }

// Share is the attainment; NaN of no requests.
func (k Kept) Share() float64 { return float64(k.Good) / float64(k.Judged) }

// Attainment is the share of all requests of the blocks that kept the level, and
// Wilson's interval for it. Blocks are requests that followed one another.
//
// Requests of one run are not independent: a burst of arrivals makes many of them
// late together. The interval is that of judged / DesignEffect independent requests;
// without any it is 0 to 1.
func Attainment(blocks []Kept, z float64) (all Kept, low, high float64) {
	for _, b := range blocks {
		all = all.Add(b)
	}
	if all.Judged == 0 {
		return all, 0, 1
	}
	low, high = wilson(all.Share(), float64(all.Judged)/DesignEffect(blocks), z)
	return all, low, high
}

// DesignEffect is by which factor the shares of blocks vary more than those of
// independent requests would (L. Kish, 1965): the sum of n (share - mean share)^2,
// divided by its expectation. It is 1 at least, and where every request is good or
// none is, which shows nothing of how they depend on each other.
func DesignEffect(blocks []Kept) float64 {
	var all Kept
	used := 0
	for _, b := range blocks {
		if all = all.Add(b); b.Judged > 0 {
			used++
		}
	}
	p := all.Share()
	if used < 2 || !(p > 0 && p < 1) {
		return 1
	}
	sum := 0.0
	for _, b := range blocks {
		if b.Judged > 0 {
			sum += float64(b.Judged) * (b.Share() - p) * (b.Share() - p)
		}
	}
	return max(1, sum/float64(used-1)/(p*(1-p)))
}
