package digest

import (
	"fmt"
	"maps"
	"slices"

	"fastgenbench/tools/internal/chart"
)

// Figures draw what is known of a workload: its rate over time, how its lengths are
// distributed, and the share of prompts that an unlimited cache would hold.
func (d *Digest) Figures(name string) chart.Sheet {
	var sheet chart.Sheet
	if len(d.arrivals.stretches) > 1 {
		sheet = append(sheet, d.rateFigure(name))
	}
	if len(d.lengths) > 0 {
		sheet = append(sheet, d.lengths.figure(name, "Prompt length (tokens)", chart.Palette[1]))
	}
	if len(d.output) > 0 {
		sheet = append(sheet, d.output.figure(name, "Output length (tokens)", chart.Palette[3]))
	}
	if d.reuse.requests > 0 && len(d.arrivals.stretches) > 1 {
		sheet = append(sheet, d.reuseFigure(name))
	}
	return sheet
}

func (d *Digest) rateFigure(name string) chart.Figure {
	s := chart.Series{Name: "requests", Colour: chart.Palette[0]}
	for i, one := range d.arrivals.whole() {
		s.Points = append(s.Points, chart.Point{X: d.arrivals.middle(i), Y: float64(one.requests) / d.arrivals.width})
	}
	return chart.Figure{
		Title: name, Subtitle: fmt.Sprintf("requests in each stretch of %g s", d.arrivals.width),
		X: chart.Axis{Label: "Time since the first request (s)"}, Y: chart.Axis{Label: "Requests per second"}, Series: []chart.Series{s},
	}
}

func (d *Digest) reuseFigure(name string) chart.Figure {
	s := chart.Series{Name: "ideal share of cached tokens", Colour: chart.Palette[2]}
	for i, one := range d.arrivals.whole() {
		if one.hashed > 0 {
			s.Points = append(s.Points, chart.Point{X: d.arrivals.middle(i), Y: one.cached / one.hashed})
		}
	}
	return chart.Figure{
		Title: name, Subtitle: "prompt tokens that an unlimited prefix cache would hold",
		X: chart.Axis{Label: "Time since the first request (s)"}, Y: chart.Axis{Label: "Share of prompt tokens", Max: 1}, Series: []chart.Series{s},
	}
}

// whole are the stretches but the last, which the workload ends in.
func (a *arrivals) whole() []stretch { return a.stretches[:len(a.stretches)-1] }

// middle is that of a stretch.
func (a *arrivals) middle(i int) float64 { return (float64(i) + 0.5) * a.width }

// figure draws the quantiles, up to the 99th, since lengths have long tails.
func (c counts) figure(name, axis string, colour chart.Colour) chart.Figure {
	s := chart.Series{Name: "share of requests with at most as many", Colour: colour}
	values, n := slices.Sorted(maps.Keys(c)), 0
	for _, times := range c {
		n += times
	}
	for p := 1; p < 100; p += 2 {
		share := float64(p) / 100
		s.Points = append(s.Points, chart.Point{X: c.quantile(values, n, share), Y: share})
	}
	return chart.Figure{
		Title: name, Subtitle: "up to the 99th percentile",
		X: chart.Axis{Label: axis, Whole: true}, Y: chart.Axis{Label: "Share of requests", Max: 1}, Series: []chart.Series{s},
	}
}
