package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bySorting is the definition.
func bySorting(values []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	place := p / 100 * float64(len(sorted)-1)
	k := int(place)
	if k == len(sorted)-1 {
		return sorted[k]
	}
	return sorted[k] + (place-float64(k))*(sorted[k+1]-sorted[k])
}

var shapes = map[string]func(rng *rand.Rand, i int) float64{
	"random":   func(rng *rand.Rand, i int) float64 { return rng.Float64() },
	"few":      func(rng *rand.Rand, i int) float64 { return float64(rng.IntN(3)) },
	"constant": func(rng *rand.Rand, i int) float64 { return 7 },
	"rising":   func(rng *rand.Rand, i int) float64 { return float64(i) },
	"falling":  func(rng *rand.Rand, i int) float64 { return -float64(i) },
	"organ":    func(rng *rand.Rand, i int) float64 { return math.Abs(float64(i) - 500) },
}

func TestPercentilesAreThoseOfTheSortedValues(t *testing.T) {
	rng := newRand()
	for name, shape := range shapes {
		for n := 1; n < 1500; n += 1 + n/7 {
			values := make([]float64, n)
			for i := range values {
				values[i] = shape(rng, i)
			}
			ps := []float64{0, rng.Float64() * 50, 50, 90, 95, 99, 100}
			got := Percentiles(slices.Clone(values), ps...)
			for i, p := range ps {
				if want := bySorting(values, p); math.Abs(got[i]-want) > 1e-9 {
					t.Fatalf("%s, %d values: p%v is %v, want %v", name, n, p, got[i], want)
				}
			}
			if !slices.IsSorted(got) || got[0] != slices.Min(values) || got[6] != slices.Max(values) {
				t.Fatalf("%s, %d values: %v do not rise from the least to the greatest", name, n, got)
			}
			if back := Percentiles(values, 99, 50)[1]; back != got[2] {
				t.Fatalf("%s, %d values: p50 after p99 is %v, before it %v", name, n, back, got[2])
			}
		}
	}
}

// numpy.percentile([4, 1, 3, 2], [50, 90, 95, 99]) is 2.5, 3.7, 3.85, 3.97.
func TestPercentilesByHand(t *testing.T) {
	got := Percentiles([]float64{4, 1, 3, 2}, 50, 90, 95, 99)
	for i, want := range []float64{2.5, 3.7, 3.85, 3.97} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("percentiles %v", got)
		}
	}
	if got := Percentiles(nil, 50)[0]; !math.IsNaN(got) {
		t.Errorf("the median of nothing is %v", got)
	}
}

// However few rounds it has, a selection is right.
func TestSelectionFallsBackToSorting(t *testing.T) {
	rng := newRand()
	values := make([]float64, 1000)
	for i := range values {
		values[i] = float64(rng.IntN(500))
	}
	want := slices.Sorted(slices.Values(values))
	for rounds := range 20 {
		k, mixed := rng.IntN(len(values)), slices.Clone(values)
		selectNth(mixed, k, rounds)
		if mixed[k] != want[k] || slices.Max(mixed[:k+1]) > want[k] || slices.Min(mixed[k:]) < want[k] {
			t.Fatalf("%d rounds: place %d holds %v, want %v", rounds, k, mixed[k], want[k])
		}
	}
}

func BenchmarkPercentiles(b *testing.B) {
	rng := newRand()
	values, scratch := make([]float64, 30000), make([]float64, 30000)
	for i := range values {
		values[i] = math.Round(rng.ExpFloat64() * 40000)
	}
	b.SetBytes(int64(len(values) * len("0.123456 ")))
	for b.Loop() {
		copy(scratch, values)
		Percentiles(scratch, 50, 90, 95, 99)
	}
}
