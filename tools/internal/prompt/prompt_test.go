package prompt

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

var lengths = Lengths{MeanPrompt: 2600, MeanNew: 60, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 4000}

func TestLengthsAreThoseAskedFor(t *testing.T) {
	const n = 20000
	var prompts, news, capped float64
	for i := range n {
		size := lengths.Draw(7, i)
		if size.Prompt < 1 || size.Prompt > 4000 || size.New < 1 {
			t.Fatalf("request %d asks for %+v", i, size)
		}
		if size.Prompt == 4000 {
			capped++
		}
		prompts += float64(size.Prompt)
		news += float64(size.New)
	}
	if mean := news / n; math.Abs(mean-59.5) > 0.5 {
		t.Errorf("mean of the generation lengths %v", mean)
	}
	if mean := prompts / n; mean < 2550 || mean > 2600 {
		t.Errorf("mean of the prompt lengths %v", mean)
	}
	if share := capped / n; share < 0.03 || share > 0.045 { // beyond (4000-2600)/780 deviations
		t.Errorf("%v of the prompts are capped", share)
	}
}

func TestLengthsFollowTheSeedAlone(t *testing.T) {
	if once, again := lengths.Draw(1, 5), lengths.Draw(1, 5); once != again {
		t.Error("the same seed drew another size")
	}
	if lengths.Draw(1, 5) == lengths.Draw(2, 5) {
		t.Error("another seed drew the same size")
	}
	fixed := Lengths{MeanPrompt: 100, MeanNew: 10}
	if got := fixed.Draw(3, 9); got != (Size{100, 10}) {
		t.Errorf("without variance: %+v", got)
	}
}

func TestPromptsAreOfTheLengthAndOfTheRun(t *testing.T) {
	m := Maker{Run: "a", IDs: []int{5, 6, 7, 8, 900}}
	got := m.Make(3, 2600)
	if len(got.IDs) != 2600 || got.Text != "" {
		t.Fatalf("%d ids, text %q", len(got.IDs), got.Text)
	}
	for _, id := range got.IDs {
		if !slices.Contains(m.IDs, id) {
			t.Fatalf("id %d is not one of %v", id, m.IDs)
		}
	}
	other := Maker{Run: "b", IDs: m.IDs}
	if !slices.Equal(got.IDs, m.Make(3, 2600).IDs) || slices.Equal(got.IDs[:40], other.Make(3, 2600).IDs[:40]) {
		t.Error("prompts must be the same within a run and others in the next")
	}
}

// No two prompts share more than the digits that their serials share, whatever
// they are made of, and another run's begin differently.
func TestPromptsShareNoMoreThanAFewFirstTokens(t *testing.T) {
	ids := make([]int, 190)
	for i := range ids {
		ids[i] = 10 + i
	}
	for name, m := range map[string]Maker{"ids": {Run: "a", IDs: ids}, "words": {Run: "a"}, "few words": {Run: "a", Words: words[:16]}} {
		begun := map[string]int{}
		for serial := range 4000 {
			p := m.Make(serial, 64)
			begin := fmt.Sprint(p.IDs[:min(4, len(p.IDs))])
			if p.Text != "" {
				begin = strings.Join(strings.Fields(p.Text)[:4], " ")
			}
			if other, known := begun[begin]; known {
				t.Fatalf("%s: prompts %d and %d both begin with %s", name, other, serial, begin)
			}
			begun[begin] = serial
		}
		other := m
		other.Run = "b"
		if a, b := m.Make(7, 64), other.Make(7, 64); slices.Equal(a.IDs, b.IDs) && a.Text == b.Text {
			t.Errorf("%s: two runs sent the same prompt", name)
		}
	}
}

func TestShortPromptsAreAsShortAsAsked(t *testing.T) {
	m := Maker{Run: "a", IDs: []int{7}}
	if got := m.Make(5, 2).IDs; !slices.Equal(got, []int{7, 7}) {
		t.Errorf("of one id: %v", got)
	}
	m.IDs = []int{1, 2, 3}
	if got := m.Make(5, 1).IDs; len(got) != 1 {
		t.Errorf("one token asked for, %v made", got)
	}
}

// fakeCount is a tokenizer: some words are two tokens, and it adds a few.
func fakeCount(overhead int, split string) func(string) (int, error) {
	return func(text string) (int, error) {
		n := overhead
		for _, word := range strings.Fields(text) {
			n++
			if split != "" && strings.ContainsAny(word, split) {
				n++
			}
		}
		return n, nil
	}
}

func TestTextsAreFittedToTheServersCount(t *testing.T) {
	for _, c := range []struct {
		overhead  int
		split     string
		tolerance int
	}{{0, "", 0}, {1, "", 0}, {37, "", 0}, {1, "e", 0}, {1, "aeo", 0}, {1, "aeiouy", 200}} {
		count := fakeCount(c.overhead, c.split)
		m := Maker{Run: "r"}
		off, err := m.Fit(count)
		if err != nil || off > 0.1 || c.split == "" && off != 0 {
			t.Errorf("fit is off by %v, %v", off, err)
		}
		got, _ := count(m.Make(1, 2600).Text)
		if math.Abs(float64(got-2600)) > float64(c.tolerance) {
			t.Errorf("asked for 2600 tokens and %+v, got %d", c, got)
		}
	}
}

// Whatever the run is called: no text that is as long as asked for by luck stands
// for all others.
func TestAFitIsNoLuck(t *testing.T) {
	count := fakeCount(1, "aeo")
	for i := range 500 {
		m := Maker{Run: fmt.Sprint("run ", i)}
		if off, err := m.Fit(count); err != nil || off != 0 {
			t.Errorf("%s: off by %v, %v", m.Run, off, err)
		}
		if got, _ := count(m.Make(1, 128).Text); got != 128 {
			t.Errorf("%s: asked for 128 tokens, got %d", m.Run, got)
		}
	}
}

func TestAFitThatCannotBeIsAnError(t *testing.T) {
	m := Maker{Run: "r"}
	if _, err := m.Fit(func(string) (int, error) { return 3, nil }); err == nil {
		t.Error("a constant count passed")
	}
	if _, err := m.Fit(func(string) (int, error) { return 0, errors.New("no") }); err == nil {
		t.Error("an error was lost")
	}
	if got := m.Make(0, 3).Text; len(strings.Fields(got)) != 3 {
		t.Errorf("unfitted, 3 tokens are %q", got)
	}
}

func ExampleMaker() {
	m := Maker{Run: "example"}
	fmt.Println(len(strings.Fields(m.Make(0, 5).Text)))
	// Output: 5
}

func TestContextLetsGenerationsGiveWay(t *testing.T) {
	free := Lengths{MeanPrompt: 1900, MeanNew: 128, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 2000}
	bound := free
	bound.Context = 2048
	cut := 0
	for i := range 500 {
		was, is := free.Draw(1, i), bound.Draw(1, i)
		if is.Prompt+is.New > 2048 || is.New < 1 || is.Prompt != was.Prompt || is.New > was.New {
			t.Fatalf("request %d: %+v became %+v", i, was, is)
		}
		if is != was {
			cut++
		}
	}
	if cut == 0 || cut == 500 {
		t.Errorf("%d of 500 were cut", cut)
	}
}

// Parts of one name are the same tokens in every prompt of a run, and others in
// another run; own parts are as Make has them.
func TestPartsOfPrompts(t *testing.T) {
	for _, m := range []Maker{{Run: "a"}, {Run: "a", IDs: []int{3, 5, 7, 11, 13, 17, 19, 23}}} {
		words := func(p Prompt) []string {
			if len(p.IDs) > 0 {
				return strings.Fields(strings.Trim(fmt.Sprint(p.IDs), "[]"))
			}
			return strings.Fields(p.Text)
		}
		parts := []Part{{"x", 40}, {"y", 25}, {"", 30}}
		one, two := words(m.Compose(1, parts)), words(m.Compose(2, parts))
		if len(one) != 95 || !slices.Equal(one[:65], two[:65]) || slices.Equal(one[65:], two[65:]) {
			t.Errorf("%v\n%v", one, two)
		}
		if own := words(m.Make(1, 30)); !slices.Equal(own, one[65:]) {
			t.Errorf("own tokens are %v, of Make %v", one[65:], own)
		}
		if other := words(m.Compose(1, []Part{{"x", 50}})); !slices.Equal(other[:40], one[:40]) {
			t.Error("a longer part of one name begins otherwise")
		}
		m.Run = "b"
		if other := words(m.Compose(1, parts)); slices.Equal(other[:40], one[:40]) {
			t.Error("another run has the same tokens")
		}
	}
}

func TestLawsOfLengths(t *testing.T) {
	for _, law := range []Law{Normal, Lognormal, Fixed} {
		l := Lengths{Law: law, MeanPrompt: 1000, MeanNew: 1, PromptVar: 0.3}
		sum, square := 0.0, 0.0
		const n = 20000
		for i := range n {
			x := float64(l.Draw(7, i).Prompt)
			sum, square = sum+x, square+x*x
		}
		mean := sum / n
		deviation, want := math.Sqrt(square/n-mean*mean), map[Law]float64{Normal: 300, Lognormal: 300, Fixed: 0}[law]
		if math.Abs(mean-1000) > 8 || math.Abs(deviation-want) > 10 {
			t.Errorf("%s: mean %v, deviation %v, want 1000 and %v", law, mean, deviation, want)
		}
	}
}
