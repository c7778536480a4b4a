package chart

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Sheet is several figures on one picture, in rows of about as many as there
// are rows; each keeps its own size, and the first one's is everybody's cell.
type Sheet []Figure

// columns is how many figures stand side by side.
func (s Sheet) columns() int { return int(math.Ceil(math.Sqrt(float64(len(s))))) }

// PNG draws the sheet as a PNG file.
func (s Sheet) PNG(w io.Writer) error {
	return s.render(w, func(width, height int, _ ruler) (canvas, error) { return newRaster(width, height) })
}

// SVG draws the sheet as an SVG file.
func (s Sheet) SVG(w io.Writer) error {
	return s.render(w, func(width, height int, r ruler) (canvas, error) {
		return newVector(width, height, fmt.Sprintf("%d figures", len(s)), r), nil
	})
}

// String is the figures in words, one behind the other.
func (s Sheet) String() string {
	var words []string
	for _, f := range s {
		words = append(words, f.String())
	}
	return strings.Join(words, "\n")
}

func (s Sheet) render(w io.Writer, on func(width, height int, r ruler) (canvas, error)) error {
	if len(s) == 0 {
		return fmt.Errorf("a sheet without figures")
	}
	for _, f := range s {
		if err := f.Check(); err != nil {
			return err
		}
	}
	ruler, err := newRuler()
	if err != nil {
		return err
	}
	width, height := s[0].size()
	columns := s.columns()
	rows := (len(s) + columns - 1) / columns
	c, err := on(width*columns, height*rows, ruler)
	if err != nil {
		return err
	}
	for i, f := range s {
		corner := xy{float64(i % columns * width), float64(i / columns * height)}
		draw(shifted{c, corner}, f, ruler)
	}
	return c.save(w)
}

// shifted draws on a part of another canvas.
type shifted struct {
	canvas
	by xy
}

func (s shifted) move(points []xy) []xy {
	moved := make([]xy, len(points))
	for i, p := range points {
		moved[i] = s.moveOne(p)
	}
	return moved
}

func (s shifted) moveOne(p xy) xy { return xy{p.x + s.by.x, p.y + s.by.y} }

func (s shifted) line(through []xy, p pen) { s.canvas.line(s.move(through), p) }

func (s shifted) polygon(corners []xy, fill Colour, p pen) {
	s.canvas.polygon(s.move(corners), fill, p)
}

func (s shifted) circle(c xy, radius float64, fill Colour, p pen) {
	s.canvas.circle(s.moveOne(c), radius, fill, p)
}

func (s shifted) text(l label) {
	l.at = s.moveOne(l.at)
	s.canvas.text(l)
}
