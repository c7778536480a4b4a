package chart

import "math"

// legendRow is a line of entries side by side.
type legendRow struct {
	entries []entry
	width   float64
	height  float64
}

// entry explains one series or one fill.
type entry struct {
	series Series
	fill   Fill
	lines  []string // its name, broken where it is long
	width  float64
}

// stateGrey is the colour of entries that explain a fill, of any series.
const stateGrey Colour = 0x666666

// legendRows sets the entries into rows no wider than room.
func (l *layout) legendRows(room float64) []legendRow {
	entries := l.figure.entries()
	for i := range entries {
		e := &entries[i]
		e.lines = l.ruler.wrap(plain(e.series.Name), l.px(legendSize), room-l.px(keyWidth))
		e.width = l.px(keyWidth) + l.ruler.widest(e.lines, l.px(legendSize))
	}
	return narrowest(room, func(room float64) []legendRow { return l.intoRows(entries, room) })
}

func (l *layout) intoRows(entries []entry, room float64) []legendRow {
	var rows []legendRow
	for _, e := range entries {
		last := len(rows) - 1
		if last < 0 || rows[last].width+l.px(keyGap)+e.width > room {
			rows = append(rows, legendRow{width: -l.px(keyGap)})
			last++
		}
		row := &rows[last]
		row.entries = append(row.entries, e)
		row.width += l.px(keyGap) + e.width
		row.height = math.Max(row.height, l.px(lineHeight*legendSize)*math.Max(1, float64(len(e.lines))))
	}
	return rows
}

// entries are the series, then the fills that need an explanation.
func (f Figure) entries() []entry {
	var all []entry
	var used [fills]bool
	for _, s := range f.Series {
		all = append(all, entry{series: s})
		for _, p := range f.inside(s.Points) {
			used[p.Fill] = true
		}
	}
	for fill, name := range f.FillNames {
		if used[fill] && name != "" {
			all = append(all, entry{series: Series{Name: name, Colour: stateGrey, Curve: NoCurve}, fill: Fill(fill)})
		}
	}
	return all
}

func (l *layout) drawLegend(c *canvas) {
	y := l.legendTop
	for _, row := range l.legend {
		x := l.width/2 - row.width/2
		for _, e := range row.entries {
			l.drawEntry(c, e, x, y)
			x += e.width + l.px(keyGap)
		}
		y += row.height
	}
}

func (l *layout) drawEntry(c *canvas, e entry, x, y float64) {
	centre := xy{x + l.px(keyWidth-6)/2, y + l.px(lineHeight*legendSize)/2}
	if l.figure.Bars {
		half := l.px(legendSize) * 0.42
		l.drawBar(c, e.series, e.fill, xy{centre.x - 1.6*half, centre.y - half}, xy{centre.x + 1.6*half, centre.y + half})
	} else {
		if len(e.series.curve()) > 1 {
			half := l.px(keyWidth-6) / 2
			c.line([]xy{{centre.x - half, centre.y}, {centre.x + half, centre.y}}, l.curvePen(e.series))
		}
		e.series.mark(e.fill, l.px(markRadius)).draw(c, centre)
	}
	for i, line := range e.lines {
		base := y + l.px(lineHeight*legendSize)*(float64(i)+0.5) + l.px(legendSize)*0.35
		c.text(label{text: line, at: xy{x + l.px(keyWidth), base}, size: l.px(legendSize), colour: textColour})
	}
}
