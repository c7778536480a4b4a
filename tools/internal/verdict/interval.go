// Package verdict decides whether a figure of two servers differs: from the values of
// its runs it computes a ratio, the ratio's interval and a verdict, whatever the
// figure is.
package verdict

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Sample sums up the values of one side by their natural logarithms: ratios of
// figures are differences of logarithms, and noise that is a share of a figure
// is as large for a small one as for a large one.
type Sample struct {
	// Mean and Variance are those of the logarithms; the variance of fewer than
	// two values is not known.
	Mean, Variance float64
	// N is the number of independent values.
	N int
}

// ErrNoLogarithm is the error of a value that is not above 0.
var ErrNoLogarithm = errors.New("a value is not above 0, so there is no ratio")

// NewSample sums up values, the unbiased variance included.
func NewSample(values []float64) (Sample, error) {
	s := Sample{N: len(values)}
	for _, v := range values {
		if !(v > 0) || math.IsInf(v, 0) {
			return Sample{}, ErrNoLogarithm
		}
		s.Mean += math.Log(v) / float64(s.N)
	}
	for _, v := range values {
		s.Variance += square(math.Log(v)-s.Mean) / float64(max(1, s.N-1))
	}
	return s, nil
}

func square(x float64) float64 { return x * x }

// Interval is a ratio after / before and the ends of its confidence interval.
// Where nothing is known of the noise, the ends are 0 and +Inf.
type Interval struct{ Ratio, Low, High float64 }

// Known reports whether anything is known of the noise.
func (i Interval) Known() bool { return i.Low > 0 && !math.IsInf(i.High, 1) }

// Welch returns the interval of the ratio of two geometric means at a level
// such as 0.95: Student's t on the difference of the logarithms' means, with the
// degrees of freedom of Welch and Satterthwaite (Biometrika 34, 1947). A side with
// one value is taken to be as noisy as the other one, and where neither has two
// nothing is known.
func Welch(before, after Sample, level float64) Interval {
	difference := after.Mean - before.Mean
	reach := math.Inf(1)
	if variance, freedom := spread(before, after); freedom > 0 {
		t := distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile((1 + level) / 2)
		reach = t * math.Sqrt(variance)
	}
	return Interval{math.Exp(difference), math.Exp(difference - reach), math.Exp(difference + reach)}
}

// spread is the variance of the difference of the two means and its degrees of
// freedom, 0 where no side has two values.
func spread(before, after Sample) (variance, freedom float64) {
	a, b := before.Variance/float64(before.N), after.Variance/float64(after.N)
	switch {
	case before.N < 2 && after.N < 2:
		return 0, 0
	case before.N < 2:
		return after.Variance + b, float64(after.N - 1)
	case after.N < 2:
		return before.Variance + a, float64(before.N - 1)
	case a+b == 0:
		return 0, float64(before.N + after.N - 2)
	}
	return a + b, square(a+b) / (square(a)/float64(before.N-1) + square(b)/float64(after.N-1))
}
