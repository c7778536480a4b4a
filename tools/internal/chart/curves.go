package chart

import "math"

// fitSamples is how many straight pieces a fitted curve is drawn with; none is
// longer than a few pixels.
const fitSamples = 300

func (l *layout) drawCurves(c *canvas) {
	for _, s := range l.figure.Series {
		for _, piece := range l.clip(s.curve()) {
			c.line(piece, l.curvePen(s))
		}
	}
}

func (l *layout) curvePen(s Series) pen {
	p := pen{colour: s.Colour, width: l.px(1.6)}
	if l.figure.Bars {
		p.colour = darken(s.Colour) // it runs over bars of its own colour
	}
	line := s.Line
	switch {
	case line != UsualLine:
	case s.Reference:
		line = DottedLine
	case s.Curve > Join:
		line = DashedLine
	}
	for _, length := range dashLengths[line] {
		p.dash = append(p.dash, l.px(length))
	}
	return p
}

// dashLengths are those of piece and gap in turn.
var dashLengths = map[Line][]float64{DashedLine: {6, 3.5}, DottedLine: {1.6, 3}, DashDottedLine: {6, 3, 1.6, 3}}

// curve samples what is drawn through the points, in data.
func (s Series) curve() []xy {
	var through []xy
	switch {
	case s.Line == NoLine || s.Curve < Join:
		return nil
	case s.Curve == Join:
		for _, p := range s.Points {
			through = append(through, xy{p.X, p.Y})
		}
		return through
	}
	fit, err := s.fit()
	if err != nil {
		return nil // Remarks says so
	}
	for i := range fitSamples + 1 {
		x := fit.centre + fit.half*(2*float64(i)/fitSamples-1)
		through = append(through, xy{x, fit.At(x)})
	}
	return through
}

// clip takes a line in data to the picture and cuts off what leaves the plot
// area; each stretch inside of it is one piece.
func (l *layout) clip(line []xy) [][]xy {
	var pieces [][]xy
	for i := 1; i < len(line); i++ {
		from, to, seen := l.clipSegment(line[i-1], line[i])
		if !seen {
			continue
		}
		if from > 0 || len(pieces) == 0 {
			pieces = append(pieces, []xy{l.between(line[i-1], line[i], from)})
		}
		last := len(pieces) - 1
		pieces[last] = append(pieces[last], l.between(line[i-1], line[i], to))
	}
	return pieces
}

// between is the place in the picture at the share t of the way from a to b.
func (l *layout) between(a, b xy, t float64) xy {
	return l.at(a.x+t*(b.x-a.x), a.y+t*(b.y-a.y))
}

// clipSegment finds the part of a ... b inside of the plot area as shares of
// the way (Liang and Barsky 1984).
func (l *layout) clipSegment(a, b xy) (from, to float64, seen bool) {
	from, to = 0, 1
	for _, side := range []struct{ out, along float64 }{
		{l.x.lo - a.x, b.x - a.x}, {a.x - l.x.hi, a.x - b.x},
		{l.y.lo - a.y, b.y - a.y}, {a.y - l.y.hi, a.y - b.y},
	} {
		switch t := side.out / side.along; {
		case side.along > 0:
			from = math.Max(from, t)
		case side.along < 0:
			to = math.Min(to, t)
		case side.out > 0:
			return 0, 0, false
		}
	}
	return from, to, from < to
}
