package chart

import (
	"html"
	"math"

	gochart "github.com/wcharczuk/go-chart/v2"
)

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
	size    float64 // of the font
	colour  Colour
	anchor  anchor
	upright bool // reads from bottom to top
}

// letters is the style of text. SVG names its fonts once for all.
func (c *canvas) letters(size float64, colour Colour) gochart.Style {
	style := gochart.Style{FontSize: size, FontColor: solid(colour)}
	if c.pixels != nil {
		style.Font = c.ruler.style.Font
	}
	return style
}

// SetFontSize remembers the size.
func (c *canvas) SetFontSize(size float64) {
	c.size = size
	c.Renderer.SetFontSize(size)
}

func (c *canvas) text(l label) {
	c.letters(l.size, l.colour).WriteTextOptionsToRenderer(c)
	c.write(l)
}

// write writes in the renderer's style. PNG's renderer begins each text at its
// place; in SVG the viewer aligns them, since its font may be another.
func (c *canvas) write(l label) {
	c.texts = append(c.texts, l)
	at, text := xy{c.corner.x + l.at.x, c.corner.y + l.at.y}, html.EscapeString(l.text)
	if c.pixels != nil {
		text = l.text
		back := c.ruler.run(text, l.size, func(rune) bool { return false }) * float64(l.anchor) / 2
		if l.upright {
			at.y += back
		} else {
			at.x -= back
		}
	}
	if l.upright {
		c.SetTextRotation(-math.Pi / 2)
		defer c.ClearTextRotation()
	}
	c.Renderer.Text(text, nearest(at.x), nearest(at.y))
}
