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
				share := float64(k) / float64(n)
				low, high := wilson(share, float64(n), z)
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
}

// With independent requests the effect is 1 in the mean, with requests that come in
// groups of one verdict it is the groups' size, and so the interval is that of as many
// groups.
func TestDesignEffect(t *testing.T) {
	rng := newRand()
	for _, group := range []int{1, 5, 20} {
		sum := 0.0
		const times = 400
		for range times {
			blocks := make([]Kept, 20)
			for i := range blocks {
				for range 100 / group {
					blocks[i].Judged += group
					if rng.Float64() < 0.9 {
						blocks[i].Good += group
					}
				}
			}
			sum += DesignEffect(blocks)
		}
		if mean := sum / times; mean < 0.9*float64(group) || mean > 1.2*float64(group) {
			t.Errorf("groups of %d: an effect of %g", group, mean)
		}
	}
	for _, blocks := range [][]Kept{nil, {{}}, {{5, 5}, {7, 7}}, {{0, 5}, {0, 7}}, {{1, 2}}, {{1, 2}, {}}} {
		if effect := DesignEffect(blocks); effect != 1 {
			t.Errorf("%v: an effect of %g", blocks, effect)
		}
	}
}

func TestAttainmentOfBlocks(t *testing.T) {
	all, low, high := Attainment([]Kept{{9, 10}, {9, 10}, {9, 10}}, 1.96)
	if a, b := wilson(0.9, 30, 1.96); all != (Kept{27, 30}) || low != a || high != b {
		t.Errorf("%v %g %g, want %g %g", all, low, high, a, b)
	}
	if _, a, b := Attainment([]Kept{{10, 10}, {7, 10}, {10, 10}}, 1.96); !(a < low && b > high) {
		t.Errorf("groups: %g to %g, without %g to %g", a, b, low, high)
	}
	if _, low, high := Attainment(nil, 1.96); low != 0 || high != 1 {
		t.Errorf("of nothing: %g to %g", low, high)
	}
}
