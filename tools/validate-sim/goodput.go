package main

import (
	"context"
	"math"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// level is the service level that a published effective throughput is under.
func level(p published.Point) metrics.Level {
	gen := float64(slaGen)
	if p.Figure == "fastgen-blog-2023-11/fig4-right" {
		gen = 6
	}
	return metrics.Level{PromptTPS: slaPrompt, GenTPS: gen, Rule: metrics.EMA16}
}

// goodputPoints are the published points with an effective throughput.
func goodputPoints() ([]published.Point, error) {
	all, err := published.Points()
	var points []published.Point
	for _, p := range all {
		if !math.IsNaN(p.EffectiveRPS) {
			points = append(points, p)
		}
	}
	return points, err
}

func curveName(p published.Point) string { return p.Figure + " " + p.Backend }

// peaks are the largest published values of each figure: what an error is a
// share of, since the curves fall to 0.
func peaks(points []published.Point) map[string]float64 {
	byFigure := map[string]float64{}
	for _, p := range points {
		byFigure[p.Figure] = max(byFigure[p.Figure], p.EffectiveRPS)
	}
	peak := map[string]float64{}
	for _, p := range points {
		peak[curveName(p)] = byFigure[p.Figure]
	}
	return peak
}

// effective is the simulated effective throughput of a point, in requests a second.
func effective(p published.Point, constants *sim.Constants) (float64, error) {
	results, err := simulate(p, constants)
	if err != nil {
		return 0, err
	}
	fold := metrics.Goodput{Levels: []metrics.Level{level(p)}}
	for _, row := range requests(record.Key{}, results) {
		fold.Add(row)
	}
	return float64(fold.Rows()[0].EffectiveRPS), nil
}

// goodputErrors are simulated - published, in requests a second.
func goodputErrors(points []published.Point, constants *sim.Constants) ([]float64, error) {
	off := make([]float64, len(points))
	return off, each(points, func(i int, p published.Point) error {
		got, err := effective(p, constants)
		off[i] = got - p.EffectiveRPS
		return err
	})
}

// goodputCurve is a row of the table of effective throughputs. Errors are
// shares of the figure's peak.
type goodputCurve struct {
	Figure  record.Text `csv:"figure"`
	Backend record.Text `csv:"backend"`
	Points  int         `csv:"points"`
	Mean    record.Rate `csv:"mean_error"`
	Worst   record.Rate `csv:"worst_error"`
	Part    record.Text `csv:"part"`
}

func goodputTable(_ context.Context, _ *cli.Context, std *cmdline.Std) error {
	points, err := goodputPoints()
	if err != nil {
		return err
	}
	off, err := goodputErrors(points, sim.Fitted())
	if err != nil {
		return err
	}
	peak := peaks(points)
	at := map[string]int{}
	var rows []goodputCurve
	for i, p := range points {
		name := curveName(p)
		if _, known := at[name]; !known {
			at[name] = len(rows)
			rows = append(rows, goodputCurve{Figure: record.Text(p.Figure), Backend: record.Text(p.Backend), Part: goodputPart(p)})
		}
		row := &rows[at[name]]
		row.Points++
		row.Mean += record.Rate(math.Abs(off[i]) / peak[name])
		row.Worst = max(row.Worst, record.Rate(math.Abs(off[i])/peak[name]))
	}
	for i := range rows {
		rows[i].Mean /= record.Rate(rows[i].Points)
	}
	return writeAll(std.Out, rows)
}

func goodputPart(p published.Point) record.Text {
	if strings.HasPrefix(p.Hardware, "1xA6000") {
		return fitted
	}
	return held
}
