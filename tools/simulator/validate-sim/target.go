package main

import (
	"fmt"

	"fastgenbench/docs/published"
	"fastgenbench/tools/simulator/sim"
)

// target is a published number that the model should meet.
type target struct {
	point published.Point
	peak  float64 // highest effective throughput of its figure
}

func newTarget(points []published.Point, p published.Point) target {
	t := target{point: p}
	for _, other := range points {
		if other.Figure == p.Figure && other.EffectiveRPS > t.peak {
			t.peak = other.EffectiveRPS
		}
	}
	return t
}

// off is how far off the model is by a table of constants: a share of the
// published latency, or the difference in effective throughput as a share of
// its peak.
func (t target) off(table []sim.Constant) (float64, error) {
	m, err := simulate(t.point, table, requests(t.point))
	if err != nil {
		return 0, fmt.Errorf("%s, %d clients: %w", t.point.Figure, t.point.Clients, err)
	}
	if measure(t.point) == ofEffective {
		return (m.effective - t.point.EffectiveRPS) / t.peak, nil
	}
	return m.latency/t.point.LatencyS - 1, nil
}
