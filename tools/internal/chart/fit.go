package chart

import (
	"fmt"
	"math"
	"slices"
)

// Polynomial is a sum of polynomials that are orthogonal over the points it
// was fitted to (Forsythe 1957): no system of equations, no powers of x, so
// degree 8 over throughputs is as exact as degree 1.
type Polynomial struct {
	centre, half       float64 // x is mapped to -1 ... 1
	alpha, beta, coeff []float64
}

// Fit returns the polynomial of the given degree with the least sum of squared
// differences in y. It needs degree + 2 points at different x: a curve
// through no more points than it has coefficients says nothing about them.
func Fit(points []Point, degree int) (Polynomial, error) {
	xs := make([]float64, len(points))
	for i, p := range points {
		xs[i] = p.X
	}
	if n := different(xs); n < degree+2 {
		return Polynomial{}, fmt.Errorf("%s too few for degree %d, it needs %d", countX(n), degree, degree+2)
	}
	lo, hi := slices.Min(xs), slices.Max(xs)
	p := Polynomial{centre: lo/2 + hi/2, half: hi/2 - lo/2}
	previous, current := make([]float64, len(xs)), make([]float64, len(xs))
	residual := make([]float64, len(xs))
	for i := range xs {
		xs[i] = (xs[i] - p.centre) / p.half
		current[i], residual[i] = 1, points[i].Y
	}
	lastNorm := 1.0
	for k := 0; k <= degree; k++ {
		norm := dot(current, current)
		c := dot(residual, current) / norm
		alpha, beta := 0.0, norm/lastNorm
		for i, x := range xs {
			residual[i] -= c * current[i]
			alpha += x * current[i] * current[i] / norm
		}
		for i, x := range xs {
			previous[i], current[i] = current[i], (x-alpha)*current[i]-beta*previous[i]
		}
		lastNorm = norm
		p.coeff, p.alpha, p.beta = append(p.coeff, c), append(p.alpha, alpha), append(p.beta, beta)
	}
	return p, nil
}

// At is the polynomial's value at x.
func (p Polynomial) At(x float64) float64 {
	x = (x - p.centre) / p.half
	sum, previous, current := 0.0, 0.0, 1.0
	for k, c := range p.coeff {
		sum += c * current
		previous, current = current, (x-p.alpha[k])*current-p.beta[k]*previous
	}
	return sum
}

func (s Series) fit() (Polynomial, error) { return Fit(s.Points, int(s.Curve)) }

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// different counts the xs that are apart by more than rounding.
func different(xs []float64) int {
	sorted := slices.Clone(xs)
	slices.Sort(sorted)
	n, last := 0, math.Inf(-1)
	for _, x := range sorted {
		if x-last > 1e-9*(sorted[len(sorted)-1]-sorted[0]) || n == 0 {
			n, last = n+1, x
		}
	}
	return n
}

func countX(n int) string {
	if n == 1 {
		return "1 point is"
	}
	return fmt.Sprintf("%d points at different x are", n)
}
