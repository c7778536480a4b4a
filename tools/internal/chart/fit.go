package chart

import (
	"fmt"
	"slices"

	"github.com/wcharczuk/go-chart/v2/matrix"
)

// Polynomial is a sum of powers of x, which is mapped to -1 ... 1: so degree 8
// over throughputs is as exact as degree 1.
type Polynomial struct {
	centre, half float64
	coeff        []float64
}

// Fit returns the polynomial of the given degree with the least sum of squared
// differences in y, as go-chart finds it. It needs degree + 2 points at different
// x: a curve through no more points than it has coefficients says nothing about them.
func Fit(points []Point, degree int) (Polynomial, error) {
	var xs, ys []float64
	for _, p := range points {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	if n := different(xs); n < degree+2 {
		return Polynomial{}, fmt.Errorf("%s too few for degree %d, which needs %d", countX(n), degree, degree+2)
	}
	lo, hi := slices.Min(xs), slices.Max(xs)
	p := Polynomial{centre: lo/2 + hi/2, half: hi/2 - lo/2}
	for i := range xs {
		xs[i] = (xs[i] - p.centre) / p.half
	}
	coeff, err := matrix.Poly(xs, ys, degree)
	p.coeff = coeff
	return p, err
}

// At is the polynomial's value at x.
func (p Polynomial) At(x float64) float64 {
	sum := 0.0
	x = (x - p.centre) / p.half
	for _, c := range slices.Backward(p.coeff) {
		sum = sum*x + c
	}
	return sum
}

func (s Series) fit() (Polynomial, error) { return Fit(s.Points, int(s.Curve)) }

// different counts the xs that are apart by more than rounding.
func different(xs []float64) int {
	if len(xs) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(xs))
	rounding := 1e-9 * (sorted[len(sorted)-1] - sorted[0])
	return len(slices.CompactFunc(sorted, func(x, before float64) bool { return x-before <= rounding }))
}

func countX(n int) string {
	if n == 1 {
		return "1 point is"
	}
	return fmt.Sprintf("%d points at different x are", n)
}
