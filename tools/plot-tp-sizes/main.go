// Plot-tp-sizes compares tensor-parallel sizes by what each GPU does.
package main

import (
	"fmt"
	"math"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/plot"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

const manual = `Reads summary rows as collect writes them, from the operands or stdin,
and draws for each configuration the TFLOPs per second of each GPU against the
mean latency, one series per backend and tensor-parallel size, joined in the
order of their load. The figure goes to stdout, or with --out-dir one file per
configuration to a folder.

A token costs two operations per parameter, so TFLOPs per GPU = queries per second
* (prompt + generated tokens) * 2 * parameters / GPUs. The parameters of the
suite's seven models are built in (for Mixtral those active for a token); give
those of others with --params.

  collect results/fastgen/*.csv | plot-tp-sizes --out-dir plots/tp_sizes

Series, marks and --common-points are as in plot-th-lat.
--fit-degree 3 draws the original suite's dashed cubic fit.`

func main() {
	cmdline.Main(new(params).kind().Tool("plot-tp-sizes", "latency over TFLOPs per GPU from summary rows", manual))
}

type row = record.Summary

func (p *params) kind() plot.Kind[row, struct{}] {
	return plot.Kind[row, struct{}]{
		Key:    key,
		From:   "collect",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"throughput_rps", "latency_mean_s"},
		Config: config,
		Detail: func(row) struct{} { return struct{}{} },
		Part:   func(r row) string { return fmt.Sprintf("TP %d", r.TPSize) },
		Points: func(r row) []chart.Point {
			return []chart.Point{{X: tflops(r, p.billions(string(r.Model))), Y: r.LatencyMeanS.Float()}}
		},
		Figure: figure, Stem: stem, Curve: chart.Join,
		Worth: func(panel series.Panel[row, struct{}]) error { return p.check(panel.Config) },
		Flags: []cli.Flag{&cli.Float64Flag{Name: "params", Usage: "parameters of other models in `BILLIONS`", Destination: &p.given}},
		Check: func(c *cli.Context) error {
			if c.IsSet("params") && !(p.given > 0) {
				return cmdline.Usagef("--params %v is not above 0", p.given)
			}
			return nil
		},
	}
}

func key(r row) record.Key { return r.Key }

// config is the same for all tensor-parallel sizes.
func config(r row) series.Config {
	c := series.ConfigOf(r.Key)
	c.TPSize = 0
	return c
}

// tflops is what each GPU does, in 10^12 operations a second. The mean lengths
// asked for stand for the tokens, as in the original suite.
func tflops(r row, billions float64) float64 {
	if r.TPSize == 0 {
		return math.NaN() // not known
	}
	tokens := float64(r.MeanPromptLength + r.MeanMaxNewTokens)
	return plot.Throughput(r) * billions * tokens * 2e-3 / float64(r.TPSize)
}

func figure(p series.Panel[row, struct{}]) chart.Figure {
	return chart.Figure{
		Title: p.Title(), Subtitle: plot.Hardware(p.Rows, key),
		X: chart.Axis{Label: "TFLOPs per GPU"}, Y: chart.Axis{Label: "Latency (s)"},
	}
}

func stem(p series.Panel[row, struct{}]) string {
	name := fmt.Sprintf("tp_sizes_%s_bs%d_replicas%d_prompt%d_gen%d", p.ModelName(), p.MaxRaggedBatchSize, p.NumReplicas, p.MeanPromptLength, p.MeanMaxNewTokens)
	if p.OpenLoop {
		name += "_open"
	}
	return name
}
