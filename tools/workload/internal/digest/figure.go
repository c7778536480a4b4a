package digest

import (
	"fmt"
	"maps"
	"slices"

	"fastgenbench/tools/internal/chart"
)

// Figures draw what is known of a workload: its rate over time, how its lengths
// are distributed, and the share of prompts that an unlimited cache would hold.
func (d *Digest) Figures(name string) chart.Sheet {
	var sheet chart.Sheet
	if len(d.arrivals.stretches) > 1 {
		sheet = append(sheet, d.rateFigure(name))
	}
	if len(d.lengths)+len(d.output) > 0 {
		sheet = append(sheet, d.lengthFigure(name))
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

// steps is how many quantiles are drawn: up to the 99th, since lengths have long
// tails.
const steps = 99

func (d *Digest) lengthFigure(name string) chart.Figure {
	f := chart.Figure{
		Title: name, Subtitle: "lengths up to the 99th percentile",
		X: chart.Axis{Label: "Tokens", Whole: true}, Y: chart.Axis{Label: "Share of requests with at most as many", Max: 1},
	}
	for i, one := range []struct {
		name    string
		lengths counts
	}{{"prompt", d.lengths}, {"output", d.output}} {
		if len(one.lengths) == 0 {
			continue
		}
		s := chart.Series{Name: one.name, Colour: chart.Palette[i], Shape: chart.Shape(i)}
		values, n := slices.Sorted(maps.Keys(one.lengths)), 0
		for _, times := range one.lengths {
			n += times
		}
		for p := 1; p <= steps; p += 2 {
			share := float64(p) / 100
			s.Points = append(s.Points, chart.Point{X: one.lengths.quantile(values, n, share), Y: share})
		}
		f.Series = append(f.Series, s)
	}
	return f
}
