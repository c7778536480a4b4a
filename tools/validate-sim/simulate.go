package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// virtualEngine is the engine of rows that never saw a server.
const virtualEngine = "sim-engine virtual time"

func simulateFlags() []cli.Flag {
	return []cli.Flag{&cli.StringFlag{Name: "figure", Usage: "only figures whose name holds `TEXT`, such as fig8"}}
}

// writeSimulated writes the requests of the model at every published load.
func writeSimulated(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	points, err := figurePoints(c.String("figure"))
	if err != nil {
		return err
	}
	w := csvio.NewWriter[record.Request](std.Out)
	for _, p := range points {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		m, err := simulate(p, sim.Constants(), requests(p))
		if err != nil {
			return err
		}
		k, err := key(p, "sim-")
		if err != nil {
			return err
		}
		k.Engine = virtualEngine
		if err := writeResults(w, k, m.results); err != nil {
			return err
		}
	}
	return nil
}

// figurePoints are the published points of the figures whose name holds text,
// and the load of the published percentiles.
func figurePoints(text string) ([]published.Point, error) {
	points, err := published.Points()
	if err != nil {
		return nil, err
	}
	percentiles, err := published.TokenLatencies()
	if err != nil {
		return nil, err
	}
	for _, p := range percentiles {
		points = append(points, published.Point{Config: p.Config, Clients: p.Clients, LatencyS: math.NaN(), EffectiveRPS: math.NaN()})
	}
	points = slices.DeleteFunc(points, func(p published.Point) bool { return !strings.Contains(p.Figure, text) })
	if len(points) == 0 {
		return nil, fmt.Errorf("no published point in figures with %q", text)
	}
	return points, nil
}

// writeResults writes results as the rows that loadgen writes, one per request.
func writeResults(w *csvio.Writer[record.Request], k record.Key, results []sim.Result) error {
	for i, r := range results {
		if err := w.Write(requestRow(k, i, r)); err != nil {
			return err
		}
	}
	return nil
}

// requestRow is the row of a request that no client sent: when its tokens came
// is known, and nothing of a client.
func requestRow(k record.Key, i int, r sim.Result) record.Request {
	var zero time.Time
	latency := record.InSeconds(r.Latency())
	return record.Outcome{
		Start: zero.Add(time.Duration(math.Round(r.Start*1e6)) * time.Microsecond), Latency: latency, End: latency,
		Prompt: record.CountOf(r.Prompt), Generated: record.CountOf(len(r.TokenTimes)), Chunks: chunksOf(r), Clock: "virtual", Attempts: 1, Status: record.OK,
	}.Row(record.Place{Key: k, Zero: zero, Client: r.Client, Request: i, AskedPrompt: record.CountOf(r.Prompt), AskedNew: record.CountOf(r.New)})
}
