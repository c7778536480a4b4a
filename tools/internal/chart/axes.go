package chart

import gochart "github.com/wcharczuk/go-chart/v2"

// axisView is how go-chart's axes are drawn on the canvas. Their distances are
// fixed and are stretched to what suits the figure; their texts are given
// no width, and are aligned to where they are put.
type axisView struct {
	origin, stretch xy
	anchor          anchor
	half            float64 // of a pixel, to its middle, where lines of an odd width run
}

func (a axisView) at(x, y int) xy {
	return xy{a.half + a.origin.x + (float64(x)-a.origin.x)*a.stretch.x, a.half + a.origin.y + (float64(y)-a.origin.y)*a.stretch.y}
}

// SetStrokeWidth keeps lines sharp where a unit is a pixel.
func (c *canvas) SetStrokeWidth(width float64) {
	c.axis.half = float64(nearest(width)%2/c.grain) / 2
	c.Renderer.SetStrokeWidth(width)
}

// MoveTo, LineTo, Text and MeasureText are what go-chart itself calls.
func (c *canvas) MoveTo(x, y int) { c.to(c.axis.at(x, y), true) }

// LineTo continues the path.
func (c *canvas) LineTo(x, y int) { c.to(c.axis.at(x, y), false) }

// Text writes in the style that is set.
func (c *canvas) Text(text string, x, y int) {
	c.write(label{text: text, at: c.axis.at(x, y), size: c.size, anchor: c.axis.anchor})
}

// capital is the height of digits and capitals as a part of the font's size.
const capital = 0.7

// MeasureText tells their height and no width.
func (c *canvas) MeasureText(string) gochart.Box {
	return gochart.Box{Bottom: nearest(capital * c.size / c.axis.stretch.y)}
}

// whole is go-chart's range with the nearest unit where that takes the next one.
type whole struct{ *gochart.ContinuousRange }

// Translate is where v lies, in units from the low end.
func (w whole) Translate(v float64) int {
	return nearest((v - w.Min) / w.GetDelta() * float64(w.Domain))
}

func (l *layout) drawGrid(c *canvas) {
	style := gochart.Style{StrokeColor: solid(gridColour), StrokeWidth: l.px(0.8)}
	for _, tick := range l.y.ticks {
		gochart.GridLine{Value: tick.Value}.Render(c, l.plot, l.yRange, false, style)
	}
	for _, tick := range l.x.ticks {
		if !l.figure.Bars {
			gochart.GridLine{Value: tick.Value}.Render(c, l.plot, l.xRange, true, style)
		}
	}
}

// drawAxes draws go-chart's axes over bars and curves, where a Chart has them below.
func (l *layout) drawAxes(c *canvas) {
	style, name := c.letters(l.px(tickSize), textColour), c.letters(l.px(captionSize), textColour)
	style.StrokeColor, style.StrokeWidth = solid(axisColour), l.px(1)
	stretch, hidden := l.px(tickLength)/gochart.DefaultVerticalTickHeight, gochart.Hidden()
	defer func(usual axisView) { c.axis = usual }(c.axis)

	c.axis = axisView{origin: xy{l.left, l.bottom}, stretch: xy{1, stretch}, anchor: middle}
	x := gochart.XAxis{Name: plain(l.figure.X.Label), NameStyle: name, Style: style, GridMajorStyle: hidden, GridMinorStyle: hidden}
	x.Render(c, l.plot, l.xRange, style, l.x.ticks)

	c.axis.stretch, c.axis.anchor = xy{stretch, 1}, end
	beside := l.plot
	beside.Left += int(style.StrokeWidth) // go-chart draws it so far from the plot area
	y := gochart.YAxis{AxisType: gochart.YAxisSecondary, Style: style, GridMajorStyle: hidden, GridMinorStyle: hidden, Zero: gochart.GridLine{Style: hidden}}
	y.Render(c, beside, l.yRange, style, l.y.ticks)
}
