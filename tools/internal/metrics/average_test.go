package metrics

import (
	"math"
	"testing"
)

// ewm is the definition that pandas documents for ewm(span=16).mean().
func ewm(values []float64) float64 {
	sum, weights, weight := 0.0, 0.0, 1.0
	for i := len(values) - 1; i >= 0; i-- {
		sum += weight * values[i]
		weights += weight
		weight *= 1 - 2.0/17
	}
	return sum / weights
}

func TestAverageIsThatOfPandas(t *testing.T) {
	rng := newRand()
	for range 200 {
		average := NewAverage(16)
		var values []float64
		for range 1 + rng.IntN(200) {
			values = append(values, rng.ExpFloat64())
			if got, want := average.Add(values[len(values)-1]), ewm(values); math.Abs(got-want) > 1e-12*want {
				t.Fatalf("mean of %d values is %v, want %v", len(values), got, want)
			}
		}
	}
}

// pandas.Series([1, 2, 4]).ewm(span=16).mean() is 1, 1.53125, 2.459038.
func TestAverageByHand(t *testing.T) {
	average := NewAverage(16)
	for i, want := range []float64{1, 1.53125, 2.459038} {
		if got := average.Add([]float64{1, 2, 4}[i]); math.Abs(got-want) > 1e-6 {
			t.Errorf("mean %d is %v, want %v", i, got, want)
		}
	}
}

func TestAverageOfEqualValuesIsExact(t *testing.T) {
	average := NewAverage(16)
	for i := range 1000 {
		if got := average.Add(100000); got != 100000 {
			t.Fatalf("mean after %d equal values is %v", i, got)
		}
	}
}
