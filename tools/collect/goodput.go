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
service level, how many requests kept the level (good), their share of the judged
ones (attainment), and their rate (effective_rps = good / span). A failed request is
not good. Requests cancelled by the end of the run, and those that lack a bounded
value, are counted separately.

--slo takes bounds in milliseconds, like vLLM's and SGLang's clients; a request is
good if it keeps all of them. Each --slo is a separate level.
  ttft   time to first token
  tpot   time per output token after the first, one value per request
  itl    mean inter-token latency of the request; itl_p99 is its 99th percentile
  e2el   latency to the last token

Without --slo the levels are the original suite's promised rates; with --slo these are
added only if --sla-prompt, --sla-gen or --sla-rule is given. A request keeps a
promised rate if its time to first token is at most prompt tokens / --sla-prompt, and
its tokens arrive at the promised rate by the rule:
  cum    token i+1 arrives within (i+1)/rate after the first token
  ema16  the exponentially weighted mean of the gaps (span 16) is below 1/rate
         at every token
A request of one token is judged by its time to first token alone. Each request is
reduced to the highest rate that it keeps, so many levels take no more time than one.
Samples stay in memory until the input ends.

Examples:

  collect goodput --slo "ttft:1000 tpot:100 itl_p99:500" results/*/*.csv | plot-eff-th --out-dir plots/goodput
  collect goodput results/*/*.csv | plot-eff-th --out-dir plots/goodput
  collect goodput --sla-gen 4 --sla-rule cum --columns backend,num_clients,effective_rps rows.csv`

func goodput() cmdline.Tool {
	return cmdline.Tool{
		Name: "goodput", Summary: "how many requests per second keep a service level",
		Manual: goodputManual, Operands: operands,
		Flags: []cli.Flag{
			whereFlag(),
			columnsFlag(),
			&cli.StringSliceFlag{Name: "slo", Usage: "a service level: `BOUNDS` in milliseconds, such as \"ttft:500 tpot:50\"; may be repeated"},
			&cli.Float64Flag{Name: "sla-prompt", Aliases: []string{"sla-prompt-tokens-per-sec"}, Value: 512, Usage: "promised prompt tokens per second: `RATE`"},
			&cli.StringSliceFlag{Name: "sla-gen", Aliases: []string{"sla-gen-tokens-per-sec"}, Value: cli.NewStringSlice("1", "2", "3", "4", "6", "8"), Usage: "promised generated tokens per second: `RATES`"},
			&cli.StringSliceFlag{Name: "sla-rule", Value: cli.NewStringSlice("cum", "ema16"), Usage: "rules for --sla-gen, cum or ema16: `RULES`"},
		},
		Lists:   []string{"sla-gen", "sla-gen-tokens-per-sec"},
		Answers: []cmdline.Answer{{Word: "--ema_span", Why: "the span is 16", Instead: "collect goodput --sla-rule ema16 results/*/*.csv"}},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			fold, needed, err := readGoodput(c)
			if err != nil {
				return err
			}
			return collect[record.Goodput](inputOf(c), std, fold, needed...)
		},
	}
}

// readGoodput reads the levels, and which columns they need.
func readGoodput(c *cli.Context) (fold *metrics.Goodput, needed []string, err error) {
	fold = &metrics.Goodput{}
	if fold.SLOs, err = slos(c); err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(fold.SLOs, metrics.SLO.Streamed) {
		needed = append(needed, "chunk_s")
	}
	if len(fold.SLOs) > 0 && !c.IsSet("sla-prompt") && !c.IsSet("sla-gen") && !c.IsSet("sla-rule") {
		return fold, needed, nil
	}
	fold.Levels, err = levels(c)
	return fold, append(needed, "prompt_tokens", "chunk_s"), err
}

// slos are the levels in the field's words, each once.
func slos(c *cli.Context) (all []metrics.SLO, err error) {
	for _, text := range c.StringSlice("slo") {
		level, err := metrics.ParseSLO(text)
		if err != nil {
			return nil, cmdline.Usagef("--slo: %v", err)
		}
		if !slices.ContainsFunc(all, func(l metrics.SLO) bool { return slices.Equal(l, level) }) {
			all = append(all, level)
		}
	}
	for _, word := range c.Args().Slice() {
		if _, err := metrics.ParseSLO(word); err == nil && len(all) > 0 {
			return nil, cmdline.WithHint(cmdline.Usagef("%s is a bound where a file is expected", word), `write a level's bounds in quotes: --slo "ttft:500 tpot:50"`)
		}
	}
	return all, nil
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
