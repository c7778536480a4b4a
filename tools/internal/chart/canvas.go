package chart

import (
	"image"
	"io"
	"math"

	gochart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// xy is a place on the canvas in its units, y downwards.
type xy struct{ x, y float64 }

// pen draws lines; a width of 0 draws none.
type pen struct {
	colour Colour
	width  float64
	dash   []float64 // lengths of line and gap in turn, nil for a whole line
}

// canvas is one of go-chart's renderers with what they lack: places between
// whole units, aligned texts, and several figures on one picture.
type canvas struct {
	gochart.Renderer
	width, height int         // of the picture in pixels
	grain         int         // units in a pixel
	dpi           float64     // at which a font's size is in units
	pixels        *image.RGBA // that PNG's renderer draws on, nil for SVG's
	ruler         ruler
	corner        xy      // of the figure on a sheet
	texts         []label // all that is written
	fill          Colour
	size          float64 // of the font
	axis          axisView
}

// newCanvas sets up a picture of so many pixels.
func newCanvas(on gochart.RendererProvider, width, height, grain int, dpi float64) (*canvas, error) {
	font, err := gochart.GetDefaultFont()
	if err != nil {
		return nil, err
	}
	r, err := on(width*grain, height*grain)
	if err != nil {
		return nil, err
	}
	c := &canvas{Renderer: r, width: width, height: height, grain: grain, dpi: dpi, ruler: ruler{gochart.Style{Font: font}}}
	c.axis.stretch = xy{1, 1}
	return c, nil
}

// Save does nothing: a chart saves itself, and a sheet has several.
func (c *canvas) Save(io.Writer) error { return nil }

// to continues the path at a place, or begins it there. PNG's renderer takes
// whole pixels, but radii between them: an arc of no angle ends where it begins.
func (c *canvas) to(p xy, first bool) {
	x, y := c.corner.x+p.x, c.corner.y+p.y
	left, top := math.Floor(x), math.Floor(y)
	switch {
	case c.pixels != nil:
		c.ArcTo(int(left), int(top), (x-left)*math.Sqrt2, (y-top)*math.Sqrt2, math.Pi/4, 0)
	case first:
		c.Renderer.MoveTo(nearest(x), nearest(y))
	default:
		c.Renderer.LineTo(nearest(x), nearest(y))
	}
}

func (c *canvas) path(through []xy) {
	for i, p := range through {
		c.to(p, i == 0)
	}
}

func (c *canvas) use(fill Colour, p pen) {
	c.fill = fill
	c.SetFillColor(solid(fill))
	c.SetStrokeColor(solid(p.colour))
	c.SetStrokeWidth(p.width)
	c.SetStrokeDashArray(p.dash)
}

func (c *canvas) line(through []xy, p pen) {
	pieces := [][]xy{through}
	if c.pixels != nil {
		pieces, p.dash = dashes(through, p.dash), nil
	}
	c.use(Clear, p)
	for _, piece := range pieces {
		c.path(piece)
		c.Stroke()
	}
}

// polygon begins between two corners: PNG's renderer joins no ends.
func (c *canvas) polygon(corners []xy, fill Colour, p pen) {
	first, last := corners[0], corners[len(corners)-1]
	c.use(fill, p)
	c.path(append([]xy{{(first.x + last.x) / 2, (first.y + last.y) / 2}}, corners...))
	c.Close()
	c.FillStroke()
}

// circle has many corners in PNG, where go-chart's own bulges.
func (c *canvas) circle(centre xy, radius float64, fill Colour, p pen) {
	if c.pixels == nil {
		c.use(fill, p)
		c.Circle(radius, nearest(c.corner.x+centre.x), nearest(c.corner.y+centre.y))
		return
	}
	c.polygon(ring(centre, radius, 48, 0), fill, p)
}

// FillStroke fills only where a fill is set: a chart's background, which is not
// to be seen, would take as long as all the rest.
func (c *canvas) FillStroke() {
	if c.fill == Clear {
		c.Renderer.Stroke()
	} else {
		c.Renderer.FillStroke()
	}
}

// solid is c as go-chart has it, which paints nothing with its zero, as with Clear.
func solid(c Colour) drawing.Color {
	return drawing.Color{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff * uint8(1-c>>24)}
}

func nearest(v float64) int { return int(math.Round(v)) }
