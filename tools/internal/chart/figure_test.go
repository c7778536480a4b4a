package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"strings"
	"testing"
)

func series(name string, n int, y func(x float64) float64) Series {
	s := Series{Name: name, Colour: Palette[0], Curve: 3}
	for i := range n {
		x := float64(i + 1)
		s.Points = append(s.Points, Point{X: x, Y: y(x), Label: fmt.Sprint(i)})
	}
	return s
}

// usual has one of everything.
func usual() Figure {
	fast := series("DeepSpeed-FastGen", 9, func(x float64) float64 { return 1 + x*x/4 })
	slow := series("vLLM (simulated)", 8, func(x float64) float64 { return 2 + x*x/3 })
	slow.Colour, slow.Shape = Palette[1], Square
	slow.Points[2].Fill, slow.Points[3].Fill = Hollow, Crossed
	published := series("DeepSpeed-FastGen (published)", 7, func(x float64) float64 { return 1.2 + x*x/4 })
	published.Shape, published.Reference = Diamond, true
	return Figure{
		Title: "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60, TP: 1", Subtitle: "A6000",
		X: Axis{Label: "Throughput (queries/s)"}, Y: Axis{Label: "Latency (s)"},
		Series: []Series{fast, slow, published}, FillNames: [fills]string{"", "client-limited", "partial"},
	}
}

func bars() Figure {
	f := usual()
	f.Bars, f.X.Label, f.Categories = true, "", []string{"P50", "P90", "P95"}
	for i := range f.Series {
		s := &f.Series[i]
		s.Curve, s.Points = NoCurve, s.Points[:3]
		for k := range s.Points {
			s.Points[k].X = float64(k)
			s.Points[k].Fill = Fill(k * i % int(fills))
		}
	}
	return f
}

// corner are figures that are hard to draw, by name.
func corners() map[string]Figure {
	change := func(f Figure, how func(*Figure)) Figure { how(&f); return f }
	points := func(p ...Point) func(*Figure) {
		return func(f *Figure) { f.Series = []Series{{Name: "s", Curve: 3, Points: p}} }
	}
	return map[string]Figure{
		"usual":            usual(),
		"bars":             bars(),
		"nothing":          {},
		"no series":        change(usual(), func(f *Figure) { f.Series = nil }),
		"series no points": change(usual(), points()),
		"one point":        change(usual(), points(Point{X: 3, Y: 4, Label: "12"})),
		"one at 0":         change(usual(), points(Point{})),
		"equal x":          change(usual(), points(Point{X: 2, Y: 1}, Point{X: 2, Y: 2}, Point{X: 2, Y: 3})),
		"equal points":     change(usual(), points(Point{X: 2, Y: 1, Label: "a"}, Point{X: 2, Y: 1, Label: "b"})),
		"below 0":          change(usual(), points(Point{X: -2, Y: -1}, Point{X: 2, Y: 1})),
		"huge":             change(usual(), points(Point{X: 2e99, Y: 1e120}, Point{X: 3e99, Y: 2e120})),
		"tiny":             change(usual(), points(Point{X: 2e-99, Y: 1e-120}, Point{X: 3e-99, Y: 2e-120})),
		"denormal":         change(usual(), points(Point{X: 5e-324, Y: 5e-324})),
		"small":            change(usual(), func(f *Figure) { f.Width, f.Height = MinSide, MinSide }),
		"wide":             change(usual(), func(f *Figure) { f.Width, f.Height = 1600, 300 }),
		"high":             change(usual(), func(f *Figure) { f.Width, f.Height = 300, 1600 }),
		"cut":              change(usual(), func(f *Figure) { f.X.Max, f.Y.Max = 4.5, 7 }),
		"cut all":          change(usual(), func(f *Figure) { f.X.Max, f.Y.Max = 0.01, 0.01 }),
		"joined":           change(usual(), func(f *Figure) { f.Series[0].Curve = Join }),
		"nasty title":      change(usual(), func(f *Figure) { f.Title = "a<b> & \"c\" 'd' \x00\x1b[1m\xff </svg> 模型" }),
		"long title":       change(usual(), func(f *Figure) { f.Title = strings.Repeat("Llama-", 33) + " and other words" }),
		"long names":       change(usual(), func(f *Figure) { f.Series[1].Name = strings.Repeat("a long name ", 16) }),
		"many series":      change(usual(), func(f *Figure) { f.Series = many(30) }),
		"many bars":        change(bars(), func(f *Figure) { f.Series, f.Categories = many(12), []string{"P50", "P75", "P90", "P95"} }),
		"bars by number":   change(bars(), func(f *Figure) { f.Categories, f.Series[0].Curve = nil, 1 }),
		"one bar":          change(bars(), func(f *Figure) { f.Series = []Series{{Name: "s", Points: []Point{{Y: 3, Label: "3"}}}} }),
		"empty bars":       change(bars(), func(f *Figure) { f.Series = nil }),
	}
}

func many(n int) []Series {
	var all []Series
	for i := range n {
		s := series(fmt.Sprintf("series number %d", i), 3, func(x float64) float64 { return x * float64(i+1) })
		s.Colour, s.Shape = Palette[i%len(Palette)], Shape(i%int(shapes))
		all = append(all, s)
	}
	return all
}

func TestPNGIsAPictureOfTheAskedSize(t *testing.T) {
	for name, f := range corners() {
		if name != "usual" { // a quarter of the size: the race detector makes pixels expensive
			w, h := f.size()
			f.Width, f.Height = max(w/4, MinSide), max(h/4, MinSide)
		}
		var out bytes.Buffer
		if err := f.PNG(&out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := png.Decode(&out)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		w, h := f.size()
		if b := img.Bounds(); b.Dx() != w || b.Dy() != h {
			t.Errorf("%s: %v, want %d x %d", name, b, w, h)
		}
		inked := 0
		pixels, ok := img.(*image.RGBA) // what an opaque file is read as
		if !ok {
			t.Fatalf("%s: %T is not opaque", name, img)
		}
		for i := 0; i < len(pixels.Pix); i += 4 {
			if pixels.Pix[i] < 0xc0 {
				inked++
			}
		}
		if inked < w {
			t.Errorf("%s: %d dark pixels: blank", name, inked)
		}
	}
}

func TestSVGIsWellFormed(t *testing.T) {
	for name, f := range corners() {
		var out bytes.Buffer
		if err := f.SVG(&out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text := out.String(); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%s: a place is not a number", name)
		}
		for d := xml.NewDecoder(&out); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
}

func TestEveryDrawingIsTheSame(t *testing.T) {
	for _, draw := range []func(Sheet, io.Writer) error{Sheet.PNG, Sheet.SVG} {
		var first, second bytes.Buffer
		figures := Sheet{usual(), bars(), usual()}
		for i := range figures {
			figures[i].Width, figures[i].Height = 320, 240
		}
		if err := errors.Join(draw(figures, &first), draw(figures, &second)); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%d bytes, then %d others: %v", first.Len(), second.Len(), err)
		}
	}
}

// The golden figure: UPDATE_GOLDEN=1 go test writes it anew.
func TestGoldenSVG(t *testing.T) {
	for name, f := range map[string]Figure{"points": usual(), "bars": bars()} {
		var out bytes.Buffer
		if err := f.SVG(&out); err != nil {
			t.Fatal(err)
		}
		path := "testdata/" + name + ".svg"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, out.Bytes()) {
			t.Errorf("%s is drawn differently than in %s; look at it, then UPDATE_GOLDEN=1", name, path)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, f := range map[string]Figure{
		"too small": {Width: 10, Height: 10}, "too large": {Width: 1 << 20},
		"below 0": {X: Axis{Max: -1}}, "no limit": {Y: Axis{Max: math.NaN()}},
		"no number": {Series: []Series{{Points: []Point{{X: math.NaN()}}}}},
		"category":  {Categories: []string{"a"}, Series: []Series{{Points: []Point{{X: 1}}}}},
		"no end":    {Series: []Series{{Points: []Point{{Y: math.Inf(1)}}}}},
	} {
		if err := f.PNG(io.Discard); err == nil {
			t.Errorf("%s was drawn", name)
		}
	}
}

func TestRemarks(t *testing.T) {
	f := usual()
	if got := f.Remarks(); len(got) != 0 {
		t.Errorf("remarks on a figure that shows all: %q", got)
	}
	f.Series = f.Series[:1]
	f.Series[0].Points = f.Series[0].Points[:3]
	f.X.Max = 2
	want := []string{
		"DeepSpeed-FastGen: no curve is fitted: 3 points at different x are too few for degree 3, which needs 5",
		"DeepSpeed-FastGen: 1 of 3 points lie behind the end of an axis",
	}
	if got := f.Remarks(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("remarks %q", got)
	}
}

func TestString(t *testing.T) {
	f := bars()
	f.Series = f.Series[1:2]
	f.Y.Max = 3
	want := `title "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60, TP: 1"
subtitle "A6000"
x "" all
y "Latency (s)" to 3
bars
series "vLLM (simulated)" #E69F00 square none
  P50 2.33333 "0"
  P90 3.33333 "1" hollow
  P95 5 "2" crossed
`
	if got := f.String(); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestTint(t *testing.T) {
	for white, want := range map[float64]string{0: "#0072B2", 0.5: "#80B9D9", 1: "#FFFFFF"} {
		if got := Palette[0].Tint(white).String(); got != want {
			t.Errorf("tint %v is %s, want %s", white, got, want)
		}
	}
}

func BenchmarkPNG(b *testing.B) { benchmark(b, Figure.PNG) }
func BenchmarkSVG(b *testing.B) { benchmark(b, Figure.SVG) }

func benchmark(b *testing.B, draw func(Figure, io.Writer) error) {
	f := usual()
	for b.Loop() {
		if err := draw(f, io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
