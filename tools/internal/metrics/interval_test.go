package metrics

import (
	"math"
	"testing"
)

// The ends are the shares that lie z standard deviations of their own from what was
// seen: |share - p| = z sqrt(p (1-p) / n), solved by nobody's formula.
func TestWilsonIsTheScoreInterval(t *testing.T) {
	for _, z := range []float64{1, 1.645, 1.96, 3} {
		for _, n := range []int{1, 2, 7, 36, 1000} {
			for k := range n + 1 {
				low, high := Wilson(k, n, z)
				share := float64(k) / float64(n)
				if low > share || high < share || low < 0 || high > 1 {
					t.Fatalf("%d of %d: %g to %g", k, n, low, high)
				}
				for _, end := range []float64{low, high} {
					if off := math.Abs(share-end) - z*math.Sqrt(end*(1-end)/float64(n)); math.Abs(off) > 1e-9 {
						t.Fatalf("%d of %d at %g: %g is off by %g", k, n, z, end, off)
					}
				}
			}
		}
	}
	if low, high := Wilson(0, 0, 1.96); low != 0 || high != 1 {
		t.Errorf("of nothing: %g to %g", low, high)
	}
}
