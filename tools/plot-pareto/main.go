// Plot-pareto draws a server's output per GPU against its output per user.
package main

import (
	"fmt"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/plot"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

const manual = `Reads summary rows as collect writes them, from the operands or stdin,
and draws for each configuration the output tokens per second per GPU against
those per user (1 / 90th percentile of TPOT), one series per backend and number
of GPUs, joined in the order of their load. Up and to the right is better: more
users per GPU, or faster answers. MLPerf Endpoints and InferenceX publish this
curve. The figure goes to stdout, or with --out-dir one file per configuration
to a folder.

  serve-launch --backend sim-vllm | loadgen --num-clients 1,4,16 --stream | collect | plot-pareto > pareto.png
  import-results --tp-size 4 --num-replicas 1 old/*.json | collect | plot-pareto --annotate > old.png

If tp_size or num_replicas is empty, the number of GPUs is unknown: such rows
get separate figures, with the tokens of the whole server. Marks and series are
as in plot-th-lat.`

func main() {
	cmdline.Main(kind().Tool("plot-pareto", "output tokens/s per GPU against tokens/s per user from summary rows", manual))
}

type row = record.Summary

// kind's detail is whether the number of GPUs is known.
func kind() plot.Kind[row, bool] {
	return plot.Kind[row, bool]{
		Key:    key,
		From:   "collect",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"generated_tps", "tpot_p90_s"},
		Config: config,
		Detail: func(r row) bool { return r.GPUs() > 0 },
		Part:   spread,
		Points: func(r row) []chart.Point { return []chart.Point{{X: perUser(r), Y: perGPU(r)}} },
		Figure: figure, Stem: stem, Curve: chart.Join,
	}
}

func key(r row) record.Key { return r.Key }

// config is the same however the model is spread over GPUs.
func config(r row) series.Config {
	c := series.ConfigOf(r.Key)
	c.TPSize, c.NumReplicas = 0, 0
	return c
}

// spread separates series by how their GPUs are combined.
func spread(r row) string {
	switch {
	case r.GPUs() == 0:
		return ""
	case r.NumReplicas == 1:
		return fmt.Sprintf("TP %d", r.TPSize)
	}
	return fmt.Sprintf("TP %d x %d", r.TPSize, r.NumReplicas)
}

// perUser is the pace that nine requests in ten reach after their first token:
// MLPerf Endpoints' tps_per_user, 1000 / tpot_p90_ms.
func perUser(r row) float64 { return 1 / r.TPOTP90S.Float() }

// perGPU is of the whole server where the number of its GPUs is not known.
func perGPU(r row) float64 { return r.GeneratedTPS.Float() / float64(max(1, r.GPUs())) }

func figure(p series.Panel[row, bool]) chart.Figure {
	y := "Output tokens/s"
	if p.Detail {
		y += " per GPU"
	}
	return chart.Figure{
		Title: p.Title(), Subtitle: plot.Hardware(p.Rows, key),
		X: chart.Axis{Label: "Tokens/s per user (1 / p90 TPOT)"}, Y: chart.Axis{Label: y},
	}
}

func stem(p series.Panel[row, bool]) string {
	name := fmt.Sprintf("pareto_%s_bs%d_prompt%d_gen%d", p.ModelName(), p.MaxRaggedBatchSize, p.MeanPromptLength, p.MeanMaxNewTokens)
	if !p.Detail {
		name += "_server"
	}
	if p.OpenLoop {
		name += "_open"
	}
	return name
}
