package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
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
	Fitted  record.Text `csv:"fitted"`
}

// fitted are the figures that the constants of package sim were fitted to.
var fitted = []string{"DeepSpeedExamples-mii/", "fastgen-blog-2023-11/fig8-"}

func table(_ context.Context, _ *cli.Context, std *cmdline.Std) error {
	points, err := published.Points()
	if err != nil {
		return err
	}
	byCurve := map[published.Config]*curve{}
	var order []*curve
	for _, p := range points {
		if math.IsNaN(p.LatencyS) {
			continue
		}
		latency, err := simulate(p)
		if err != nil {
			return fmt.Errorf("%s, %d clients: %w", p.Figure, p.Clients, err)
		}
		at := byCurve[p.Config]
		if at == nil {
			at = &curve{Figure: record.Text(p.Figure), Model: record.Text(p.Model), Backend: record.Text(p.Backend), Fitted: fittedTo(p.Figure)}
			byCurve[p.Config] = at
			order = append(order, at)
		}
		off := math.Abs(latency/p.LatencyS - 1)
		at.Points++
		at.Mean += record.Rate(off)
		at.Worst = max(at.Worst, record.Rate(off))
	}
	w := csvio.NewWriter[curve](std.Out)
	for _, at := range order {
		at.Mean /= record.Rate(at.Points)
		if err := w.Write(*at); err != nil {
			return err
		}
	}
	return nil
}

func fittedTo(figure string) record.Text {
	for _, prefix := range fitted {
		if strings.HasPrefix(figure, prefix) {
			return "yes"
		}
	}
	return "no"
}

// simulate is the model's mean latency at a published point, in seconds.
func simulate(p published.Point) (float64, error) {
	model, err := sim.LookupModel(names[p.Model])
	if err != nil {
		return 0, err
	}
	_, name, err := splitHardware(p.Hardware)
	if err != nil {
		return 0, err
	}
	gpu, err := sim.LookupGPU(name)
	if err != nil {
		return 0, err
	}
	load := sim.Load{Clients: p.Clients, Requests: publishedRequests, MeanPrompt: p.Prompt, MeanNew: p.Gen, MaxPrompt: 4000, Var: 0.3, TurnaroundS: 0.005, Seed: 7}
	if model.Context < 4096 {
		load.MaxPrompt = 2000
	}
	cfg := sim.Config{Model: model, Hardware: gpu, TP: p.TP, Policy: "fastgen", MaxBatchedTokens: 768}
	if p.Backend == "vllm" {
		cfg.Policy = "vllm-0.2"
	}
	if strings.HasPrefix(p.Figure, "deepspeed-fp6") {
		load.Requests = 128
	}
	if p.Backend == "fastgen-fp6" {
		cfg.Model.WeightBits = 6
	}
	cfg.Model.Context += 2 * p.Gen // the engines of the time cut longer requests short instead of refusing them
	results, err := sim.Run(cfg, 1, load)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, r := range results {
		sum += r.Latency()
	}
	return sum / float64(len(results)), nil
}
