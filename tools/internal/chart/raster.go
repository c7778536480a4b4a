package chart

import (
	"fmt"
	"image"
	imagedraw "image/draw"
	"io"
	"math"

	gochart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// raster draws pixels with go-chart's rasteriser.
type raster struct {
	image *image.RGBA
	ctx   *drawing.RasterGraphicContext
	err   error
}

// pixelsPerPoint is the resolution at which go-chart's font sizes are pixels:
// it takes a font's size times the resolution as 64ths of a pixel.
const pixelsPerPoint = 64

func newRaster(width, height int) (*raster, error) {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	ctx, err := drawing.NewRasterGraphicContext(img)
	if err != nil {
		return nil, fmt.Errorf("setting up the picture: %w", err)
	}
	font, err := gochart.GetDefaultFont()
	if err != nil {
		return nil, fmt.Errorf("loading the font: %w", err)
	}
	ctx.SetFont(font)
	ctx.SetDPI(pixelsPerPoint)
	imagedraw.Draw(img, img.Rect, image.White, image.Point{}, imagedraw.Src)
	return &raster{image: img, ctx: ctx}, nil
}

func (r *raster) line(through []xy, p pen) {
	for _, piece := range dashes(through, p.dash) {
		r.path(piece)
		r.stroke(p)
	}
}

func (r *raster) polygon(corners []xy, fill Colour, p pen) {
	if fill != Clear {
		r.path(corners)
		r.ctx.Close()
		r.ctx.SetFillColor(solid(fill))
		r.ctx.Fill()
	}
	if p.width > 0 {
		// Once around and over the first side again: the stroker joins no ends.
		r.path(append(append([]xy(nil), corners...), corners[0], corners[1]))
		r.stroke(p)
	}
}

func (r *raster) circle(centre xy, radius float64, fill Colour, p pen) {
	const sides = 48
	corners := make([]xy, sides)
	for i := range corners {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / sides)
		corners[i] = xy{centre.x + radius*cos, centre.y + radius*sin}
	}
	r.polygon(corners, fill, p)
}

func (r *raster) text(l label) {
	r.ctx.SetFontSize(l.size)
	width, err := r.ctx.CreateStringPath(l.text, 0, 0)
	r.ctx.BeginPath() // that was for the width alone
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("writing %q: %w", l.text, err)
	}
	r.ctx.Save()
	r.ctx.Translate(l.at.x, l.at.y)
	if l.upright {
		r.ctx.Rotate(-math.Pi / 2)
	}
	r.ctx.SetFillColor(solid(l.colour))
	r.ctx.CreateStringPath(l.text, -width*float64(l.anchor)/2, 0)
	r.ctx.Fill()
	r.ctx.Restore()
}

func (r *raster) save(w io.Writer) error {
	if r.err != nil {
		return r.err
	}
	return writePNG(w, r.image)
}

func (r *raster) path(through []xy) {
	r.ctx.BeginPath()
	for i, p := range through {
		if i == 0 {
			r.ctx.MoveTo(p.x, p.y)
		} else {
			r.ctx.LineTo(p.x, p.y)
		}
	}
}

func (r *raster) stroke(p pen) {
	r.ctx.SetStrokeColor(solid(p.colour))
	r.ctx.SetLineWidth(p.width)
	r.ctx.Stroke()
}

func solid(c Colour) drawing.Color {
	return drawing.Color{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 0xff}
}
