package chart

import "math"

// box is a rectangle of the picture.
type box struct{ left, top, right, bottom float64 }

// overlap is the area that two boxes share.
func (b box) overlap(o box) float64 {
	w := math.Min(b.right, o.right) - math.Max(b.left, o.left)
	h := math.Min(b.bottom, o.bottom) - math.Max(b.top, o.top)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h
}

// between is the box around two places, and so far beyond them.
func between(a, b xy, beyond float64) box {
	return box{math.Min(a.x, b.x) - beyond, math.Min(a.y, b.y) - beyond, math.Max(a.x, b.x) + beyond, math.Max(a.y, b.y) + beyond}
}

// directions are the places of a label around its mark, the best one first.
var directions = []xy{{1, 0}, {-1, 0}, {0.8, 0.8}, {-0.8, -0.8}, {0, -1}, {0, 1}, {0.8, -0.8}, {-0.8, 0.8}}

// drawPointLabels writes each label where it covers least of the marks, of their
// spreads and of the labels before it.
func (l *layout) drawPointLabels(c *canvas) {
	var taken []box
	for _, s := range l.figure.Series {
		for _, p := range l.figure.inside(s.Points) {
			at := l.at(p.X, p.Y)
			taken = append(taken, between(at, at, s.mark(p.Fill, l.px(markRadius)).extent()))
			for _, line := range l.spread(p) {
				taken = append(taken, between(line[0], line[1], l.px(1)))
			}
		}
	}
	for _, s := range l.figure.Series {
		for _, p := range l.figure.inside(s.Points) {
			if p.Label != "" {
				taken = append(taken, l.drawPointLabel(c, s, p, taken))
			}
		}
	}
}

func (l *layout) drawPointLabel(c *canvas, s Series, p Point, taken []box) box {
	size, text := l.px(pointSize), plain(p.Label)
	half := xy{l.ruler.width(text, size) / 2, size * 0.38}
	at := l.at(p.X, p.Y)
	best, least := box{}, math.Inf(1)
	for _, d := range directions {
		reach := s.mark(p.Fill, l.px(markRadius)).extent() + l.px(2)
		centre := xy{at.x + d.x*(reach+half.x), at.y + d.y*(reach+half.y)}
		b := box{centre.x - half.x, centre.y - half.y, centre.x + half.x, centre.y + half.y}
		if cost := l.crowding(b, taken); cost < least {
			best, least = b, cost
		}
	}
	c.text(label{text: text, at: xy{(best.left + best.right) / 2, best.bottom}, size: size, colour: darken(s.Colour), anchor: middle})
	return best
}

// crowding is the area of b that is taken or outside of the plot.
func (l *layout) crowding(b box, taken []box) float64 {
	area := (b.right - b.left) * (b.bottom - b.top)
	cost := area - b.overlap(box{l.left, l.top, l.right, l.bottom})
	for _, other := range taken {
		cost += b.overlap(other)
	}
	return cost
}
