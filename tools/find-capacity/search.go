package main

import (
	"math"
	"strconv"

	"fastgenbench/tools/internal/record"
)

// search finds the border between loads that pass and loads that fail: it doubles
// until one fails, or halves until one passes, and then bisects. It supposes that
// what is above a load that fails fails, too.
type search struct {
	min, max float64
	// precision is by which share of itself the border may lie above the most load
	// that passed; clients come in whole numbers, which may be coarser.
	precision float64
	whole     bool

	start          float64
	passed, failed float64 // 0: none yet
}

// learn takes in whether each of the loads that were tried passes. Where one that
// passes lies above one that fails, the least that fails counts.
func (s *search) learn(tried map[float64]bool) {
	s.passed, s.failed = 0, 0
	for load, passes := range tried {
		if !passes && (s.failed == 0 || load < s.failed) {
			s.failed = load
		}
	}
	for load, passes := range tried {
		if passes && load > s.passed && (s.failed == 0 || load < s.failed) {
			s.passed = load
		}
	}
}

// next is the load to try now; 0 with a status when there is no more to try.
func (s *search) next() (load float64, end record.Status) {
	switch {
	case s.passed == 0 && s.failed == 0:
		return s.start, ""
	case s.passed == 0 && s.failed <= s.min:
		return 0, record.SmallestFails
	case s.passed == 0:
		return max(s.min, s.round(s.failed/2)), ""
	case s.failed == 0 && s.passed >= s.max:
		return 0, record.LargestPasses
	case s.failed == 0:
		return min(s.max, s.round(2*s.passed)), ""
	case s.narrow():
		return 0, record.Found
	}
	return s.middle(), ""
}

// narrow reports whether the border is known well enough.
func (s *search) narrow() bool {
	const noise = 1e-9 // of a quotient
	return s.failed <= s.passed*(1+s.precision+noise) || s.whole && s.failed-s.passed <= 1
}

// middle is the geometric mean, in few digits where these tell it from both ends.
func (s *search) middle() float64 {
	exact := math.Sqrt(s.passed * s.failed)
	if rounded := s.round(exact); rounded > s.passed && rounded < s.failed {
		return rounded
	}
	if s.whole {
		return s.passed + 1
	}
	return exact
}

// round is a whole number of clients, or three digits of a rate.
func (s *search) round(load float64) float64 {
	if s.whole {
		return max(1, math.Floor(load))
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(load, 'g', 3, 64), 64)
	if err != nil {
		return load
	}
	return rounded
}
