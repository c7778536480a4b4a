// Plot-th-lat draws throughput-latency figures.
package main

import (
	"fmt"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/plot"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

const manual = `Reads summary rows as collect writes them, from the operands or stdin, and
draws for each configuration the queries per second against the mean latency,
one series per backend, joined in the order of their load. The figure goes to
stdout, or with --out-dir one file per configuration to a folder.

  loadgen --url http://host:8000 --num-clients 1,2,4,8 | collect | plot-th-lat > th-lat.png
  collect results/*/*.csv | plot-th-lat --out-dir plots/throughput_latency
  plot-th-lat --annotate before=old.csv after=new.csv > compare.png

The rows of one backend are one series, unless two of them have the same load:
then they are separated by engine, hardware, speed or run. Hollow marks are
client-limited points, pale crossed ones have failed requests, and those with a dot
have a doubt, which is printed on stderr. All points of every series are drawn;
--common-points draws only the loads that all series have. Of a repeated sweep, with
runs NAME.1, NAME.2 and so on (loadgen --repeat), each point is the mean of the
runs, with bars from the smallest to the largest value. --fit-degree 3 draws the
original suite's dashed cubic fit, which oscillates where the points do not.`

func main() {
	cmdline.Main(kind().Tool("plot-th-lat", "throughput-latency figures from summary rows", manual))
}

type row = record.Summary

// kind has no detail: one configuration is one figure.
func kind() plot.Kind[row, struct{}] {
	return plot.Kind[row, struct{}]{
		Key:    key,
		From:   "collect",
		Status: func(r row) record.Status { return r.Status },
		Doubt:  func(r row) record.Text { return r.Doubt },
		Needs:  []string{"throughput_rps", "latency_mean_s"},
		Detail: func(row) struct{} { return struct{}{} },
		Points: func(r row) []chart.Point {
			return []chart.Point{{X: plot.Throughput(r), Y: r.LatencyMeanS.Float()}}
		},
		Figure: figure, Stem: stem, Curve: chart.Join,
	}
}

func key(r row) record.Key { return r.Key }

func figure(p series.Panel[row, struct{}]) chart.Figure {
	return chart.Figure{
		Title: p.Title(), Subtitle: plot.Hardware(p.Rows, key),
		X: chart.Axis{Label: "Throughput (queries/s)"}, Y: chart.Axis{Label: "Latency (s)"},
	}
}

// stem is the original suite's file name.
func stem(p series.Panel[row, struct{}]) string {
	name := fmt.Sprintf("%s-tp%d-bs%d-replicas%d-prompt%d-gen%d",
		p.ModelName(), p.TPSize, p.MaxRaggedBatchSize, p.NumReplicas, p.MeanPromptLength, p.MeanMaxNewTokens)
	if p.OpenLoop {
		name += "-open"
	}
	return name
}
