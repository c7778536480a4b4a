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

// PNG draws f as a PNG file.
func (f Figure) PNG(w io.Writer) error { return Sheet{f}.PNG(w) }

// SVG draws f as an SVG file. Its texts are texts: they can be searched, and
// stay where they are where another font has to take the place of ours.
func (f Figure) SVG(w io.Writer) error { return Sheet{f}.SVG(w) }

// PNG draws the sheet as a PNG file.
func (s Sheet) PNG(w io.Writer) error {
	c, err := s.draw(newRaster)
	if err != nil {
		return err
	}
	return writePNG(w, c.pixels)
}

// SVG draws the sheet as an SVG file.
func (s Sheet) SVG(w io.Writer) error {
	c, err := s.draw(newVector)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("%d figures", len(s))
	if len(s) == 1 {
		title = s[0].Title
	}
	return c.writeSVG(w, plain(title))
}

// String is the figures in words, one behind the other.
func (s Sheet) String() string {
	var words []string
	for _, f := range s {
		words = append(words, f.String())
	}
	return strings.Join(words, "\n")
}

func (s Sheet) draw(on func(width, height int) (*canvas, error)) (*canvas, error) {
	if len(s) == 0 {
		return nil, fmt.Errorf("no figure to draw")
	}
	for _, f := range s {
		if err := f.Check(); err != nil {
			return nil, err
		}
	}
	width, height := s[0].size()
	columns := int(math.Ceil(math.Sqrt(float64(len(s)))))
	rows := (len(s) + columns - 1) / columns
	c, err := on(width*columns, height*rows)
	if err != nil {
		return nil, fmt.Errorf("setting up the picture: %w", err)
	}
	for i, f := range s {
		c.corner = xy{float64(i % columns * width * c.grain), float64(i / columns * height * c.grain)}
		if err := c.draw(f); err != nil {
			return nil, err
		}
	}
	return c, nil
}
