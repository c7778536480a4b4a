package chart

import "io"

// xy is a place on the canvas in pixels, y downwards.
type xy struct{ x, y float64 }

// pen draws lines; a width of 0 draws none.
type pen struct {
	colour Colour
	width  float64
	dash   []float64 // lengths of line and gap in turn, nil for a whole line
}

// anchor is the part of a text that lies at its place.
type anchor int

const (
	start anchor = iota
	middle
	end
)

// label is one line of text; its place is on the baseline.
type label struct {
	text    string
	at      xy
	size    float64 // of the font, in pixels
	colour  Colour
	anchor  anchor
	upright bool // reads from bottom to top
}

// canvas is what a figure is drawn on.
type canvas interface {
	line(through []xy, p pen)
	polygon(corners []xy, fill Colour, p pen)
	circle(centre xy, radius float64, fill Colour, p pen)
	text(l label)
	// save writes the file; it reports what went wrong while drawing, too.
	save(w io.Writer) error
}

// PNG draws f as a PNG file.
func (f Figure) PNG(w io.Writer) error {
	return f.render(w, func(width, height int, _ ruler) (canvas, error) { return newRaster(width, height) })
}

// SVG draws f as an SVG file. Its texts are texts: they can be searched, and
// stay where they are where another font has to take the place of ours.
func (f Figure) SVG(w io.Writer) error {
	return f.render(w, func(width, height int, r ruler) (canvas, error) { return newVector(width, height, f.Title, r), nil })
}

func (f Figure) render(w io.Writer, on func(width, height int, r ruler) (canvas, error)) error {
	if err := f.Check(); err != nil {
		return err
	}
	ruler, err := newRuler()
	if err != nil {
		return err
	}
	width, height := f.size()
	c, err := on(width, height, ruler)
	if err != nil {
		return err
	}
	draw(c, f, ruler)
	return c.save(w)
}
