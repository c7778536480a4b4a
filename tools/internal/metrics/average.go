package metrics

// Average is an exponentially weighted mean of a growing list: value i of n
// weighs (1-alpha)^(n-i) with alpha = 2/(span+1), and the weights are divided
// by their sum. That is ewm(span=..., adjust=True).mean() of pandas, which the
// original suite's rule ema16 uses with span 16.
type Average struct {
	keep   float64 // 1-alpha
	weight float64 // sum of all weights
	mean   float64
}

// NewAverage returns the mean of nothing yet.
func NewAverage(span int) Average {
	return Average{keep: 1 - 2/(float64(span)+1)}
}

// Add takes the next value and returns the mean. In this form, a step towards
// the value instead of a quotient of two sums, equal values have exactly
// themselves as mean.
func (a *Average) Add(value float64) float64 {
	a.weight = 1 + a.keep*a.weight
	a.mean += (value - a.mean) / a.weight
	return a.mean
}
