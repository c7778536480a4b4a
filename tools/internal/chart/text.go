package chart

import (
	"fmt"
	"strings"
)

// String is the figure as text, for tests and for people who debug: what is
// drawn and where, without how.
func (f Figure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "title %q\n", f.Title)
	if f.Subtitle != "" {
		fmt.Fprintf(&b, "subtitle %q\n", f.Subtitle)
	}
	kind := map[bool]string{false: "points", true: "bars"}[f.Bars]
	fmt.Fprintf(&b, "x %q %s\ny %q %s\n%s\n", f.X.Label, f.X.until(), f.Y.Label, f.Y.until(), kind)
	for _, s := range f.Series {
		b.WriteString(s.String())
		for _, p := range s.Points {
			fmt.Fprintf(&b, "  %s %.6g", f.place(p.X), p.Y)
			if r := p.Spread; r != nil {
				fmt.Fprintf(&b, " (x %.6g to %.6g, y %.6g to %.6g)", r.XLow, r.XHigh, r.YLow, r.YHigh)
			}
			if p.Label != "" {
				fmt.Fprintf(&b, " %q", p.Label)
			}
			if p.Fill != Filled {
				fmt.Fprintf(&b, " %s", p.Fill)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// String is the series' line without its points.
func (s Series) String() string {
	line := fmt.Sprintf("series %q %s %s %s", s.Name, s.Colour, s.Shape, s.Curve)
	if s.Line != UsualLine {
		line += " " + s.Line.String()
	}
	if s.Reference {
		line += " reference"
	}
	return line + "\n"
}

// String is "join", "none" or "degree 3".
func (c Curve) String() string {
	switch {
	case c == Join:
		return "join"
	case c < Join:
		return "none"
	}
	return fmt.Sprintf("degree %d", int(c))
}

func (a Axis) until() string {
	if a.Max == 0 {
		return "all"
	}
	return fmt.Sprintf("to %g", a.Max)
}

func (f Figure) place(x float64) string {
	if i := int(x); f.Categories != nil && i >= 0 && i < len(f.Categories) {
		return f.Categories[i]
	}
	return fmt.Sprintf("%.6g", x)
}
