package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

const goodputManual = `Reads request rows as collect does and writes goodput rows: for each point and
each service level, how many requests kept the level (good) and how many did so
per second (effective_rps = good / span).

A request keeps a level when its time to first token is at most prompt tokens /
--sla-prompt, and its tokens come at the promised rate by the rule:
  cum    token i+1 has come (i+1)/rate after the first token at the latest
  ema16  the exponentially weighted mean of the gaps (span 16) is below 1/rate
         at every token
A request of one token is judged by its time to first token alone. Each request
is reduced to the highest rate that it keeps, so many levels cost no more time
than one. Samples stay in memory until the input ends.

Examples:

  collect goodput results/*/*.csv | plot-eff-th --out-dir plots/goodput
  collect goodput --sla-gen 4 --sla-rule cum --columns backend,num_clients,effective_rps rows.csv`

func goodput() cmdline.Tool {
	return cmdline.Tool{
		Name: "goodput", Summary: "how many requests per second keep a service level",
		Manual: goodputManual, Operands: operands,
		Flags: []cli.Flag{
			columnsFlag(),
			&cli.Float64Flag{Name: "sla-prompt", Aliases: []string{"sla-prompt-tokens-per-sec"}, Value: 512, Usage: "promised prompt tokens per second: `RATE`"},
			&cli.StringSliceFlag{Name: "sla-gen", Aliases: []string{"sla-gen-tokens-per-sec"}, Value: cli.NewStringSlice("1", "2", "3", "4", "6", "8"), Usage: "promised generated tokens per second: `RATES`"},
			&cli.StringSliceFlag{Name: "sla-rule", Value: cli.NewStringSlice("cum", "ema16"), Usage: "how --sla-gen is judged, cum or ema16: `RULES`"},
		},
		Lists:   []string{"sla-gen", "sla-gen-tokens-per-sec"},
		Answers: []cmdline.Answer{{Word: "--ema_span", Why: "the span is 16", Instead: "collect goodput --sla-rule ema16 results/*/*.csv"}},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			levels, err := levels(c)
			if err != nil {
				return err
			}
			return collect[record.Goodput](c, std, &metrics.Goodput{Levels: levels}, "prompt_tokens", "chunk_s")
		},
	}
}

// levels are all rules with all rates, rates rising, none twice.
func levels(c *cli.Context) ([]metrics.Level, error) {
	rates, err := cmdline.Floats(c.StringSlice("sla-gen"))
	if err != nil {
		return nil, err
	}
	var levels []metrics.Level
	for _, rule := range cmdline.Words(c.StringSlice("sla-rule")) {
		for _, rate := range rates {
			level := metrics.Level{PromptTPS: c.Float64("sla-prompt"), GenTPS: rate, Rule: metrics.Rule(rule)}
			if err := level.Validate(); err != nil {
				return nil, cmdline.Usagef("%v", err)
			}
			levels = append(levels, level)
		}
	}
	if len(levels) == 0 {
		return nil, cmdline.Usagef("--sla-gen and --sla-rule must name a level")
	}
	slices.SortFunc(levels, func(a, b metrics.Level) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.GenTPS, b.GenTPS))
	})
	return slices.Compact(levels), nil
}
