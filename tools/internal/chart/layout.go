package chart

import (
	"math"
	"slices"

	gochart "github.com/wcharczuk/go-chart/v2"
)

// Sizes at 640 x 480; a figure of another size scales them all.
const (
	refWidth, refHeight = 640, 480

	margin       = 14
	titleSize    = 15
	subtitleSize = 11.5
	captionSize  = 13 // the axes' names
	tickSize     = 12
	legendSize   = 12
	pointSize    = 10 // labels beside marks
	lineHeight   = 1.3
	gap          = 7
	tickLength   = 4
	keyWidth     = 30 // a mark with its line in the legend
	keyGap       = 20 // between two entries
	markRadius   = 4.5
	tickPitchX   = 60 // about what a tick takes
	tickPitchY   = 42
)

// layout is where everything of a figure stands, in the canvas's units.
type layout struct {
	figure        Figure
	ruler         ruler
	unit          float64 // that the sizes above are multiplied with
	width, height float64

	title, subtitle []string
	legend          []legendRow
	legendTop       float64
	left, right     float64 // of the plot area
	top, bottom     float64
	x, y            scale
	slot            float64 // width of a group of bars in x, as data

	plot           gochart.Box // the plot area and the ranges as go-chart has them
	xRange, yRange gochart.Range
}

// newLayout finds the largest letters with which the plot area keeps half of
// the picture. Where even small ones do not do, the picture is as it is.
func newLayout(f Figure, r ruler, grain int) *layout {
	width, height := f.size()
	l := layout{figure: f, ruler: r, width: float64(width * grain), height: float64(height * grain)}
	base := math.Min(l.width/refWidth, l.height/refHeight)
	for shrink := 1.0; ; shrink *= 0.92 {
		l.unit = base * shrink
		l.arrange()
		if l.roomy() || shrink < 0.3 {
			return &l
		}
	}
}

func (l *layout) roomy() bool {
	if l.right-l.left < 0.5*l.width || l.bottom-l.top < 0.5*l.height {
		return false
	}
	pitch := l.right - l.left
	if len(l.x.ticks) > 1 {
		pitch *= (l.x.ticks[1].Value - l.x.ticks[0].Value) / (l.x.hi - l.x.lo)
	}
	return l.ruler.widest(l.x.labels(), l.px(tickSize)) < 0.95*pitch
}

// px is a size of the table above on the canvas.
func (l *layout) px(size float64) float64 { return size * l.unit }

// arrange stacks title, subtitle and legend from above and the axes' texts
// from the other sides; the plot area is what remains.
func (l *layout) arrange() {
	room := l.width - 2*l.px(margin)
	l.title = l.ruler.wrap(plain(l.figure.Title), l.px(titleSize), room)
	l.subtitle = l.ruler.wrap(plain(l.figure.Subtitle), l.px(subtitleSize), room)
	l.legend = l.legendRows(room)

	l.top = l.px(margin) + l.px(lineHeight)*(titleSize*float64(len(l.title))+subtitleSize*float64(len(l.subtitle)))
	if l.top > l.px(margin) {
		l.top += l.px(gap)
	}
	l.legendTop = l.top
	for _, row := range l.legend {
		l.top += row.height
	}
	l.top += l.px(gap)
	l.bottom = l.height - l.px(margin+2*tickLength+capital*tickSize)
	if l.figure.X.Label != "" {
		l.bottom -= l.px(2*tickLength + captionSize)
	}

	l.y = l.yScale(int((l.bottom - l.top) / l.px(tickPitchY)))
	l.left = l.px(margin+2*tickLength) + l.ruler.widest(l.y.labels(), l.px(tickSize))
	if l.figure.Y.Label != "" {
		l.left += l.px(lineHeight*captionSize + gap)
	}
	l.right = l.width - l.px(margin)
	l.x = l.xScale(int((l.right - l.left) / l.px(tickPitchX)))
	if n := len(l.x.ticks); n > 0 { // the last label hangs over half
		last := l.x.ticks[n-1]
		over := l.ruler.width(last.Label, l.px(tickSize))/2 - (1-l.x.fraction(last.Value))*(l.right-l.left)
		l.right -= math.Max(0, over-l.px(margin)/2)
	}
	for _, side := range []*float64{&l.left, &l.right, &l.top, &l.bottom} {
		*side = math.Round(*side) // go-chart's plot area takes whole units
	}
}

// headroom keeps marks off the ends of the axes.
const headroom = 1.04

func (l *layout) yScale(about int) scale {
	lo, hi := l.figure.extent()
	return newScale(lo.y, hi.y*headroom, l.figure.Y, about)
}

func (l *layout) xScale(about int) scale {
	f := l.figure
	lo, hi := f.extent()
	switch {
	case f.Categories != nil:
		l.slot = 1
		s := scale{lo: -0.5, hi: float64(max(1, len(f.Categories))) - 0.5}
		for i, name := range f.Categories {
			s.ticks = append(s.ticks, gochart.Tick{Value: float64(i), Label: plain(name)})
		}
		return s
	case f.Bars:
		distance, least := f.closest()
		l.slot = distance
		return newScale(math.Min(lo.x, least-l.slot/2), hi.x+l.slot/2, f.X, about)
	}
	return newScale(lo.x, hi.x*headroom, f.X, about)
}

// extent is the range of all points that are seen, with 0 in it.
func (f Figure) extent() (lo, hi xy) {
	for _, s := range f.Series {
		for _, p := range f.inside(s.Points) {
			to := p.reach()
			lo, hi = xy{math.Min(lo.x, to.x), math.Min(lo.y, to.y)}, xy{math.Max(hi.x, to.x), math.Max(hi.y, to.y)}
		}
	}
	return lo, hi
}

// closest is the smallest distance between the x of two groups of bars; least is
// the smallest x.
func (f Figure) closest() (distance, least float64) {
	var xs []float64
	for _, s := range f.Series {
		for _, p := range s.Points {
			xs = append(xs, p.X)
		}
	}
	slices.Sort(xs)
	xs, distance = slices.Compact(xs), math.Inf(1)
	if len(xs) < 2 {
		distance = 1
	}
	for i := 1; i < len(xs); i++ {
		distance = math.Min(distance, xs[i]-xs[i-1])
	}
	return distance, slices.Min(append(xs, math.Inf(1)))
}

// at is where a point lies in the picture.
func (l *layout) at(x, y float64) xy {
	return xy{
		l.left + l.x.fraction(x)*(l.right-l.left),
		l.bottom - l.y.fraction(y)*(l.bottom-l.top),
	}
}
