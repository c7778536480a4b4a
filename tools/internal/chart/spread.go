package chart

import "slices"

// Spread is the range of the values of which a point is the mean.
type Spread struct{ XLow, XHigh, YLow, YHigh float64 }

// reach is how far a point reaches with its spread.
func (p Point) reach() xy {
	if p.Spread != nil {
		return xy{p.Spread.XHigh, p.Spread.YHigh}
	}
	return xy{p.X, p.Y}
}

func (l *layout) drawSpreads(c *canvas) {
	for _, s := range l.figure.Series {
		for _, point := range l.figure.inside(s.Points) {
			for _, line := range l.spread(point) {
				c.line(line, pen{colour: darken(s.Colour), width: l.px(1.2)})
			}
		}
	}
}

// spread is a point's range as lines: two bars with a cap at either end.
func (l *layout) spread(p Point) [][]xy {
	r, reach := p.Spread, l.px(markRadius)*0.7
	if r == nil {
		return nil
	}
	across := l.capped([]xy{{r.XLow, p.Y}, {r.XHigh, p.Y}}, xy{0, reach})
	return append(across, l.capped([]xy{{p.X, r.YLow}, {p.X, r.YHigh}}, xy{reach, 0})...)
}

// capped is a bar, given in data, with caps that reach so far in the picture.
func (l *layout) capped(bar []xy, reach xy) [][]xy {
	lines := l.clip(bar)
	for _, piece := range slices.Clone(lines) {
		for _, end := range piece {
			lines = append(lines, []xy{{end.x - reach.x, end.y - reach.y}, {end.x + reach.x, end.y + reach.y}})
		}
	}
	return lines
}
