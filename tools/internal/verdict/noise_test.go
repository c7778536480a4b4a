//go:build !race

package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
)

// noisy draws the values of runs whose figure has a noise that is a share of it.
func noisy(t *testing.T, rng *rand.Rand, runs int, mean, noise float64) Sample {
	values := make([]float64, runs)
	for i := range values {
		values[i] = mean * math.Exp(noise*rng.NormFloat64())
	}
	return sample(t, values...)
}

// shareWorse is how often, in percent, a server whose figures are so many times
// as large is called worse by figures of independent noise.
func shareWorse(t *testing.T, runs, figures int, noise, slower float64) float64 {
	rng, rule, worse := rand.New(rand.NewPCG(3, 5)), Rule{Threshold: 0.05, Confidence: 0.98}, 0
	const comparisons = 2000
	for range comparisons {
		var all []Verdict
		for range figures {
			i := Welch(noisy(t, rng, runs, 1, noise), noisy(t, rng, runs, slower, noise), rule.Level(figures))
			all = append(all, rule.Judge(i, true))
		}
		if Overall(all) == Worse {
			worse++
		}
	}
	return 100 * float64(worse) / comparisons
}

// It prints a table of docs/method.md: go test ./tools/internal/verdict -run Noise -v
func TestErrorsUnderNoise(t *testing.T) {
	for _, c := range []struct {
		runs, figures int
		noise         float64
	}{{3, 1, 0.04}, {5, 1, 0.02}, {5, 1, 0.04}, {5, 1, 0.08}, {5, 3, 0.04}, {5, 12, 0.04}, {10, 1, 0.04}} {
		var found []float64
		for _, slower := range []float64{1, 1.05, 1.1, 1.15, 1.2} {
			found = append(found, shareWorse(t, c.runs, c.figures, c.noise, slower))
		}
		t.Logf("| %d | %.0f %% | %d | %.1f | %.0f | %.0f | %.0f | %.0f |", c.runs, 100*c.noise, c.figures, found[0], found[1], found[2], found[3], found[4])
		if found[0] > 2 {
			t.Errorf("%+v: equal servers are worse in %.1f of 100", c, found[0])
		}
		if c.runs == 5 && c.noise == 0.04 && (found[2] < 70 || found[3] < 95) {
			t.Errorf("%+v: 10 %% is found in %.0f of 100, 15 %% in %.0f", c, found[2], found[3])
		}
	}
}
