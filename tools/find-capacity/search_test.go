package main

import (
	"math"
	"testing"

	"fastgenbench/tools/internal/record"
)

// sought searches for a border that lies at a load, where nothing is in doubt.
func sought(t *testing.T, s search, border float64) (found search, probes int, end record.Status) {
	t.Helper()
	tried := map[float64]bool{}
	for {
		load, end := s.next()
		if end != "" {
			return s, probes, end
		}
		if probes++; probes > 60 {
			t.Fatalf("border %g: no end at %+v", border, s)
		}
		if load < s.min || load > s.max || s.whole && load != math.Trunc(load) || s.passed > 0 && load <= s.passed || s.failed > 0 && load >= s.failed {
			t.Fatalf("border %g: tries %g with %+v", border, load, s)
		}
		tried[load] = load <= border
		s.learn(tried)
	}
}

func TestTheBorderIsFound(t *testing.T) {
	for border := 0.0101; border < 1000; border *= 1.037 {
		s, probes, end := sought(t, search{min: 0.01, max: 1024, precision: 0.05, start: 1}, border)
		if end != record.Found || s.passed > border || s.failed <= border || s.failed > s.passed*1.05+1e-9 {
			t.Errorf("border %g: %s, %+v", border, end, s)
		}
		if near := border > 0.1 && border < 60; near && probes > 12 {
			t.Errorf("border %g: %d probes", border, probes)
		}
		s, _, end = sought(t, search{min: 1, max: 1024, precision: 0.05, start: 4, whole: true}, math.Floor(border)+1)
		if end != record.Found || s.passed > math.Floor(border)+1 || s.failed <= border+1 || s.failed > s.passed*1.05+1 {
			t.Errorf("border %g clients: %s, %+v", math.Floor(border)+1, end, s)
		}
	}
}

func TestNoBorderIsTold(t *testing.T) {
	for _, c := range []struct {
		s      search
		border float64
		end    record.Status
	}{
		{search{min: 0.01, max: 1024, precision: 0.05, start: 1}, 0, record.SmallestFails},
		{search{min: 0.01, max: 1024, precision: 0.05, start: 1}, math.Inf(1), record.LargestPasses},
		{search{min: 3, max: 3, precision: 0.05, start: 3}, 2, record.SmallestFails},
		{search{min: 3, max: 3, precision: 0.05, start: 3}, 4, record.LargestPasses},
		{search{min: 1, max: 100, precision: 0.05, start: 4, whole: true}, 0, record.SmallestFails},
		{search{min: 1, max: 100, precision: 0.05, start: 4, whole: true}, 100, record.LargestPasses},
	} {
		if s, _, end := sought(t, c.s, c.border); end != c.end {
			t.Errorf("border %g: %s, %+v", c.border, end, s)
		}
	}
}
