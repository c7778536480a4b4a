package chart

import (
	"math"
	"testing"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// notes is SVG's renderer, which remembers where things are.
type notes struct {
	gochart.Renderer
	canvas *canvas
	lines  [][]xy
	places []xy // of whatever is no text
}

func (n *notes) MoveTo(x, y int) {
	n.lines = append(n.lines, nil)
	n.LineTo(x, y)
}

func (n *notes) LineTo(x, y int) {
	place := xy{float64(x) / svgGrain, float64(y) / svgGrain}
	n.lines[len(n.lines)-1] = append(n.lines[len(n.lines)-1], place)
	n.places = append(n.places, place)
}

func (n *notes) Circle(radius float64, x, y int) {
	n.MoveTo(x-int(radius), y-int(radius))
	n.MoveTo(x+int(radius), y+int(radius))
}

// box is what a label covers, in pixels.
func (n *notes) box(l label) box {
	width := n.canvas.ruler.width(l.text, l.size)
	from := -width * float64(l.anchor) / 2
	b := box{l.at.x + from, l.at.y - 0.75*l.size, l.at.x + from + width, l.at.y + 0.2*l.size}
	if l.upright {
		b = box{l.at.x - 0.75*l.size, l.at.y - from - width, l.at.x + 0.2*l.size, l.at.y - from}
	}
	return box{b.left / svgGrain, b.top / svgGrain, b.right / svgGrain, b.bottom / svgGrain}
}

func noted(t *testing.T, f Figure) *notes {
	t.Helper()
	c, err := newVector(f.size())
	if err != nil {
		t.Fatal(err)
	}
	n := &notes{Renderer: c.Renderer, canvas: c}
	c.Renderer = n
	if err := c.draw(f); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNothingIsClipped(t *testing.T) {
	for name, f := range corners() {
		n := noted(t, f)
		w, h := f.size()
		picture := box{0, 0, float64(w), float64(h)}
		for _, l := range n.canvas.texts {
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
		for i, l := range n.canvas.texts {
			for _, other := range n.canvas.texts[:i] {
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
	for _, l := range n.canvas.texts {
		if len(l.text) == 1 && l.colour == darken(Palette[0]) || l.colour == darken(Palette[1]) {
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

func TestPointLabelsKeepOffSpreads(t *testing.T) {
	f := usual()
	f.Series = f.Series[:1]
	f.Series[0].Curve = NoCurve
	for i := range f.Series[0].Points {
		p := &f.Series[0].Points[i]
		p.Spread = &Spread{p.X - 0.3, p.X + 0.4, p.Y - 2, p.Y + 2}
	}
	n := noted(t, f)
	l := newLayout(f, n.canvas.ruler, 1)
	for _, p := range f.Series[0].Points {
		for _, line := range l.spread(p) {
			for _, text := range n.canvas.texts {
				if text.colour == darken(Palette[0]) && n.box(text).overlap(between(line[0], line[1], 1)) > 0 {
					t.Errorf("%q lies on the range of %v", text.text, p)
				}
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
	c, err := newVector(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := c.ruler
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
