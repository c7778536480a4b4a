package verdict

import (
	"errors"
	"math"
	"testing"
)

func sample(t *testing.T, values ...float64) Sample {
	t.Helper()
	s, err := NewSample(values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// near compares to a relative millionth.
func near(a, b float64) bool { return a == b || math.Abs(a-b) <= 1e-6*math.Abs(b) }

// Of 4 and 3 values of unlike spread: between the degrees of freedom of the
// smaller side alone and those of both.
func TestWelch(t *testing.T) {
	a, b := sample(t, 10, 10.5, 9.5, 11), sample(t, 11, 12, 14)
	if _, freedom := spread(a, b); !(freedom > 2 && freedom < 5) {
		t.Errorf("%v degrees of freedom", freedom)
	}
	got := Welch(a, b, 0.95)
	if !near(got.Ratio, math.Cbrt(11*12*14)/math.Pow(10*10.5*9.5*11, 0.25)) || !near(got.Low*got.High, got.Ratio*got.Ratio) {
		t.Errorf("%+v", got)
	}
}

// With t tables at hand: two values a side of equal spread have 2 degrees of
// freedom, for which t is 4.302653 at 95 %.
func TestIntervalOfTwoAndTwo(t *testing.T) {
	low, high := math.Exp(-0.01), math.Exp(0.01)
	got := Welch(sample(t, low, high), sample(t, 1.1*low, 1.1*high), 0.95)
	reach := math.Exp(4.302653 * math.Sqrt(0.0002)) // each variance is 0.0002, of two values
	if want := (Interval{1.1, 1.1 / reach, 1.1 * reach}); !near(got.Ratio, want.Ratio) || !near(got.Low, want.Low) || !near(got.High, want.High) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// One value beside three: 2 degrees of freedom, and the variance of the three.
func TestOneValueBesideSeveral(t *testing.T) {
	several := sample(t, 0.99, 1, 1.01)
	got := Welch(sample(t, 1), several, 0.95)
	reach := 4.302653 * math.Sqrt(several.Variance*4/3)
	if !near(got.High, math.Exp(several.Mean+reach)) {
		t.Errorf("%+v", got)
	}
	turned := Welch(several, sample(t, 1), 0.95)
	if !near(turned.Low, 1/got.High) || !near(turned.High, 1/got.Low) {
		t.Errorf("turned over: %+v and %+v", turned, got)
	}
}

func TestWhatIsNotKnown(t *testing.T) {
	if i := Welch(sample(t, 1), sample(t, 2), 0.95); i.Known() || i.Ratio != 2 {
		t.Errorf("one value a side: %+v", i)
	}
	if word := (Rule{0.05, 0.98}).Judge(Welch(sample(t, 1), sample(t, 2), 0.95), false); word != Unclear {
		t.Errorf("one value a side: %s", word)
	}
	if i := Welch(sample(t, 1, 1), sample(t, 2, 2), 0.95); !i.Known() || i.Low != 2 || i.High != 2 {
		t.Errorf("no noise at all: %+v", i)
	}
	for _, v := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := NewSample([]float64{1, v}); !errors.Is(err, ErrNoLogarithm) {
			t.Errorf("%v: %v", v, err)
		}
	}
}

func TestRule(t *testing.T) {
	rule := Rule{Threshold: 0.05}
	for _, c := range []struct {
		Interval
		of string
		Verdict
	}{
		{Interval{1.10, 1.06, 1.14}, "wholly beyond the threshold", Better},
		{Interval{1.06, 1.01, 1.11}, "no change is out of the question, and the ratio matters", Better},
		{Interval{1.04, 1.01, 1.07}, "a change that may not matter", Unclear},
		{Interval{1.04, 1.03, 1.05}, "a change that does not matter", Same},
		{Interval{1.08, 0.99, 1.17}, "perhaps no change", Unclear},
		{Interval{1.00, 0.97, 1.03}, "nothing", Same},
		{Interval{1.00, 0.90, 1.10}, "noise", Unclear},
		{Interval{0.90, 0.87, 0.93}, "less", Worse},
		{Interval{1 / 1.05, 0.94, 0.96}, "just as much as matters", Worse},
		{Interval{math.NaN(), math.NaN(), math.NaN()}, "nothing known", Unclear},
	} {
		if got := rule.Judge(c.Interval, false); got != c.Verdict {
			t.Errorf("%s: %s, want %s", c.of, got, c.Verdict)
		}
		want := map[Verdict]Verdict{Better: Worse, Worse: Better}[c.Verdict]
		if want == "" {
			want = c.Verdict
		}
		if got := rule.Judge(c.Interval, true); got != want {
			t.Errorf("%s, less is better: %s, want %s", c.of, got, want)
		}
	}
}

func TestOverall(t *testing.T) {
	for want, all := range map[Verdict][]Verdict{
		Worse: {Same, Better, Unclear, Worse}, Unclear: {Better, Unclear, Same}, Better: {Same, Better}, Same: {Same, Same},
	} {
		if got := Overall(all); got != want {
			t.Errorf("%v: %s", all, got)
		}
	}
	if Overall(nil) != Unclear {
		t.Error("nothing is not unclear")
	}
}

func TestLevelsHoldTogether(t *testing.T) {
	if level := (Rule{Confidence: 0.98}).Level(4); !near(level, 0.995) {
		t.Errorf("one of four: %v", level)
	}
}
