package chart

const (
	textColour  Colour = 0x222222
	quietColour Colour = 0x555555
	axisColour  Colour = 0x444444
	gridColour  Colour = 0xE4E4E4
)

// draw puts the whole figure on the canvas, from the back to the front.
func draw(c canvas, f Figure, r ruler) {
	l := newLayout(f, r)
	l.drawTitle(c)
	l.drawLegend(c)
	l.drawGrid(c)
	if f.Bars {
		l.drawBars(c)
	}
	l.drawCurves(c)
	l.drawAxes(c)
	if !f.Bars {
		l.drawSpreads(c)
		l.drawMarks(c)
		l.drawPointLabels(c)
	}
}

func (l *layout) drawTitle(c canvas) {
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

func (l *layout) drawGrid(c canvas) {
	p := pen{colour: gridColour, width: l.px(0.8)}
	for _, tick := range l.y.ticks {
		c.line([]xy{l.at(l.x.lo, tick), l.at(l.x.hi, tick)}, p)
	}
	if l.figure.Bars {
		return
	}
	for _, tick := range l.x.ticks {
		c.line([]xy{l.at(tick, l.y.lo), l.at(tick, l.y.hi)}, p)
	}
}

func (l *layout) drawAxes(c canvas) {
	p := pen{colour: axisColour, width: l.px(1)}
	c.line([]xy{{l.left, l.top}, {l.left, l.bottom}, {l.right, l.bottom}}, p)
	size := l.px(tickSize)
	for i, tick := range l.x.ticks {
		at := xy{l.at(tick, 0).x, l.bottom}
		c.line([]xy{at, {at.x, at.y + l.px(tickLength)}}, p)
		c.text(label{text: l.x.labels[i], at: xy{at.x, at.y + l.px(tickLength) + size*1.1}, size: size, colour: textColour, anchor: middle})
	}
	for i, tick := range l.y.ticks {
		at := xy{l.left, l.at(0, tick).y}
		c.line([]xy{{at.x - l.px(tickLength), at.y}, at}, p)
		c.text(label{text: l.y.labels[i], at: xy{at.x - l.px(2*tickLength), at.y + size*0.35}, size: size, colour: textColour, anchor: end})
	}
	l.drawCaptions(c)
}

func (l *layout) drawCaptions(c canvas) {
	size := l.px(captionSize)
	centre := xy{(l.left + l.right) / 2, (l.top + l.bottom) / 2}
	captions := []label{
		{text: plain(l.figure.X.Label), at: xy{centre.x, l.height - l.px(margin) - size*0.2}, colour: textColour},
		{text: plain(l.figure.Y.Label), at: xy{l.px(margin) + size*0.8, centre.y}, colour: textColour, upright: true},
	}
	if len(l.figure.Series) == 0 {
		captions = append(captions, label{text: "no points", at: centre, colour: quietColour})
	}
	for _, caption := range captions {
		if caption.text != "" {
			caption.size, caption.anchor = size, middle
			c.text(caption)
		}
	}
}

// drawMarks draws the references last: hollow, they hide nothing.
func (l *layout) drawMarks(c canvas) {
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
