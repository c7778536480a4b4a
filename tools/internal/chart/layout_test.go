package chart

import (
	"io"
	"math"
	"testing"
)

// notes is a canvas that remembers where things are.
type notes struct {
	ruler  ruler
	labels []label
	lines  [][]xy
	places []xy // of whatever is no text
}

func (n *notes) line(through []xy, _ pen) {
	n.lines = append(n.lines, through)
	n.places = append(n.places, through...)
}
func (n *notes) polygon(corners []xy, _ Colour, _ pen) { n.places = append(n.places, corners...) }
func (n *notes) circle(c xy, radius float64, _ Colour, _ pen) {
	n.places = append(n.places, xy{c.x - radius, c.y - radius}, xy{c.x + radius, c.y + radius})
}
func (n *notes) text(l label)         { n.labels = append(n.labels, l) }
func (n *notes) save(io.Writer) error { return nil }

// box is what a label covers.
func (n *notes) box(l label) box {
	width := n.ruler.width(l.text, l.size)
	from := -width * float64(l.anchor) / 2
	if l.upright {
		return box{l.at.x - 0.75*l.size, l.at.y - from - width, l.at.x + 0.2*l.size, l.at.y - from}
	}
	return box{l.at.x + from, l.at.y - 0.75*l.size, l.at.x + from + width, l.at.y + 0.2*l.size}
}

func noted(t *testing.T, f Figure) *notes {
	t.Helper()
	r, err := newRuler()
	if err != nil {
		t.Fatal(err)
	}
	n := &notes{ruler: r}
	draw(n, f, r)
	return n
}

func TestNothingIsClipped(t *testing.T) {
	for name, f := range corners() {
		n := noted(t, f)
		w, h := f.size()
		picture := box{0, 0, float64(w), float64(h)}
		for _, l := range n.labels {
			b := n.box(l)
			if area := (b.right - b.left) * (b.bottom - b.top); b.overlap(picture) < area*(1-1e-9) {
				t.Errorf("%s: %q leaves the picture: %v", name, l.text, b)
			}
		}
		for _, p := range n.places {
			if !(p.x >= 0 && p.y >= 0 && p.x <= picture.right && p.y <= picture.bottom) {
				t.Errorf("%s: something is drawn at %v", name, p)
			}
		}
	}
}

// Labels beside marks may have to touch where there is no room at all.
func TestNoTextLiesOnAnother(t *testing.T) {
	for name, f := range corners() {
		for i := range f.Series {
			for k := range f.Series[i].Points {
				f.Series[i].Points[k].Label = ""
			}
		}
		n := noted(t, f)
		for i, l := range n.labels {
			for _, other := range n.labels[:i] {
				if n.box(l).overlap(n.box(other)) > 0 {
					t.Errorf("%s: %q lies on %q", name, l.text, other.text)
				}
			}
		}
	}
}

func TestPointLabelsAvoidEachOther(t *testing.T) {
	f := usual()
	f.Series = f.Series[:2]
	n := noted(t, f)
	var beside []label
	for _, l := range n.labels {
		if len(l.text) == 1 && l.colour != textColour {
			beside = append(beside, l)
		}
	}
	if len(beside) != 17 {
		t.Fatalf("%d labels beside 17 marks", len(beside))
	}
	for i, l := range beside {
		for _, other := range beside[:i] {
			if n.box(l).overlap(n.box(other)) > 0 {
				t.Errorf("%q at %v lies on %q", l.text, l.at, other.text)
			}
		}
	}
}

// A dashed curve is one line, sampled densely, that ends where the data do.
func TestCurveIsDense(t *testing.T) {
	f := usual()
	f.Series = f.Series[:1]
	n := noted(t, f)
	longest := 0.0
	found := false
	for _, line := range n.lines {
		if len(line) < fitSamples {
			continue
		}
		found = true
		for i := 1; i < len(line); i++ {
			longest = math.Max(longest, math.Hypot(line[i].x-line[i-1].x, line[i].y-line[i-1].y))
		}
	}
	if !found || longest > 10 {
		t.Errorf("curve found: %v, its longest piece has %v pixels", found, longest)
	}
}

func TestClipKeepsToThePlotArea(t *testing.T) {
	l := layout{left: 0, right: 100, top: 0, bottom: 100, x: scale{lo: 0, hi: 10}, y: scale{lo: 0, hi: 10}}
	// Up and out, back in, and out below.
	pieces := l.clip([]xy{{1, 5}, {2, 15}, {4, 15}, {5, 5}, {6, -5}, {7, -5}, {8, 5}, {12, 5}})
	want := [][]xy{{{10, 50}, {15, 0}}, {{45, 0}, {50, 50}, {55, 100}}, {{75, 100}, {80, 50}, {100, 50}}}
	if len(pieces) != len(want) {
		t.Fatalf("pieces %v, want %v", pieces, want)
	}
	for i := range want {
		for k := range want[i] {
			if got := pieces[i][k]; math.Hypot(got.x-want[i][k].x, got.y-want[i][k].y) > 1e-9 {
				t.Errorf("piece %d: %v, want %v", i, pieces[i], want[i])
			}
		}
	}
	if got := l.clip([]xy{{-1, -1}, {-1, 20}}); got != nil {
		t.Errorf("a line outside left %v", got)
	}
}

func TestWrap(t *testing.T) {
	r, err := newRuler()
	if err != nil {
		t.Fatal(err)
	}
	const size = 20
	for _, text := range []string{"", "short", "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60, TP: 1", "averyveryverylongwordthatmustbebroken and more", "模型模型模型模型模型模型模型"} {
		joined := ""
		for _, line := range r.wrap(text, size, 150) {
			if w := r.width(line, size); w > 150 {
				t.Errorf("%q is %v wide", line, w)
			}
			joined += line
		}
		if squeeze(joined) != squeeze(text) {
			t.Errorf("%q became %q", text, joined)
		}
	}
}

func squeeze(text string) string {
	out := ""
	for _, r := range text {
		if r != ' ' {
			out += string(r)
		}
	}
	return out
}
