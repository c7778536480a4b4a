package chart

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// horner is the plain meaning of coefficients.
func horner(c []float64, x float64) float64 {
	sum := 0.0
	for i := len(c) - 1; i >= 0; i-- {
		sum = sum*x + c[i]
	}
	return sum
}

func TestFitFindsExactPolynomials(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for degree := 0; degree <= 8; degree++ {
		c := make([]float64, degree+1)
		for i := range c {
			c[i] = rng.NormFloat64()
		}
		var points []Point
		for range degree + 5 {
			x := 4 * rng.Float64()
			points = append(points, Point{X: x, Y: horner(c, x)})
		}
		p, err := Fit(points, degree)
		if err != nil {
			t.Fatal(err)
		}
		for _, point := range points {
			if got := p.At(point.X); math.Abs(got-point.Y) > 1e-9*(1+math.Abs(point.Y)) {
				t.Errorf("degree %d at %v: %v, want %v", degree, point.X, got, point.Y)
			}
		}
	}
}

// The residuals of a least-squares fit are orthogonal to every power of x.
func TestFitLeavesOrthogonalResiduals(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var points []Point
	for range 40 {
		points = append(points, Point{X: 2*rng.Float64() - 1, Y: rng.NormFloat64()})
	}
	const degree = 4
	p, err := Fit(points, degree)
	if err != nil {
		t.Fatal(err)
	}
	for power := 0; power <= degree; power++ {
		sum := 0.0
		for _, point := range points {
			sum += (point.Y - p.At(point.X)) * math.Pow(point.X, float64(power))
		}
		if math.Abs(sum) > 1e-10 {
			t.Errorf("residuals times x^%d sum to %v", power, sum)
		}
	}
}

func TestFitDoesNotDependOnUnits(t *testing.T) {
	points := []Point{{X: 1, Y: 2}, {X: 2, Y: 1}, {X: 3, Y: 5}, {X: 5, Y: 4}, {X: 8, Y: 9}, {X: 8, Y: 7}}
	plain, err := Fit(points, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []float64{1e-150, 1e-9, 1e9, 1e150} {
		var scaled []Point
		for _, p := range points {
			scaled = append(scaled, Point{X: p.X * unit, Y: p.Y * unit})
		}
		other, err := Fit(scaled, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []float64{1, 2.5, 7} {
			if got, want := other.At(x*unit)/unit, plain.At(x); math.Abs(got-want) > 1e-9*math.Abs(want) {
				t.Errorf("in units of %g: %v, want %v", unit, got, want)
			}
		}
	}
}

func TestFitNeedsEnoughDifferentX(t *testing.T) {
	for name, c := range map[string]struct {
		xs   []float64
		want string
	}{
		"none":       {nil, "0 points"},
		"one":        {[]float64{3}, "1 point is too few for degree 3, which needs 5"},
		"four":       {[]float64{1, 2, 3, 4}, "4 points at different x are too few"},
		"equal x":    {[]float64{2, 2, 2, 2, 2, 2}, "1 point is"},
		"all but":    {[]float64{1, 2, 2, 2, 3, 3, 4}, "4 points"},
		"rounding":   {[]float64{1, 2, 3, 4, 4 + 1e-12}, "4 points"},
		"all zeroes": {[]float64{0, 0, 0, 0, 0}, "1 point is"},
	} {
		var points []Point
		for i, x := range c.xs {
			points = append(points, Point{X: x, Y: float64(i)})
		}
		if _, err := Fit(points, 3); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	five := []Point{{X: 1}, {X: 2}, {X: 3}, {X: 4}, {X: 5}}
	if _, err := Fit(five, 3); err != nil {
		t.Errorf("five points: %v", err)
	}
}
