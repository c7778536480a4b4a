package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		hi, cut float64
		about   int
		want    string
	}{
		{17.9, 0, 8, "0 5 10 15 20"},
		{1.94, 0, 8, "0 0.5 1.0 1.5 2.0"},
		{1, 0, 10, "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0"},
		{33, 0, 4, "0 10 20 30 40"},
		{33, 35, 4, "0 10 20 30"},
		{0, 0, 5, "0 0.2 0.4 0.6 0.8 1.0"},
		{2.1e-6, 0, 5, "0 5e-7 1e-6 1.5e-6 2e-6 2.5e-6"},
		{150000, 0, 3, "0 50000 100000 150000"},
		{3.2e8, 0, 4, "0 1e8 2e8 3e8 4e8"},
	} {
		if got := strings.Join(newScale(0, c.hi, Axis{Max: c.cut}, c.about).labels(), " "); got != c.want {
			t.Errorf("0 ... %v cut at %v, about %d: %s, want %s", c.hi, c.cut, c.about, got, c.want)
		}
	}
}

func TestWholeTicks(t *testing.T) {
	for hi, want := range map[float64]string{2.5: "0 1 2 3", 0.5: "0 1", 17: "0 2 4 6 8 10 12 14 16 18"} {
		if got := strings.Join(newScale(0, hi, Axis{Whole: true}, 10).labels(), " "); got != want {
			t.Errorf("0 ... %v: %s, want %s", hi, got, want)
		}
	}
}

// The laws of round ticks, over eighty powers of ten.
func TestTicksAreRound(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		hi := math.Pow(10, 80*rng.Float64()-40)
		lo := 0.0
		if rng.IntN(4) == 0 {
			lo = -hi * rng.Float64()
		}
		about := 2 + rng.IntN(9)
		s := newScale(lo, hi, Axis{}, about)
		n := len(s.ticks)
		if n < 2 || n > about+2 || s.lo > lo+1e-9*hi || s.hi < hi*(1-1e-9) {
			t.Fatalf("%v ... %v, about %d: %v", lo, hi, about, s)
		}
		if s.ticks[0].Value != s.lo || s.ticks[n-1].Value != s.hi {
			t.Fatalf("%v ... %v does not begin and end at a tick: %v", lo, hi, s)
		}
		if !slices.Contains([]string{"1", "2", "5"}, strings.TrimRight(digits((s.hi-s.lo)/float64(n-1)), "0")) {
			t.Fatalf("%v ... %v: step %v is not round", lo, hi, (s.hi-s.lo)/float64(n-1))
		}
		for i, tick := range s.ticks {
			v, err := strconv.ParseFloat(tick.Label, 64)
			if err != nil || math.Abs(v-tick.Value) > 1e-12*math.Abs(v) || slices.Index(s.labels(), tick.Label) != i || len(tick.Label) > 9 {
				t.Fatalf("tick %v of %v is labelled %q", tick.Value, s, tick.Label)
			}
		}
	}
}

// digits are the digits of v to nine places.
func digits(v float64) string {
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(v, 'e', 9, 64), "e")
	return strings.Replace(mantissa, ".", "", 1)
}

func TestDashesKeepTheirLengths(t *testing.T) {
	var curve []xy
	for i := range 397 {
		x := float64(i) / 4
		curve = append(curve, xy{x, 0})
	}
	pieces := dashes(curve, []float64{6, 4})
	if len(pieces) != 10 {
		t.Fatalf("%d dashes over 99 pixels, want 10", len(pieces))
	}
	for i, piece := range pieces {
		from, to := piece[0].x, piece[len(piece)-1].x
		if math.Abs(from-float64(10*i)) > 1e-9 || math.Abs(to-from-6) > 1e-9 {
			t.Errorf("dash %d runs from %v to %v", i, from, to)
		}
	}
	if whole := dashes(curve, nil); len(whole) != 1 || len(whole[0]) != len(curve) {
		t.Error("a line without dashes was cut")
	}
}
