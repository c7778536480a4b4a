package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// publishedRequests is how many requests a published point had.
const publishedRequests = 512

// The service level of the published effective throughputs that rows writes.
const (
	slaPrompt = 512
	slaGen    = 4
)

func rowsFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "figure", Usage: "only figures whose name holds `TEXT`, such as fig8"},
		&cli.BoolFlag{Name: "goodput", Usage: "points of effective throughput, as goodput rows"},
		&cli.BoolFlag{Name: "simulated", Usage: "what the model makes of the same points, in virtual time"},
	}
}

func rows(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	if c.Bool("simulated") {
		return simulatedRows(c, std)
	}
	points, err := published.Points()
	if err != nil {
		return err
	}
	summaries, goodputs := csvio.NewWriter[record.Summary](std.Out), csvio.NewWriter[record.Goodput](std.Out)
	written := 0
	for _, p := range points {
		if !strings.Contains(p.Figure, c.String("figure")) || math.IsNaN(p.EffectiveRPS) == c.Bool("goodput") {
			continue
		}
		k, err := key(p, "published-")
		if err != nil {
			return err
		}
		if c.Bool("goodput") {
			err = goodputs.Write(goodputRow(k, p))
		} else {
			err = summaries.Write(summaryRow(k, p))
		}
		if err != nil {
			return err
		}
		written++
	}
	if written == 0 {
		return fmt.Errorf("no published point in figures with %q", c.String("figure"))
	}
	return nil
}

// summaryRow has what was published, and nothing else.
func summaryRow(k record.Key, p published.Point) record.Summary {
	none, norate := record.NoSeconds(), record.NoRate()
	return record.Summary{
		Key: k, Requests: publishedRequests, OK: publishedRequests, SpanS: none,
		ThroughputRPS: record.Rate(p.ThroughputRPS), WallRPS: norate, GeneratedTPS: norate, TotalTPS: norate, RequestTPS: norate,
		LatencyMeanS: record.Seconds(p.LatencyS), LatencyP50S: none, LatencyP90S: none, LatencyP95S: none, LatencyP99S: none,
		TTFTMeanS: none, TTFTP50S: none, TTFTP90S: none, TTFTP95S: none, TTFTP99S: none,
		GapMeanS: none, GapP50S: none, GapP90S: none, GapP95S: none, GapP99S: none,
		LagP99S: none, PauseMaxS: none, ClientCPU: norate, SteadyS: none, SteadyRPS: norate, Status: record.Complete,
	}
}

// goodputRow has what was published; how many requests were good was not.
func goodputRow(k record.Key, p published.Point) record.Goodput {
	return record.Goodput{
		Key: k, SLAPromptTPS: slaPrompt, SLAGenTPS: record.Rate(level(p).GenTPS), SLARule: "ema16", Requests: publishedRequests,
		WallRPS: record.NoRate(), EffectiveRPS: record.Rate(p.EffectiveRPS), Status: record.Complete,
	}
}

// simulatedRows are the rows that collect would write of the model's requests.
func simulatedRows(c *cli.Context, std *cmdline.Std) error {
	all, err := curvePoints()
	if c.Bool("goodput") {
		all, err = goodputPoints()
	}
	if err != nil {
		return err
	}
	points := slices.DeleteFunc(all, func(p published.Point) bool { return !strings.Contains(p.Figure, c.String("figure")) })
	if len(points) == 0 {
		return fmt.Errorf("no published point in figures with %q", c.String("figure"))
	}
	summaries, goodputs := make([]record.Summary, len(points)), make([]record.Goodput, len(points))
	err = each(points, func(i int, p published.Point) error {
		k, err := key(p, "sim-")
		if err != nil {
			return err
		}
		k.Engine = record.Text("model " + policyOf(p))
		results, err := simulate(p, sim.Fitted())
		if err != nil {
			return err
		}
		summary, goodput := &metrics.Summary{}, &metrics.Goodput{Levels: []metrics.Level{level(p)}}
		for _, row := range requests(k, results) {
			summary.Add(row)
			goodput.Add(row)
		}
		summaries[i], goodputs[i] = summary.Rows()[0], goodput.Rows()[0]
		return nil
	})
	if err != nil {
		return err
	}
	if c.Bool("goodput") {
		return writeAll(std.Out, goodputs)
	}
	return writeAll(std.Out, summaries)
}

func writeAll[T any](out io.Writer, rows []T) error {
	w := csvio.NewWriter[T](out)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
