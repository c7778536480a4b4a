// Plot-turns draws the time to first token by the turn of a conversation.
package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/plot"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

const manual = `Reads turn rows as collect turns writes them, from the operands or stdin,
and draws for each configuration and load the TTFT of the first turn of a
session, the second and so on: the median, or with --percentile the 90th or
99th. The prompt grows with each turn; a server need not compute again what its
prefix cache holds. The figure goes to stdout, or with --out-dir one file per
configuration and load to a folder.

  serve-launch --backend sim-vllm | loadgen --turns 6 --num-clients 4 --num-requests 96 --stream | collect turns | plot-turns > turns.png
  collect turns 'no cache=without.csv' 'cache=with.csv' | plot-turns --percentile 99 > cache.png

Marks and series are as in plot-th-lat. If sessions differ in length, the last
turns have few requests: collect turns says how many.`

func main() {
	cmdline.Main((&percentile{50}).kind().Tool("plot-turns", "time to first token by turn from turn rows", manual))
}

type row = record.Turns

// percentile is which one is drawn.
type percentile struct{ number int }

func (p *percentile) kind() plot.Kind[row, string] {
	return plot.Kind[row, string]{
		Key:    key,
		From:   "collect turns",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"turn", "ttft_p50_s", "ttft_p90_s", "ttft_p99_s"},
		Detail: func(r row) string { return load(r.LoadKey) },
		Place:  func(r row) string { return fmt.Sprintf("turn %d", r.Turn) },
		Points: func(r row) []chart.Point { return []chart.Point{{X: float64(r.Turn), Y: p.of(r).Float()}} },
		Label:  func(r row, _ chart.Point) string { return share(r.CachedShare) },
		Figure: p.figure, Stem: p.stem, Curve: chart.Join,
		Flags: []cli.Flag{&cli.IntFlag{Name: "percentile", Value: 50, Usage: "draw the `N`-th percentile of TTFT: 50, 90 or 99", Destination: &p.number}},
		Check: func(*cli.Context) error {
			if p.number != 50 && p.number != 90 && p.number != 99 {
				return cmdline.Usagef("--percentile %d is not one of 50, 90, 99", p.number)
			}
			return nil
		},
	}
}

func key(r row) record.Key { return r.Key }

// load is what figures of one configuration differ in.
func load(k record.LoadKey) string {
	if k.RateRPS > 0 {
		return fmt.Sprintf("%g sessions/s", float64(k.RateRPS))
	}
	return fmt.Sprintf("Clients: %d", k.NumClients)
}

// of is the percentile of a turn.
func (p *percentile) of(r row) record.Seconds {
	switch p.number {
	case 90:
		return r.TTFTP90S
	case 99:
		return r.TTFTP99S
	}
	return r.TTFTP50S
}

// share is written beside a point on request: how much of the prompts was cached.
func share(cached record.Rate) string {
	if !cached.Known() {
		return ""
	}
	return fmt.Sprintf("%.0f %% cached", 100*cached.Float())
}

func (p *percentile) figure(panel series.Panel[row, string]) chart.Figure {
	return chart.Figure{
		Title: panel.Title() + ", " + panel.Detail, Subtitle: plot.Hardware(panel.Rows, key),
		X: chart.Axis{Label: "Turn of the session", Whole: true}, Y: chart.Axis{Label: p.name() + " of the time to first token (s)"},
	}
}

func (p *percentile) name() string {
	if p.number == 50 {
		return "Median"
	}
	return fmt.Sprintf("P%d", p.number)
}

func (p *percentile) stem(panel series.Panel[row, string]) string {
	k := panel.Rows[0].LoadKey
	load := fmt.Sprintf("c%d", k.NumClients)
	if panel.OpenLoop {
		load = fmt.Sprintf("r%g", float64(k.RateRPS))
	}
	name := fmt.Sprintf("turns_%s_%s_tp%d_p%dg%d", panel.ModelName(), load, panel.TPSize, panel.MeanPromptLength, panel.MeanMaxNewTokens)
	if panel.NumReplicas > 1 {
		name += fmt.Sprintf("_replicas%d", panel.NumReplicas)
	}
	if p.number != 50 {
		name += fmt.Sprintf("_p%d", p.number)
	}
	return name
}
