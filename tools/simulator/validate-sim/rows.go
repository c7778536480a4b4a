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
)

// publishedRequests is how many requests a published point had.
const publishedRequests = 512

// publishedBatch is how many tokens a forward pass had room for.
const publishedBatch = 768

// The service level that compare looks at. Figures differ in the second.
const (
	slaPrompt = 512
	slaGen    = 4
)

func rowsFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "figure", Usage: "only figures whose name contains `TEXT`, such as fig8"},
		&cli.BoolFlag{Name: "goodput", Usage: "write points of effective throughput, as goodput rows"},
		&cli.BoolFlag{Name: "gaps", Usage: "write percentiles of token latency, as gap rows"},
	}
}

func rows(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	if c.Bool("gaps") {
		return gapRows(std)
	}
	return pointRows(c.String("figure"), c.Bool("goodput"), std)
}

// pointRows writes the published points of the figures whose name holds text.
func pointRows(text string, goodput bool, std *cmdline.Std) error {
	points, err := published.Points()
	if err != nil {
		return err
	}
	summaries, goodputs := csvio.NewWriter[record.Summary](std.Out), csvio.NewWriter[record.Goodput](std.Out)
	written := 0
	for _, p := range points {
		if !strings.Contains(p.Figure, text) || math.IsNaN(p.EffectiveRPS) == goodput {
			continue
		}
		k, err := key(p, "published-")
		if err != nil {
			return err
		}
		if goodput {
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
		return fmt.Errorf("no published point in figures with %q", text)
	}
	return nil
}

// summaryRow has what was published, and nothing else.
func summaryRow(k record.Key, p published.Point) record.Summary {
	n := requests(p)
	return record.Summary{
		Key: k, Requests: n, OK: n, ThroughputRPS: record.RateOf(p.ThroughputRPS), LatencyMeanS: record.InSeconds(p.LatencyS), Status: record.Complete,
	}
}

// goodputRow has what was published; how many requests were good was not.
func goodputRow(k record.Key, p published.Point) record.Goodput {
	return record.Goodput{
		Key: k, SLAPromptTPS: record.RateOf(slaPrompt), SLAGenTPS: record.RateOf(p.SLAGenTPS), SLARule: "ema16", Requests: requests(p),
		EffectiveRPS: record.RateOf(p.EffectiveRPS), Status: record.Complete,
	}
}

// How figure 5 leaves out requests and token gaps.
const (
	skippedRequests = 100
	skippedTokens   = 2
)

// gapRows writes the published percentiles.
func gapRows(std *cmdline.Std) error {
	list, err := published.TokenLatencies()
	if err != nil {
		return err
	}
	w := csvio.NewWriter[record.Gaps](std.Out)
	for _, p := range list {
		k, err := key(published.Point{Config: p.Config, Clients: p.Clients}, "published-")
		if err != nil {
			return err
		}
		row := record.Gaps{Key: k, SkipRequests: skippedRequests, SkipTokens: skippedTokens, Per: "token",
			P50S: record.InSeconds(p.P50), P90S: record.InSeconds(p.P90), P95S: record.InSeconds(p.P95), Status: record.Complete}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
