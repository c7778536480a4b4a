// Plot-repl-scale draws how throughput grows with the number of replicas.
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
and draws for each configuration the queries per second as bars over the
number of replicas, at a fixed number of clients per replica, with a dashed
straight fit. The figure goes to stdout, or with --out-dir one file per
configuration and load to a folder. Configurations measured with only one number
of replicas are skipped.

  collect results/sim-fastgen/*.csv | plot-repl-scale --out-dir plots/repl_scale

Series and bars are as in plot-pctl, --common-points as in plot-th-lat.`

func main() {
	cmdline.Main(new(load).kind().Tool("plot-repl-scale", "throughput over replicas from summary rows", manual))
}

type row = record.Summary

// load is the number of clients per replica that is drawn, 0 for each.
type load struct{ clients float64 }

// kind's detail is the load of one replica: clients, or queries per second in
// an open loop.
func (l *load) kind() plot.Kind[row, float64] {
	return plot.Kind[row, float64]{
		Key:    key,
		From:   "collect",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"throughput_rps"},
		Config: config, Detail: loadOfReplica,
		Place: func(r row) string { return replicas(r.NumReplicas) },
		Points: func(r row) []chart.Point {
			if r.NumReplicas == 0 {
				return []chart.Point{{X: math.NaN()}} // not known
			}
			return []chart.Point{{X: float64(r.NumReplicas), Y: plot.Throughput(r)}}
		},
		Figure: figure, Worth: worth, Stem: stem, Curve: 1,
		Label:  func(_ row, p chart.Point) string { return fmt.Sprintf("%.3g", p.Y) },
		Flags:  []cli.Flag{&cli.Float64Flag{Name: "clients-per-replica", Usage: "draw only the load of `N` clients per replica", Destination: &l.clients}},
		Wanted: func(r row) bool { return l.clients == 0 || r.RateRPS == 0 && loadOfReplica(r) == l.clients },
		Check: func(c *cli.Context) error {
			if c.IsSet("clients-per-replica") && !(l.clients > 0) {
				return cmdline.Usagef("--clients-per-replica %v is not above 0", l.clients)
			}
			return nil
		},
	}
}

func key(r row) record.Key { return r.Key }

// config is the same for all numbers of replicas.
func config(r row) series.Config {
	c := series.ConfigOf(r.Key)
	c.NumReplicas = 0
	return c
}

func loadOfReplica(r row) float64 {
	load := float64(r.NumClients)
	if r.RateRPS > 0 {
		load = float64(r.RateRPS)
	}
	return load / max(1, float64(r.NumReplicas))
}

func figure(p series.Panel[row, float64]) chart.Figure {
	return chart.Figure{
		Title: p.Title() + ", " + loadName(p), Subtitle: plot.Hardware(p.Rows, key), Bars: true,
		X: chart.Axis{Label: "Number of replicas", Whole: true}, Y: chart.Axis{Label: "Throughput (queries/s)"},
	}
}

func loadName(p series.Panel[row, float64]) string {
	if p.OpenLoop {
		return fmt.Sprintf("Rate/replica: %g queries/s", p.Detail)
	}
	return fmt.Sprintf("Clients/replica: %g", p.Detail)
}

func worth(p series.Panel[row, float64]) error {
	for _, r := range p.Rows {
		if r.NumReplicas != p.Rows[0].NumReplicas {
			return nil
		}
	}
	return fmt.Errorf("%s: measured with %s only", p.Title(), replicas(p.Rows[0].NumReplicas))
}

func replicas(n record.Setting) string {
	if n == 1 {
		return "1 replica"
	}
	return fmt.Sprintf("%d replicas", n)
}

func stem(p series.Panel[row, float64]) string {
	load := "c"
	if p.OpenLoop {
		load = "r"
	}
	return fmt.Sprintf("repl_scale_%s_tp%d_b%d_p%dg%d_%s%g", p.ModelName(), p.TPSize, p.MaxRaggedBatchSize,
		p.MeanPromptLength, p.MeanMaxNewTokens, load, p.Detail)
}
