package plot

import (
	"fmt"

	"fastgenbench/tools/internal/chart"
)

// mostLetters is how many letters a remark lists.
const mostLetters = 12

// illegible says what people cannot read off a figure, and what helps.
func (o options) illegible(f chart.Figure) []string {
	if o.format == "txt" {
		return nil
	}
	var remarks []string
	if n := alike(f); n > 0 {
		remarks = append(remarks, fmt.Sprintf("%d of %d series look like another one: draw fewer in one figure, or give each its --color", n, len(f.Series)))
	}
	if missing := f.Missing(); len(missing) > 0 && o.format == "png" {
		letters := string(missing)
		if len(missing) > mostLetters {
			letters = fmt.Sprintf("%s and %d more letters", string(missing[:mostLetters]), len(missing)-mostLetters)
		}
		remarks = append(remarks, fmt.Sprintf("PNG's font has no %s: boxes are drawn instead; --format svg shows them with the fonts of its viewer", letters))
	}
	return remarks
}

// alike counts the series that look like an earlier one. Bars have no shape.
func alike(f chart.Figure) int {
	type look struct {
		colour    chart.Colour
		shape     chart.Shape
		reference bool
	}
	seen := make(map[look]bool)
	for _, s := range f.Series {
		this := look{s.Colour, s.Shape, s.Reference}
		if f.Bars {
			this.shape = 0
		}
		seen[this] = true
	}
	return len(f.Series) - len(seen)
}
