// Plot-pctl draws the percentiles of token latencies as bars.
package main

import (
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/plot"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

const manual = `Reads gap rows as collect gaps writes them, from the operands or stdin,
and draws for each configuration and load the P50, P90 and P95 of the time
between two tokens, one bar per backend. The figure goes to stdout, or with
--out-dir one file per configuration and load to a folder.

  collect gaps point.csv | plot-pctl --annotate > p95.png
  collect gaps results/*/*.csv | plot-pctl --out-dir plots/percentile_token_latency

Series and their names are as in plot-th-lat. White bars are client-limited
points, pale crossed ones have failed requests, and those with dots have a doubt,
which is printed on stderr. Hatched bars are published figures.`

func main() {
	cmdline.Main(kind().Tool("plot-pctl", "token-latency percentiles from gap rows", manual))
}

type row = record.Gaps

// load is the load that a figure of a configuration is for.
type load struct {
	clients int
	rate    record.OfferedRate
}

func kind() plot.Kind[row, load] {
	return plot.Kind[row, load]{
		Key:    key,
		From:   "collect gaps",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"skip_requests", "skip_tokens", "p50_s", "p90_s", "p95_s"},
		Detail: func(r row) load { return load{r.NumClients, r.RateRPS} },
		Points: func(r row) []chart.Point {
			return []chart.Point{{X: 0, Y: r.P50S.Float()}, {X: 1, Y: r.P90S.Float()}, {X: 2, Y: r.P95S.Float()}}
		},
		Label:  func(_ row, p chart.Point) string { return fmt.Sprintf("%.3g", p.Y) },
		Figure: figure, Stem: stem, Curve: chart.NoCurve,
		Answers: []cmdline.Answer{
			{Word: "--skip_head_token_num", Why: "collect skips them", Instead: "collect gaps --skip-tokens 1 results/*/*.csv | plot-pctl > figure.png"},
			{Word: "--skip_request_num", Why: "collect skips them", Instead: "collect gaps --skip-requests 1 results/*/*.csv | plot-pctl > figure.png"},
		},
	}
}

func key(r row) record.Key { return r.Key }

func figure(p series.Panel[row, load]) chart.Figure {
	load := fmt.Sprintf("Clients: %d", p.Detail.clients)
	if p.OpenLoop {
		load = fmt.Sprintf("Rate: %g queries/s", float64(p.Detail.rate))
	}
	return chart.Figure{
		Title: p.Title() + ", " + load, Subtitle: plot.Join(plot.Hardware(p.Rows, key), skipped(p.Rows)), Bars: true,
		Y: chart.Axis{Label: "Token latency (s)"}, Categories: []string{"P50", "P90", "P95"},
	}
}

// skipped says which gaps are not counted, if not collect's default.
func skipped(rows []row) string {
	var all []string
	for _, r := range rows {
		words := fmt.Sprintf("%d requests and %d tokens", r.SkipRequests, r.SkipTokens)
		if !slices.Contains(all, words) {
			all = append(all, words)
		}
	}
	if len(all) == 1 && rows[0].SkipRequests == 1 && rows[0].SkipTokens == 1 {
		return ""
	}
	return "skipped: " + strings.Join(all, " or ")
}

// stem is the original suite's file name, which has neither replicas nor a
// rate.
func stem(p series.Panel[row, load]) string {
	load := fmt.Sprintf("c%d", p.Detail.clients)
	if p.OpenLoop {
		load = fmt.Sprintf("r%g", float64(p.Detail.rate))
	}
	name := fmt.Sprintf("p95_token_latency_%s_%s_tp%d_p%dg%d", p.ModelName(), load, p.TPSize, p.MeanPromptLength, p.MeanMaxNewTokens)
	if p.NumReplicas > 1 {
		name += fmt.Sprintf("_replicas%d", p.NumReplicas)
	}
	return name
}
