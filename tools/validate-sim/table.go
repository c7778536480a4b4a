package main

import (
	"context"
	"math"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// curve is a row of the table: one published curve. Errors are shares of the
// published latency.
type curve struct {
	Figure  record.Text `csv:"figure"`
	Model   record.Text `csv:"model"`
	Backend record.Text `csv:"backend"`
	Points  int         `csv:"points"`
	Mean    record.Rate `csv:"mean_error"`
	Worst   record.Rate `csv:"worst_error"`
	// Bias is the mean with its sign: below 0 the model is too fast.
	Bias record.Rate `csv:"bias"`
	Part record.Text `csv:"part"`
}

func table(_ context.Context, _ *cli.Context, std *cmdline.Std) error {
	points, err := curvePoints()
	if err != nil {
		return err
	}
	off, err := latencyErrors(points, sim.Fitted())
	if err != nil {
		return err
	}
	curves := fold(points, off)
	if err := writeAll(std.Out, curves); err != nil {
		return err
	}
	for _, part := range []record.Text{fitted, held, odd} {
		mean, worst := sumUp(curves, part)
		std.Notef("%s: mean error %.1f %%, worst point %.1f %%", part, 100*mean, 100*worst)
	}
	return nil
}

// latencyErrors are simulated / published mean latency - 1, point by point.
func latencyErrors(points []published.Point, constants *sim.Constants) ([]float64, error) {
	off := make([]float64, len(points))
	return off, each(points, func(i int, p published.Point) error {
		results, err := simulate(p, constants)
		if err == nil {
			off[i] = meanLatency(results)/p.LatencyS - 1
		}
		return err
	})
}

// fold sums the points' errors up by curve, in the order of the points.
func fold(points []published.Point, off []float64) []curve {
	part := parts(points)
	at := map[published.Config]int{}
	var curves []curve
	for i, p := range points {
		if _, known := at[p.Config]; !known {
			at[p.Config] = len(curves)
			curves = append(curves, curve{Figure: record.Text(p.Figure), Model: record.Text(p.Model), Backend: record.Text(p.Backend), Part: part[p.Figure]})
		}
		c := &curves[at[p.Config]]
		c.Points++
		c.Mean += record.Rate(math.Abs(off[i]))
		c.Bias += record.Rate(off[i])
		c.Worst = max(c.Worst, record.Rate(math.Abs(off[i])))
	}
	for i := range curves {
		curves[i].Mean /= record.Rate(curves[i].Points)
		curves[i].Bias /= record.Rate(curves[i].Points)
	}
	return curves
}

// sumUp is the mean over a part's curves of their mean errors, and the worst.
func sumUp(curves []curve, part record.Text) (mean, worst float64) {
	n := 0
	for _, c := range curves {
		if c.Part == part {
			n++
			mean += float64(c.Mean)
			worst = max(worst, float64(c.Worst))
		}
	}
	return mean / float64(max(1, n)), worst
}
