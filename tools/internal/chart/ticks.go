package chart

import (
	"math"
	"strconv"
	"strings"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// scale is an axis that is ready to be drawn.
type scale struct {
	lo, hi float64 // its ends, in data
	ticks  []gochart.Tick
}

func (s scale) labels() []string {
	var labels []string
	for _, tick := range s.ticks {
		labels = append(labels, tick.Label)
	}
	return labels
}

// newScale is the axis over lo ... hi with about so many intervals, 2 to 10.
// It ends where the axis is cut, else at a tick.
func newScale(lo, hi float64, axis Axis, about int) scale {
	if axis.Max > 0 {
		hi = axis.Max
	}
	if hi-lo < smallest {
		hi = lo + 1
	}
	step := stepOf(hi-lo, min(max(about, 2), 10))
	if axis.Whole && step.exponent < 0 {
		step.digit, step.exponent = 1, 0
	}
	lo = step.at(math.Floor(step.in(lo) + rounding))
	if axis.Max == 0 {
		hi = step.at(math.Ceil(step.in(hi) - rounding))
	}
	s := scale{lo: lo, hi: hi}
	for k := math.Round(step.in(lo)); k <= step.in(hi)+rounding; k++ {
		s.ticks = append(s.ticks, gochart.Tick{Value: step.at(k), Label: step.label(k)})
	}
	return s
}

const (
	rounding = 1e-9
	// smallest and largest bound what can be measured off, far from the ends
	// of float64.
	smallest, largest = 1e-200, 1e200
)

// fraction is where v lies: 0 at the low end, 1 at the high end.
func (s scale) fraction(v float64) float64 { return (v - s.lo) / (s.hi - s.lo) }

// step is digit * 10^exponent, kept apart so that multiples print exactly.
type step struct {
	digit    float64
	exponent int
}

// stepOf is the smallest round step, 1, 2 or 5 times a power of ten, that
// covers span with at most about intervals.
func stepOf(span float64, about int) step {
	most := float64(about)
	for exponent := int(math.Floor(math.Log10(span / most))); ; exponent++ {
		for _, digit := range []float64{1, 2, 5} {
			if s := (step{digit, exponent}); s.in(span) <= most*(1+rounding) {
				return s
			}
		}
	}
}

// at is k steps. A division by a power of ten is exact where a multiplication
// with its inverse is not.
func (s step) at(k float64) float64 {
	if s.exponent < 0 {
		return k * s.digit / math.Pow10(-s.exponent)
	}
	return k * s.digit * math.Pow10(s.exponent)
}

// in is how many steps v is.
func (s step) in(v float64) float64 { return v / s.at(1) }

// label is k steps as people write it: as many decimals as the step has, and
// powers of ten only where zeros would have to be counted.
func (s step) label(k float64) string {
	switch {
	case k == 0:
		return "0"
	case s.exponent >= -4 && s.exponent <= 4:
		return strconv.FormatFloat(s.at(k), 'f', max(0, -s.exponent), 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(k*s.digit, 'e', -1, 64), "e")
	power, _ := strconv.Atoi(exponent)
	return mantissa + "e" + strconv.Itoa(power+s.exponent)
}
