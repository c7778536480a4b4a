package main

import (
	"slices"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/record"
)

// The parts that a published panel can have.
const (
	// fitted: the constants were fitted to it.
	fitted record.Text = "fitted"
	// held: left out of the fit, to see what the model predicts.
	held record.Text = "held-out"
	// odd: left out since it contradicts its neighbours; see docs/simulator.md.
	odd record.Text = "contradictory"
)

// contradictory are panels whose generations cannot have had the asked length.
var contradictory = []string{"fastgen-blog-2024-01/fig2-right"}

// parts says for every panel whether it was fitted: of each model's panels on
// a GPU, in the order in which they were published, every second one is held out.
func parts(points []published.Point) map[string]record.Text {
	part := map[string]record.Text{}
	seen := map[string]int{}
	for _, p := range points {
		if part[p.Figure] != "" {
			continue
		}
		pair := p.Model + " " + p.Hardware
		switch {
		case slices.Contains(contradictory, p.Figure):
			part[p.Figure] = odd
		case seen[pair]%2 == 1:
			part[p.Figure] = held
		default:
			part[p.Figure] = fitted
		}
		seen[pair]++
	}
	return part
}
