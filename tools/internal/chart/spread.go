package chart

// Spread is the range of the values of which a point is the mean.
type Spread struct{ XLow, XHigh, YLow, YHigh float64 }

// right and top are how far a point reaches with its spread.
func (p Point) right() float64 {
	if p.Spread != nil {
		return p.Spread.XHigh
	}
	return p.X
}

func (p Point) top() float64 {
	if p.Spread != nil {
		return p.Spread.YHigh
	}
	return p.Y
}

// drawSpreads draws each range as a bar with a cap at either end.
func (l *layout) drawSpreads(c canvas) {
	reach := l.px(markRadius) * 0.7
	for _, s := range l.figure.Series {
		p := pen{colour: darken(s.Colour), width: l.px(1.2)}
		for _, point := range l.figure.inside(s.Points) {
			if r := point.Spread; r != nil {
				l.drawSpread(c, p, []xy{{r.XLow, point.Y}, {r.XHigh, point.Y}}, xy{0, reach})
				l.drawSpread(c, p, []xy{{point.X, r.YLow}, {point.X, r.YHigh}}, xy{reach, 0})
			}
		}
	}
}

// drawSpread draws one bar, given in data, with caps that reach so far in the picture.
func (l *layout) drawSpread(c canvas, p pen, bar []xy, cap xy) {
	for _, piece := range l.clip(bar) {
		c.line(piece, p)
		for _, end := range piece {
			c.line([]xy{{end.x - cap.x, end.y - cap.y}, {end.x + cap.x, end.y + cap.y}}, p)
		}
	}
}
