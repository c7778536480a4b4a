package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

const gapsManual = `Reads request rows as collect does and writes gap rows: percentiles of the
inter-token latencies of a point, skipping what the original suite's percentile
figure skips. The gaps of a summary skip nothing.

Requests are sorted by start, and the first and last --skip-requests are skipped. Of
each request the first --skip-tokens token times, beginning with the time to first
token, and the last one are skipped. A chunk of k tokens after a time d is k gaps of
d/k, or with --per chunk one gap of d. Samples stay in memory until the input ends.

Examples:

  collect gaps results/*/*.csv | plot-pctl --out-dir plots/percentile_token_latency
  collect gaps --skip-requests 4 --columns backend,num_clients,p50_s,p99_s rows.csv`

func gaps() cmdline.Tool {
	return cmdline.Tool{
		Name: "gaps", Summary: "percentiles of the inter-token latencies",
		Manual: gapsManual, Operands: operands,
		Flags: []cli.Flag{
			whereFlag(),
			columnsFlag(),
			&cli.IntFlag{Name: "skip-requests", Aliases: []string{"skip-request-num"}, Value: 1, Usage: "skip the first and the last `N` requests of a point"},
			&cli.IntFlag{Name: "skip-tokens", Aliases: []string{"skip-head-token-num"}, Value: 1, Usage: "skip the first `N` token times of a request"},
			&cli.StringFlag{Name: "per", Value: metrics.PerToken.String(), Usage: "gaps per `WHAT`: token or chunk"},
		},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			for _, flag := range []string{"skip-requests", "skip-tokens"} {
				if c.Int(flag) < 0 {
					return cmdline.Usagef("--%s %d is below 0", flag, c.Int(flag))
				}
			}
			per, known := map[string]metrics.Per{"token": metrics.PerToken, "chunk": metrics.PerChunk}[c.String("per")]
			if !known {
				return cmdline.Usagef("--per %q is neither token nor chunk", c.String("per"))
			}
			return collect[record.Gaps](inputOf(c), std, &metrics.Gaps{SkipRequests: c.Int("skip-requests"), SkipTokens: c.Int("skip-tokens"), Per: per}, "chunk_s")
		},
	}
}
