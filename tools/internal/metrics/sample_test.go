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

// A sample's percentiles, mean and size are those of all times written out.
func TestBundlesCountAsOften(t *testing.T) {
	rng := newRand()
	for range 500 {
		var s sample
		var all []float64
		for range 1 + rng.IntN(30) {
			time, n := float64(rng.IntN(20)), 1+rng.IntN(2)*rng.IntN(50)
			s.add(time, n)
			all = append(all, slices.Repeat([]float64{time}, n)...)
		}
		if s.size() != len(all) || math.Abs(s.mean()-mean(all)) > 1e-9 {
			t.Fatalf("%v has %d times of mean %v, want %d of %v", s, s.size(), s.mean(), len(all), mean(all))
		}
		ps := []float64{0, rng.Float64() * 100, 50, 90, 95, 99, 100}
		got, want := s.percentiles(ps...), Percentiles(all, ps...)
		for i := range ps {
			if math.Abs(got[i]-want[i]) > 1e-9 {
				t.Fatalf("%v: p%v is %v, want %v", s, ps[i], got[i], want[i])
			}
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
