// Plot-eff-th draws effective-throughput figures.
package main

import (
	"fmt"
	"strings"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/plot"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

const manual = `Reads goodput rows as collect goodput writes them, from the operands or
stdin, and draws for each configuration and service level how many queries per
second kept the level, against the number of clients (the offered rate in an
open loop), one series per backend, joined in the order of their load. The
figure goes to stdout, or with --out-dir one file per configuration and level to
a folder.

  collect goodput --sla-gen 4 --sla-rule ema16 point.csv | plot-eff-th > eff.png
  collect goodput --slo "ttft:1000 tpot:100" point.csv | plot-eff-th > eff.png
  collect goodput results/*/*.csv | plot-eff-th --out-dir plots/goodput

Series, marks and --common-points are as in plot-th-lat.
--fit-degree 4 draws the original suite's dashed quartic fit.`

func main() {
	cmdline.Main(kind().Tool("plot-eff-th", "effective-throughput figures from goodput rows", manual))
}

type row = record.Goodput

// level is a service level: promised rates and their rule, or an SLO.
type level struct {
	promptTPS, genTPS record.Rate
	rule, slo         record.Text
}

func (l level) String() string {
	if l.slo != "" {
		return fmt.Sprintf("SLO: %s (ms)", l.slo)
	}
	return fmt.Sprintf("SLA: prompt %g tokens/s, generation %g tokens/s (%s)", l.promptTPS.Float(), l.genTPS.Float(), l.rule)
}

// stem is the level in a file's name; promised rates as the original suite has them.
func (l level) stem() (before, after string) {
	if l.slo != "" {
		return "SLO-" + strings.NewReplacer(":", "", " ", "-").Replace(string(l.slo)), ""
	}
	return fmt.Sprintf("SLAp%gg%g", l.promptTPS.Float(), l.genTPS.Float()), "_" + string(l.rule)
}

func kind() plot.Kind[row, level] {
	return plot.Kind[row, level]{
		Key:    key,
		From:   "collect goodput",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"sla_prompt_tps", "sla_gen_tps", "sla_rule", "effective_rps"},
		Detail: func(r row) level { return level{r.SLAPromptTPS, r.SLAGenTPS, r.SLARule, r.SLO} },
		Points: points, Figure: figure, Stem: stem, Curve: chart.Join,
		Answers: []cmdline.Answer{
			{Word: "--sla_prompt_tokens_per_sec", Why: "the level is collect's", Instead: "collect goodput --sla-prompt 512 results/*/*.csv | plot-eff-th > figure.png"},
			{Word: "--sla_gen_tokens_per_sec", Why: "the level is collect's", Instead: "collect goodput --sla-gen 2,4 results/*/*.csv | plot-eff-th > figure.png"},
			{Word: "--ema_span", Why: "the rule is collect's, and its span is 16", Instead: "collect goodput --sla-rule ema16 results/*/*.csv | plot-eff-th > figure.png"},
		},
	}
}

func key(r row) record.Key { return r.Key }

func points(r row) []chart.Point {
	load := float64(r.NumClients)
	if r.RateRPS > 0 {
		load = float64(r.RateRPS)
	}
	return []chart.Point{{X: load, Y: r.EffectiveRPS.Float()}}
}

func figure(p series.Panel[row, level]) chart.Figure {
	x := chart.Axis{Label: "Number of clients", Whole: true}
	if p.OpenLoop {
		x = chart.Axis{Label: "Offered rate (queries/s)"}
	}
	return chart.Figure{
		Title: p.Title(), Subtitle: plot.Join(p.Detail.String(), plot.Hardware(p.Rows, key)),
		X: x, Y: chart.Axis{Label: "Effective throughput (queries/s)"},
	}
}

// stem is the original suite's file name, which has neither replicas nor an
// open loop; they are added where they are not the default.
func stem(p series.Panel[row, level]) string {
	before, after := p.Detail.stem()
	name := fmt.Sprintf("%s_%s_tp%d_b%d_p%dg%d%s", p.ModelName(), before,
		p.TPSize, p.MaxRaggedBatchSize, p.MeanPromptLength, p.MeanMaxNewTokens, after)
	if p.NumReplicas > 1 {
		name += fmt.Sprintf("_replicas%d", p.NumReplicas)
	}
	if p.OpenLoop {
		name += "_open"
	}
	return name
}
