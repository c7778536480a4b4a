package chart

import (
	"io"

	gochart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

const (
	textColour  Colour = 0x222222
	quietColour Colour = 0x555555
	axisColour  Colour = 0x444444
	gridColour  Colour = 0xE4E4E4
)

// part is a part of the figure as go-chart's Series, without values of its own.
type part struct {
	gochart.ContinuousSeries
	layout *layout
	draw   func(*layout, *canvas)
}

// Render draws the part where the chart says.
func (p part) Render(r gochart.Renderer, plot gochart.Box, x, y gochart.Range, _ gochart.Style) {
	p.layout.plot, p.layout.xRange, p.layout.yRange = plot, x, y
	p.draw(p.layout, r.(*canvas))
}

// draw puts the whole figure on the canvas.
func (c *canvas) draw(f Figure) error {
	l := newLayout(f, c.ruler, c.grain)
	c.fill = Clear
	return l.chart(c.dpi).Render(func(int, int) (gochart.Renderer, error) { return c, nil }, io.Discard)
}

// chart has the parts of the figure from the back to the front.
func (l *layout) chart(dpi float64) gochart.Chart {
	unseen := gochart.Style{FillColor: drawing.ColorTransparent}
	c := gochart.Chart{
		Width: int(l.width), Height: int(l.height), DPI: dpi, Background: unseen, Canvas: unseen,
		XAxis:          gochart.XAxis{Style: gochart.Hidden(), Range: whole{&gochart.ContinuousRange{Min: l.x.lo, Max: l.x.hi}}},
		YAxis:          gochart.YAxis{Style: gochart.Hidden(), Range: whole{&gochart.ContinuousRange{Min: l.y.lo, Max: l.y.hi}}},
		YAxisSecondary: gochart.HideYAxis(),
		Elements:       []gochart.Renderable{l.drawWords},
	}
	c.Background.Padding = gochart.NewBox(int(l.top), int(l.left), int(l.width-l.right), int(l.height-l.bottom))
	parts := []func(*layout, *canvas){(*layout).drawGrid, (*layout).drawCurves, (*layout).drawAxes, (*layout).drawSpreads, (*layout).drawMarks, (*layout).drawPointLabels}
	if l.figure.Bars {
		parts = []func(*layout, *canvas){(*layout).drawGrid, (*layout).drawBars, (*layout).drawCurves, (*layout).drawAxes}
	}
	for _, draw := range parts {
		c.Series = append(c.Series, part{layout: l, draw: draw})
	}
	return c
}

// drawWords draws what stands around the plot area.
func (l *layout) drawWords(r gochart.Renderer, _ gochart.Box, _ gochart.Style) {
	c := r.(*canvas)
	l.drawTitle(c)
	l.drawLegend(c)
	l.drawCaptions(c)
}

func (l *layout) drawTitle(c *canvas) {
	y := l.px(margin)
	write := func(lines []string, size float64, colour Colour) {
		for _, line := range lines {
			c.text(label{text: line, at: xy{l.width / 2, y + l.px(size)}, size: l.px(size), colour: colour, anchor: middle})
			y += l.px(lineHeight * size)
		}
	}
	write(l.title, titleSize, textColour)
	write(l.subtitle, subtitleSize, quietColour)
}

// drawCaptions names the y axis from bottom to top: go-chart's name reads the
// other way.
func (l *layout) drawCaptions(c *canvas) {
	size := l.px(captionSize)
	centre := xy{(l.left + l.right) / 2, (l.top + l.bottom) / 2}
	if name := plain(l.figure.Y.Label); name != "" {
		c.text(label{text: name, at: xy{l.px(margin) + size*0.8, centre.y}, size: size, colour: textColour, anchor: middle, upright: true})
	}
	if len(l.figure.Series) == 0 {
		c.text(label{text: "no points", at: centre, size: size, colour: quietColour, anchor: middle})
	}
}

// drawMarks draws the references last: hollow, they hide nothing.
func (l *layout) drawMarks(c *canvas) {
	for _, reference := range []bool{false, true} {
		for _, s := range l.figure.Series {
			if s.Reference != reference {
				continue
			}
			for _, p := range l.figure.inside(s.Points) {
				s.mark(p.Fill, l.px(markRadius)).draw(c, l.at(p.X, p.Y))
			}
		}
	}
}
