package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/plan"
)

// readDraws reads what makes a synthetic workload of plain draws.
func readDraws(c *cli.Context) plan.Draws {
	return plan.Draws{Seed: c.Uint64("seed"), Turns: c.Int("turns"), Think: c.Float64("think-time"),
		Prefix: plan.Prefix{Tokens: c.Int("prefix-length"), Share: c.Float64("prefix-share"),
			Number: c.Int("num-prefixes"), Zipf: c.String("prefix-law") == "zipf"}}
}

// readReplay reads how a schedule is read.
func readReplay(c *cli.Context) plan.Options {
	o := plan.Options{BlockSize: c.Int("block-size"), Scale: c.Float64("time-scale"), From: c.Float64("from"), Until: math.Inf(1), NewTokens: 60}
	if c.IsSet("until") {
		o.Until = c.Float64("until")
	}
	return o
}

// readStages reads RATE:SECONDS and FROM-TO:SECONDS.
func readStages(texts []string) (stages []load.Stage, err error) {
	count := 0.0
	for _, text := range strings.FieldsFunc(strings.Join(texts, ","), func(r rune) bool { return r == ',' }) {
		rates, seconds, ok := strings.Cut(strings.TrimSpace(text), ":")
		from, to, ramp := strings.Cut(rates, "-")
		if !ramp {
			to = from
		}
		var one load.Stage
		for _, number := range []struct {
			text string
			to   *float64
		}{{from, &one.From}, {to, &one.To}, {seconds, &one.Seconds}} {
			n, err := strconv.ParseFloat(number.text, 64)
			if *number.to = n; !ok || err != nil || !(n >= 0) || math.IsInf(n, 1) {
				return nil, cmdline.Usagef("--stages %q is neither RATE:SECONDS nor FROM-TO:SECONDS", text)
			}
		}
		if one.Seconds == 0 {
			return nil, cmdline.Usagef("--stages %q: a stage must last longer than 0 s", text)
		}
		count += one.Count()
		stages = append(stages, one)
	}
	if len(stages) > 0 && count < 1 {
		return nil, cmdline.Usagef("--stages: less than one request is due in all of them")
	}
	return stages, nil
}

// open reports whether the load is an open loop.
func (o *options) open(c *cli.Context) bool {
	return len(o.rates) > 0 || len(o.stages) > 0 || c.IsSet("schedule") && len(o.clients) == 0
}

// checkLoop refuses what cannot be together.
func (o *options) checkLoop(c *cli.Context) error {
	switch {
	case len(o.clients) > 0 && len(o.rates) > 0:
		return cmdline.Usagef("--num-clients (a closed loop) and --rate (an open one) exclude each other")
	case len(o.stages) > 0 && (len(o.clients) > 0 || len(o.rates) > 0 || c.IsSet("schedule")):
		return cmdline.Usagef("--stages sets the rate and excludes --num-clients, --rate and --schedule")
	case len(o.stages) > 0 && (c.IsSet("ramp-up") || o.requests > 0):
		return cmdline.Usagef("--stages sets the ramp and the number of requests, and excludes --ramp-up and --num-requests")
	case o.maxConcurrency < 0:
		return cmdline.Usagef("--max-concurrency must be at least 1")
	case c.IsSet("max-concurrency") && !o.open(c):
		return cmdline.Usagef("--max-concurrency limits an open loop (--rate, --stages, --schedule); in a closed loop use --num-clients")
	}
	return nil
}

// mostPrefixes is how many prefixes there may be, which take 8 bytes each.
const mostPrefixes = 10_000_000

// checkDraws rejects invalid synthetic workloads.
func (o *options) checkDraws(c *cli.Context) error {
	d := o.draws
	shared := d.Tokens > 0 || d.Share > 0
	switch {
	case !o.lengths.Law.Known():
		return cmdline.Usagef("--length-law %s is not one of normal, lognormal, fixed", o.lengths.Law)
	case d.Turns < 1 || !(d.Think >= 0) || math.IsInf(d.Think, 1):
		return cmdline.Usagef("--turns must be at least 1, --think-time at least 0")
	case d.Turns == 1 && d.Think > 0:
		return cmdline.Usagef("--think-time needs --turns")
	case d.Tokens < 0 || d.Number < 1 || d.Number > mostPrefixes || !(d.Share >= 0 && d.Share <= 1):
		return cmdline.Usagef("--prefix-length must be at least 0, --prefix-share between 0 and 1, --num-prefixes between 1 and %d", mostPrefixes)
	case d.Tokens > 0 && d.Share > 0:
		return cmdline.Usagef("--prefix-length and --prefix-share exclude each other")
	case c.String("prefix-law") != "even" && c.String("prefix-law") != "zipf":
		return cmdline.Usagef("--prefix-law %s is neither even nor zipf", c.String("prefix-law"))
	case !shared && (c.IsSet("num-prefixes") || c.IsSet("prefix-law")):
		return cmdline.Usagef("--num-prefixes and --prefix-law need --prefix-length or --prefix-share")
	}
	return nil
}

// checkSchedule refuses what a schedule says itself, and what is said of one that
// is not there.
func (o *options) checkSchedule(c *cli.Context) error {
	if !c.IsSet("schedule") {
		for _, flag := range []string{"time-scale", "from", "until", "block-size"} {
			if c.IsSet(flag) {
				return cmdline.Usagef("--%s needs --schedule", flag)
			}
		}
		return nil
	}
	for _, flag := range []string{"num-requests", "mean-prompt-length", "max-prompt-length", "length-law", "prompt-length-var", "max-new-tokens-var",
		"turns", "think-time", "prefix-length", "prefix-share", "num-prefixes", "prefix-law"} {
		if c.IsSet(flag) {
			return cmdline.Usagef("--schedule determines what is sent and excludes --%s", flag)
		}
	}
	timed := len(o.clients) == 0 && len(o.rates) == 0
	switch r := o.replay; {
	case len(o.newTokens) > 1:
		return cmdline.Usagef("--mean-max-new-tokens takes one value with --schedule, for lines without one")
	case !timed && (c.IsSet("from") || c.IsSet("until")):
		return cmdline.Usagef("--from and --until select times of --schedule, which --num-clients and --rate ignore")
	case timed && (c.IsSet("ramp-up") || c.IsSet("burstiness")):
		return cmdline.Usagef("--schedule determines when to send and excludes --ramp-up and --burstiness")
	case r.BlockSize < 1:
		return cmdline.Usagef("--block-size must be at least 1")
	case !(r.Scale > 0) || math.IsInf(r.Scale, 1):
		return cmdline.Usagef("--time-scale must be above 0")
	case !(r.From >= 0) || math.IsInf(r.From, 1) || !(r.Until > r.From):
		return cmdline.Usagef("--from must be at least 0, and --until above it")
	}
	return nil
}

// fitSchedule reports, before anything is sent, which lines of a schedule cannot be sent.
func (o *options) fitSchedule(context int, std *cmdline.Std) error {
	s := o.schedule
	if s == nil {
		return nil
	}
	if err := s.Fit(context); err != nil {
		return err
	}
	for _, why := range s.Bad {
		std.Warnf("%s", why)
	}
	if more := s.Skipped - len(s.Bad); more > 0 {
		std.Warnf("%s: further lines skipped: %d", s.Name, more)
	}
	if s.Cut > 0 {
		std.Notef("%d of %d requests are cut to fit the context of %d tokens", s.Cut, s.Requests, context)
	}
	return nil
}
