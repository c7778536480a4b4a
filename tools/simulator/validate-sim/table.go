package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// curve is a row of the table: one published curve, and how far the model is
// off. Errors in latency are shares of the published latency, those in
// effective throughput shares of the figure's peak; bias is the mean with its sign.
type curve struct {
	Figure   record.Text `csv:"figure"`
	Hardware record.Text `csv:"hardware"`
	Model    record.Text `csv:"model"`
	Backend  record.Text `csv:"backend"`
	Measure  record.Text `csv:"measure"`
	Points   int         `csv:"points"`
	Mean     record.Rate `csv:"mean_error"`
	Worst    record.Rate `csv:"worst_error"`
	Bias     record.Rate `csv:"bias"`
	Fitted   record.Text `csv:"fitted"`
}

// What a curve's errors are of.
const (
	ofLatency   = "latency"
	ofEffective = "effective"
)

// fitted are the figures that the constants of package sim were fitted to: of
// every model on every hardware the first one in the file, of latency and of
// effective throughput. All others are held out.
var fitted = []string{
	"fastgen-blog-2023-11/fig2-left", "fastgen-blog-2023-11/fig3-left", "fastgen-blog-2023-11/fig4-left", "fastgen-blog-2023-11/fig7-left",
	"fastgen-blog-2023-11/fig8-left", "fastgen-blog-2023-11/fig8-right",
	"fastgen-blog-2024-01/fig1-topright", "fastgen-blog-2024-01/fig3-topleft", "fastgen-blog-2024-01/fig4-topleft", "fastgen-blog-2024-01/fig5-topleft",
	"deepspeed-fp6-blog-2024-03/fig1-g250",
}

func table(ctx context.Context, _ *cli.Context, std *cmdline.Std) error {
	points, err := published.Points()
	if err != nil {
		return err
	}
	curves, err := judge(ctx, points)
	if err != nil {
		return err
	}
	w := csvio.NewWriter[curve](std.Out)
	for _, c := range curves {
		if err := w.Write(*c); err != nil {
			return err
		}
	}
	for _, g := range groups(curves) {
		std.Notef("%s", g)
	}
	return nil
}

// judge runs the model for every point and sums up each curve.
func judge(ctx context.Context, points []published.Point) ([]*curve, error) {
	off := make([]float64, len(points))
	table := sim.Constants()
	if err := parallel(len(points), func(i int) (err error) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		off[i], err = newTarget(points, points[i]).off(table)
		return err
	}); err != nil {
		return nil, err
	}
	byConfig := map[published.Config]*curve{}
	var order []*curve
	for i, p := range points {
		at := byConfig[p.Config]
		if at == nil {
			at = &curve{
				Figure: record.Text(p.Figure), Hardware: record.Text(p.Hardware), Model: record.Text(p.Model),
				Backend: record.Text(p.Backend), Measure: measure(p), Fitted: "no",
				Mean: record.RateOf(0), Worst: record.RateOf(0), Bias: record.RateOf(0),
			}
			if slices.Contains(fitted, p.Figure) {
				at.Fitted = "yes"
			}
			byConfig[p.Config] = at
			order = append(order, at)
		}
		at.add(off[i])
	}
	for _, at := range order {
		at.Mean = record.RateOf(at.Mean.Float() / float64(at.Points))
		at.Bias = record.RateOf(at.Bias.Float() / float64(at.Points))
	}
	return order, nil
}

func (c *curve) add(off float64) {
	c.Points++
	size := math.Abs(off)
	c.Mean, c.Bias = record.RateOf(c.Mean.Float()+size), record.RateOf(c.Bias.Float()+off)
	c.Worst = record.RateOf(max(c.Worst.Float(), size))
}

func measure(p published.Point) record.Text {
	if math.IsNaN(p.LatencyS) {
		return ofEffective
	}
	return ofLatency
}

// group sums up curves that are judged together.
type group struct {
	name           string
	curves, points int
	sum, worst     float64
}

func (g group) String() string {
	return fmt.Sprintf("%-46s %2d curves, %3d points: off by %4.1f %% in the mean, %4.1f %% at worst",
		g.name, g.curves, g.points, 100*g.sum/float64(g.points), 100*g.worst)
}

// groups sums up the fitted and the held-out curves of each era and measure;
// phi-2 apart, whose figures contradict each other.
func groups(curves []*curve) []group {
	var list []group
	for _, c := range curves {
		name := fmt.Sprintf("%s, %s, %s", era(*c), c.Measure, map[record.Text]string{"yes": "fitted", "no": "held out"}[c.Fitted])
		i := slices.IndexFunc(list, func(g group) bool { return g.name == name })
		if i < 0 {
			i = len(list)
			list = append(list, group{name: name})
		}
		g := &list[i]
		g.curves++
		g.points += c.Points
		g.sum += c.Mean.Float() * float64(c.Points)
		g.worst = max(g.worst, c.Worst.Float())
	}
	slices.SortFunc(list, func(a, b group) int { return strings.Compare(a.name, b.name) })
	return list
}

func era(c curve) string {
	switch {
	case c.Model == "phi-2":
		return "2024-01 phi-2"
	case strings.HasPrefix(string(c.Figure), "deepspeed-fp6"):
		return "2024-03 FP6 and FP16"
	case strings.HasPrefix(string(c.Figure), "fastgen-blog-2024"):
		return "2024-01 Mixtral and Falcon"
	}
	return "2023-11 Llama-2"
}
