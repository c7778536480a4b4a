package chart

import (
	"bytes"
	"strings"
	"testing"
)

// Long names take a row of the legend each, and no narrower legend has fewer.
func TestLegendOfLongNames(t *testing.T) {
	f := Figure{Title: "t", X: Axis{Label: "x"}, Y: Axis{Label: "y"}}
	for _, name := range []string{"a", "b", "c"} {
		f.Series = append(f.Series, Series{Name: strings.Repeat(name+" long name ", 12), Points: []Point{{X: 1, Y: 1}, {X: 2, Y: 2}}})
	}
	var out bytes.Buffer
	if err := f.SVG(&out); err != nil || !strings.Contains(out.String(), "</svg>") {
		t.Errorf("%v: %d bytes", err, out.Len())
	}
}
