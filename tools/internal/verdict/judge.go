package verdict

import "math"

// Verdict says what became of a figure. No word is the beginning of another.
type Verdict string

// The verdicts.
const (
	Better  Verdict = "better"
	Worse   Verdict = "worse"
	Same    Verdict = "same"
	Unclear Verdict = "unclear"
)

// Rule is how an interval is judged.
type Rule struct {
	// Threshold is the share from which on a difference matters: at 0.05 a figure
	// that is 1.05 times the other one, or 1/1.05.
	Threshold float64
	// Confidence is the share of comparisons of equal servers in which no interval
	// of all those that decide together misses 1.
	Confidence float64
}

// Level is the level of each of so many intervals that decide together, after
// Bonferroni: their chances to be wrong add up to 1 - Confidence at most.
func (r Rule) Level(intervals int) float64 {
	return 1 - (1-r.Confidence)/float64(max(1, intervals))
}

// Judge says worse or better where the whole interval lies on one side of 1 and
// the ratio itself reaches the threshold; same where the whole interval lies
// within the threshold; and unclear otherwise. Of a figure of which less is
// better the ratio is turned over.
func (r Rule) Judge(i Interval, lessIsBetter bool) Verdict {
	if lessIsBetter {
		i = Interval{1 / i.Ratio, 1 / i.High, 1 / i.Low}
	}
	matters := 1 + r.Threshold
	switch {
	case math.IsNaN(i.Ratio):
		return Unclear
	case i.High < 1 && i.Ratio*matters <= 1:
		return Worse
	case i.Low > 1 && i.Ratio >= matters:
		return Better
	case i.Low*matters >= 1 && i.High <= matters:
		return Same
	}
	return Unclear
}

// Overall is the verdict on several figures together: one that is worse makes
// the whole worse, and one that is unclear leaves it unclear. The verdict on
// nothing is unclear.
func Overall(all []Verdict) Verdict {
	for _, one := range []Verdict{Worse, Unclear, Better, Same} {
		for _, v := range all {
			if v == one {
				return one
			}
		}
	}
	return Unclear
}
