// Package chart draws a figure that is given as data, as PNG or SVG: points
// with fitted curves, or grouped bars, with round ticks, a legend that shows
// the markers, and room for everything that is written.
//
// go-chart draws: a Chart of Series and Elements with its ranges, axes, ticks,
// grid lines, font and least squares, on its renderers for PNG and SVG. Ours is
// what it cannot do: where all stands and which ticks are round; marks of several
// shapes and fills, bars in groups, ranges of means, labels that keep off them;
// titles and legends in lines, the y axis's name upwards, and axes over bars. Its
// renderers take whole units only, do not align or escape texts, never end a dash
// in a curve and bulge circles: canvas.go, words.go, dash.go and svg.go amend that,
// and axes.go distances that are the same in figures of any size. Its PNG files
// take four times as long to write as those of png.go.
package chart

import (
	"cmp"
	"fmt"
	"math"
)

// Colour is 0xRRGGBB.
type Colour uint32

// Clear is the colour that leaves no paint.
const Clear Colour = 1 << 24

// String is the colour as SVG and CSS write it.
func (c Colour) String() string {
	if c == Clear {
		return "none"
	}
	return fmt.Sprintf("#%06X", uint32(c))
}

// Tint mixes c with white; 0 is c, 1 is white.
func (c Colour) Tint(white float64) Colour { return c.mixed(0xff, white) }

// darken is c as letters need it on white.
func darken(c Colour) Colour { return c.mixed(0, 0.3) }

// mixed has so large a share of another grey.
func (c Colour) mixed(grey, share float64) Colour {
	var out Colour
	for shift := 0; shift <= 16; shift += 8 {
		channel := float64(c >> shift & 0xff)
		out |= Colour(math.Round(channel+(grey-channel)*share)) << shift
	}
	return out
}

// Palette are the colours of Okabe and Ito, which people with any kind of
// colour vision can tell apart; their yellow, too pale on white, and black,
// which is the text's, are left out.
var Palette = []Colour{0x0072B2, 0xE69F00, 0x009E73, 0xD55E00, 0xCC79A7, 0x56B4E9}

// Curve says what is drawn through the points of a series: a positive number
// is the degree of a least-squares fit.
type Curve int

const (
	// Join draws straight lines from point to point.
	Join Curve = 0
	// NoCurve draws nothing.
	NoCurve Curve = -1
)

// Line is how the curve of a series is drawn.
type Line int

// The lines. UsualLine is dotted for a reference, dashed for a fit, solid for
// points that are joined.
const (
	UsualLine Line = iota
	SolidLine
	DashedLine
	DottedLine
	DashDottedLine
	NoLine
)

// String is the line's name.
func (l Line) String() string {
	return [...]string{"", "solid", "dashed", "dotted", "dashdotted", "no line"}[l]
}

// Point is one mark, or the height of one bar.
type Point struct {
	X, Y float64
	// Label is written beside the mark, "" for none.
	Label string
	// Fill tells points apart that deserve different trust.
	Fill Fill
	// Spread is the range of the values whose mean the point is, nil for one value.
	Spread *Spread
}

// Series are points that belong together.
type Series struct {
	Name   string
	Colour Colour
	Shape  Shape
	Curve  Curve
	Line   Line
	// Reference marks what the other series are compared with: larger hollow
	// marks on top of the others, a dotted curve, hatched bars.
	Reference bool
	Points    []Point
}

// Axis is one of the two. Every axis begins at 0: lengths may be compared.
type Axis struct {
	Label string
	// Max cuts the axis there; 0 takes all points.
	Max float64
	// Whole says that between whole numbers there is nothing to read off.
	Whole bool
}

// Figure is a drawing as data.
type Figure struct {
	// Title is broken into lines where it is long; Subtitle is smaller.
	Title, Subtitle string
	X, Y            Axis
	// Bars draws the points as bars that stand side by side at equal X.
	Bars bool
	// Categories, when given, name X = 0, 1, 2 ... instead of numbers.
	Categories []string
	Series     []Series
	// FillNames explain the fills in the legend, where a point has them.
	FillNames [fills]string
	// Width and Height are in pixels; 0 is 1280 x 960.
	Width, Height int
}

// The limits of Width and Height, so that a slip of the finger is no
// gigabyte of pixels and no figure without room for its axes.
const (
	MinSide = 200
	MaxSide = 10000
)

const (
	defaultWidth  = 1280
	defaultHeight = 960
)

// Check reports what cannot be drawn: sizes out of bounds, limits below 0, a
// number that is not finite.
func (f Figure) Check() error {
	w, h := f.size()
	if w < MinSide || h < MinSide || w > MaxSide || h > MaxSide {
		return fmt.Errorf("%d x %d pixels: each side must have %d to %d", w, h, MinSide, MaxSide)
	}
	for _, axis := range []Axis{f.X, f.Y} {
		if !(axis.Max >= 0 && axis.Max < largest) {
			return fmt.Errorf("an axis cannot end at %v", axis.Max)
		}
	}
	for _, s := range f.Series {
		for _, p := range s.Points {
			if !(math.Abs(p.X) < largest && math.Abs(p.Y) < largest) {
				return fmt.Errorf("series %s has a point at (%v, %v), which cannot be drawn", s.Name, p.X, p.Y)
			}
			if i := int(p.X); f.Categories != nil && (float64(i) != p.X || i < 0 || i >= len(f.Categories)) {
				return fmt.Errorf("series %s has a point in category %v, which is not one of %d", s.Name, p.X, len(f.Categories))
			}
		}
	}
	return nil
}

func (f Figure) size() (width, height int) {
	return cmp.Or(f.Width, defaultWidth), cmp.Or(f.Height, defaultHeight)
}

// Remarks says what of the data is not to be seen: fits that are left out and
// points behind the end of an axis. It is for a person, one remark a line.
func (f Figure) Remarks() []string {
	var remarks []string
	for _, s := range f.Series {
		if s.Curve > Join {
			if _, err := s.fit(); err != nil {
				remarks = append(remarks, fmt.Sprintf("%s: no curve is fitted: %v", s.Name, err))
			}
		}
		if n := len(s.Points) - len(f.inside(s.Points)); n > 0 {
			remarks = append(remarks, fmt.Sprintf("%s: %d of %d points lie behind the end of an axis", s.Name, n, len(s.Points)))
		}
	}
	return remarks
}

// inside are the points that no axis cuts off.
func (f Figure) inside(points []Point) []Point {
	var in []Point
	for _, p := range points {
		if (f.X.Max == 0 || p.X <= f.X.Max) && (f.Y.Max == 0 || p.Y <= f.Y.Max || f.Bars) {
			in = append(in, p)
		}
	}
	return in
}
