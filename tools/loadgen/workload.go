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
			return nil, cmdline.Usagef("--stages %q: a stage lasts longer than 0 s", text)
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
		return cmdline.Usagef("--num-clients is a closed loop, --rate an open one")
	case len(o.stages) > 0 && (len(o.clients) > 0 || len(o.rates) > 0 || c.IsSet("schedule")):
		return cmdline.Usagef("--stages say the rate, so --num-clients, --rate and --schedule cannot")
	case len(o.stages) > 0 && (c.IsSet("ramp-up") || o.requests > 0):
		return cmdline.Usagef("--stages say how the rate rises and how many requests there are, so --ramp-up and --num-requests cannot")
	case o.maxConcurrency < 0:
		return cmdline.Usagef("--max-concurrency is at least 1")
	case c.IsSet("max-concurrency") && !o.open(c):
		return cmdline.Usagef("--max-concurrency caps an open loop (--rate, --stages, --schedule); in a closed loop --num-clients does")
	}
	return nil
}

// mostPrefixes is how many prefixes there may be, which take 8 bytes each.
const mostPrefixes = 10_000_000

// checkDraws refuses synthetic workloads that cannot be.
func (o *options) checkDraws(c *cli.Context) error {
	d := o.draws
	shared := d.Tokens > 0 || d.Share > 0
	switch {
	case !o.lengths.Law.Known():
		return cmdline.Usagef("--length-law %s is none of normal, lognormal, fixed", o.lengths.Law)
	case d.Turns < 1 || !(d.Think >= 0) || math.IsInf(d.Think, 1):
		return cmdline.Usagef("--turns is at least 1, --think-time at least 0")
	case d.Turns == 1 && d.Think > 0:
		return cmdline.Usagef("--think-time passes between the turns of a session: --turns is missing")
	case d.Tokens < 0 || d.Number < 1 || d.Number > mostPrefixes || !(d.Share >= 0 && d.Share <= 1):
		return cmdline.Usagef("--prefix-length is at least 0, --prefix-share between 0 and 1, --num-prefixes between 1 and %d", mostPrefixes)
	case d.Tokens > 0 && d.Share > 0:
		return cmdline.Usagef("--prefix-length and --prefix-share both say how long a prefix is")
	case c.String("prefix-law") != "even" && c.String("prefix-law") != "zipf":
		return cmdline.Usagef("--prefix-law %s is neither even nor zipf", c.String("prefix-law"))
	case !shared && (c.IsSet("num-prefixes") || c.IsSet("prefix-law")):
		return cmdline.Usagef("--num-prefixes and --prefix-law are of prefixes: --prefix-length or --prefix-share is missing")
	}
	return nil
}

// checkSchedule refuses what a schedule says itself, and what is said of one that
// is not there.
func (o *options) checkSchedule(c *cli.Context) error {
	if !c.IsSet("schedule") {
		for _, flag := range []string{"time-scale", "from", "until", "block-size"} {
			if c.IsSet(flag) {
				return cmdline.Usagef("--%s is about --schedule, which is missing", flag)
			}
		}
		return nil
	}
	for _, flag := range []string{"num-requests", "mean-prompt-length", "max-prompt-length", "length-law", "prompt-length-var", "max-new-tokens-var",
		"turns", "think-time", "prefix-length", "prefix-share", "num-prefixes", "prefix-law"} {
		if c.IsSet(flag) {
			return cmdline.Usagef("--schedule says what is sent, so --%s cannot", flag)
		}
	}
	timed := len(o.clients) == 0 && len(o.rates) == 0
	switch r := o.replay; {
	case len(o.newTokens) > 1:
		return cmdline.Usagef("--mean-max-new-tokens has one value beside --schedule, for lines that say none")
	case !timed && (c.IsSet("from") || c.IsSet("until")):
		return cmdline.Usagef("--from and --until are about the times of --schedule, which --num-clients and --rate do not use")
	case timed && (c.IsSet("ramp-up") || c.IsSet("burstiness")):
		return cmdline.Usagef("--schedule says when to send, so --ramp-up and --burstiness cannot")
	case r.BlockSize < 1:
		return cmdline.Usagef("--block-size is at least 1")
	case !(r.Scale > 0) || math.IsInf(r.Scale, 1):
		return cmdline.Usagef("--time-scale is above 0")
	case !(r.From >= 0) || math.IsInf(r.From, 1) || !(r.Until > r.From):
		return cmdline.Usagef("--from is at least 0, and --until lies behind it")
	}
	return nil
}

// fitSchedule tells, before anything is sent, what of a schedule cannot be.
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
		std.Warnf("%s: passed over beside these: %d", s.Name, more)
	}
	if s.Cut > 0 {
		std.Notef("%d of %d requests are cut to fit the context of %d tokens", s.Cut, s.Requests, context)
	}
	return nil
}
