package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/workload"
	"fastgenbench/tools/workload/internal/synth"
)

const makeManual = `Writes a workload drawn from a seed: the same flags give the same bytes.

Prompts have lengths and hash ids, one per block of --block-size tokens; equal ids
are equal tokens. A prompt begins with one of --num-prefixes prefixes of
--prefix-length tokens, followed by --mean-prompt-length tokens on average.
--prefix-law zipf draws the k-th prefix with a probability in proportion to 1/k.

With --turns above 1 the requests are turns of sessions. A later turn's prompt
contains the previous prompt, as many tokens as were generated, and new ones. It is
due an exponential --think-time after the previous answer. A session ends before a
prompt that would exceed --max-prompt-length.

Sessions or single requests begin at --rate, with gamma distributed times of shape
--burstiness between them. Without a rate there are no timestamps, for loads of N
clients. Memory is 8 bytes per session; the rest is streamed.

Examples:

  workload make --rate 20 --num-sessions 1200 > minute.jsonl
  workload make --num-sessions 500 --prefix-length 2048 --num-prefixes 20 --prefix-law zipf > shared.jsonl
  workload make --num-sessions 50 --turns 10 --think-time 3 --length-law lognormal > chats.jsonl`

func makeTool() cmdline.Tool {
	return cmdline.Tool{
		Name: "make", Summary: "draws a workload from a seed", Manual: makeManual,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "num-sessions", Value: 1000, Usage: "`N` sessions; single requests unless --turns is given"},
			&cli.Float64Flag{Name: "rate", Usage: "begin `R` sessions per second; 0 writes no timestamps"},
			&cli.Float64Flag{Name: "burstiness", Value: 1, Usage: "`SHAPE` of the gamma distribution of gaps; 1 is Poisson, less is bursty, inf is constant"},
			&cli.IntFlag{Name: "turns", Value: 1, Usage: "mean number of turns per session: `N`"},
			&cli.Float64Flag{Name: "turns-var", Usage: "deviation of the turns as a `SHARE` of their mean; with 0 all sessions are equally long"},
			&cli.Float64Flag{Name: "think-time", Usage: "mean `SECONDS` from an answer to the next turn"},
			&cli.IntFlag{Name: "mean-prompt-length", Value: 2600, Usage: "mean number of `TOKENS` that a turn adds to the prompt"},
			&cli.IntFlag{Name: "mean-max-new-tokens", Value: 60, Usage: "mean number of `TOKENS` to generate"},
			&cli.Float64Flag{Name: "prompt-length-var", Value: 0.3, Usage: "deviation of prompt lengths as a `SHARE` of their mean"},
			&cli.Float64Flag{Name: "max-new-tokens-var", Value: 0.3, Usage: "deviation of generation lengths as a `SHARE` of their mean"},
			&cli.StringFlag{Name: "length-law", Value: "normal", Usage: "draw lengths by a `LAW`: normal, lognormal or fixed"},
			&cli.IntFlag{Name: "max-prompt-length", Value: workload.MaxTokens, Usage: "limit prompts to `TOKENS`"},
			&cli.IntFlag{Name: "prefix-length", Usage: "begin prompts with a shared prefix of `TOKENS`"},
			&cli.IntFlag{Name: "num-prefixes", Value: 1, Usage: "`N` different prefixes"},
			&cli.StringFlag{Name: "prefix-law", Value: "even", Usage: "choose prefixes by `LAW`: even, or zipf"},
			&cli.IntFlag{Name: "block-size", Value: 512, Usage: "`TOKENS` per hash id"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of all draws: `N`"},
		},
		Run: func(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
			plan, err := planOf(c)
			if err != nil {
				return err
			}
			out := newOutput(ctx, std)
			tally, err := plan.Make(out.put)
			if tally.Cut > 0 {
				std.Warnf("%d of %d sessions end early: their next prompt would be longer than %d tokens", tally.Cut, plan.Sessions, plan.MaxPrompt)
			}
			return out.close(err)
		},
	}
}

// mostTimed is how many sessions have times; these take 800 MB.
const mostTimed = 100_000_000

// planOf reads and checks the flags.
func planOf(c *cli.Context) (synth.Plan, error) {
	if err := checkNumbers(c); err != nil {
		return synth.Plan{}, err
	}
	law, popularity := prompt.Law(c.String("length-law")), c.String("prefix-law")
	switch {
	case !law.Known():
		return synth.Plan{}, cmdline.Usagef("--length-law %q is neither normal nor lognormal nor fixed", law)
	case popularity != "even" && popularity != "zipf":
		return synth.Plan{}, cmdline.Usagef("--prefix-law %q is neither even nor zipf", popularity)
	}
	plan := synth.Plan{
		Seed: c.Uint64("seed"), Sessions: c.Int("num-sessions"),
		Arrivals: load.Arrivals{Rate: c.Float64("rate"), Burstiness: c.Float64("burstiness")},
		Turns:    c.Int("turns"), TurnsVar: c.Float64("turns-var"), ThinkTime: c.Float64("think-time"),
		Lengths: prompt.Lengths{
			Law: law, MeanPrompt: c.Int("mean-prompt-length"), PromptVar: c.Float64("prompt-length-var"),
			MeanNew: c.Int("mean-max-new-tokens"), NewVar: c.Float64("max-new-tokens-var"),
		},
		MaxPrompt: c.Int("max-prompt-length"),
		Prefixes:  synth.Prefixes{Length: c.Int("prefix-length"), Number: c.Int("num-prefixes"), Zipf: popularity == "zipf"},
		BlockSize: c.Int("block-size"),
	}
	return plan, checkTogether(c, plan)
}

// checkTogether reports flags that cannot be together, and those that mean nothing
// without another one.
func checkTogether(c *cli.Context, plan synth.Plan) error {
	switch err := plan.Prefixes.Check(plan.BlockSize); {
	case err != nil:
		return cmdline.Usagef("--prefix-length and --block-size: %v", err)
	case plan.Arrivals.Rate > 0 && plan.Sessions > mostTimed:
		return cmdline.Usagef("--num-sessions %d: with a --rate %d are the most, since their times are kept", plan.Sessions, mostTimed)
	case plan.Prefixes.Length >= plan.MaxPrompt:
		return cmdline.Usagef("--prefix-length %d leaves no room below --max-prompt-length %d", plan.Prefixes.Length, plan.MaxPrompt)
	}
	for _, pair := range []struct {
		flag, needs string
		there       bool
	}{
		{"burstiness", "a --rate", plan.Arrivals.Rate > 0},
		{"turns-var", "--turns above 1", plan.Turns > 1}, {"think-time", "--turns above 1", plan.Turns > 1},
		{"num-prefixes", "a --prefix-length", plan.Prefixes.Length > 0}, {"prefix-law", "a --prefix-length", plan.Prefixes.Length > 0},
	} {
		if c.IsSet(pair.flag) && !pair.there {
			return cmdline.Usagef("--%s needs %s", pair.flag, pair.needs)
		}
	}
	return nil
}

// bounds are those of the numbers that flags take.
var bounds = []struct {
	flag      string
	low, high float64
}{
	{"num-sessions", 1, 1e9}, {"rate", 0, 1e9}, {"burstiness", 1e-3, inf}, {"turns", 1, 1e6}, {"turns-var", 0, 10},
	{"think-time", 0, 1e6}, {"mean-prompt-length", 1, workload.MaxTokens}, {"mean-max-new-tokens", 1, workload.MaxTokens},
	{"prompt-length-var", 0, 10}, {"max-new-tokens-var", 0, 10}, {"max-prompt-length", 1, workload.MaxTokens},
	{"prefix-length", 0, workload.MaxTokens}, {"num-prefixes", 1, 1e7}, {"block-size", 1, workload.MaxTokens},
}
