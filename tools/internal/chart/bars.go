package chart

import "math"

// barShare is the part of a group's room that its bars take.
const barShare = 0.8

// drawBars draws the bars of each group side by side, in the series' order.
func (l *layout) drawBars(c *canvas) {
	width := l.slot * barShare / math.Max(1, float64(len(l.figure.Series)))
	for i, s := range l.figure.Series {
		offset := (float64(i) - float64(len(l.figure.Series))/2) * width
		for _, p := range l.figure.inside(s.Points) {
			low, high := l.at(p.X+offset, 0), l.at(p.X+offset+width, math.Min(p.Y, l.y.hi))
			l.drawBar(c, s, p.Fill, xy{low.x, high.y}, xy{high.x, low.y})
			if p.Label != "" {
				l.drawBarLabel(c, p.Label, xy{(low.x + high.x) / 2, high.y}, high.x-low.x)
			}
		}
	}
}

// drawBar draws one bar between two opposite corners; a reference is hatched.
func (l *layout) drawBar(c *canvas, s Series, fill Fill, topLeft, bottomRight xy) {
	corners := []xy{topLeft, {bottomRight.x, topLeft.y}, bottomRight, {topLeft.x, bottomRight.y}}
	inside, outline := paint(fill, s.Colour, l.px(1.4))
	if s.Reference {
		inside, outline = paint(Hollow, s.Colour, l.px(1.4))
	}
	c.polygon(corners, inside, outline)
	thin := pen{colour: s.Colour, width: l.px(0.9)}
	if s.Reference {
		for _, stripe := range stripes(topLeft, bottomRight, l.px(5)) {
			c.line(stripe, thin)
		}
	}
	switch fill {
	case Crossed:
		c.line([]xy{topLeft, bottomRight}, thin)
		c.line([]xy{{topLeft.x, bottomRight.y}, {bottomRight.x, topLeft.y}}, thin)
	case Dotted:
		for _, dot := range dots(topLeft, bottomRight, l.px(7)) {
			c.circle(dot, l.px(1.3), s.Colour, thin)
		}
	}
}

// dots are places in the middle of a rectangle, pitch apart, one at the least.
func dots(topLeft, bottomRight xy, pitch float64) []xy {
	middle := xy{(topLeft.x + bottomRight.x) / 2, (topLeft.y + bottomRight.y) / 2}
	places := []xy{middle}
	for d := pitch; middle.y+d < bottomRight.y-pitch/2; d += pitch {
		places = append(places, xy{middle.x, middle.y - d}, xy{middle.x, middle.y + d})
	}
	return places
}

// stripes are diagonals through a rectangle, pitch apart, rising to the right.
func stripes(topLeft, bottomRight xy, pitch float64) [][]xy {
	var lines [][]xy
	width, height := bottomRight.x-topLeft.x, bottomRight.y-topLeft.y
	for d := pitch; d < width+height; d += pitch {
		from := xy{topLeft.x + math.Max(0, d-height), topLeft.y + math.Min(d, height)}
		to := xy{topLeft.x + math.Min(d, width), topLeft.y + math.Max(0, d-width)}
		lines = append(lines, []xy{from, to})
	}
	return lines
}

// drawBarLabel writes above a bar, in letters that its width allows.
func (l *layout) drawBarLabel(c *canvas, text string, top xy, width float64) {
	text = plain(text)
	size := l.px(pointSize)
	if wide := l.ruler.width(text, size); wide > width {
		size *= math.Max(0.6, width/wide)
	}
	c.text(label{text: text, at: xy{top.x, math.Max(top.y, l.top+size) - l.px(2.5)}, size: size, colour: textColour, anchor: middle})
}
