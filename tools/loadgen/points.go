package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/models"
	"fastgenbench/tools/internal/plan"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// unlimited is the number of requests of a point that only time ends.
const unlimited = math.MaxInt

// point is one point of the sweep.
type point struct {
	index    int // in the whole sweep
	repeat   int // which time it is measured, from 1; 0: once
	seed     uint64
	key      record.Key
	draws    plan.Draws
	schedule *plan.Schedule // nil: requests are drawn
	requests int            // unlimited: until the time is up
	open     bool
	due      []float64 // of starts; nil: a closed loop, or as the schedule says
	file     string    // "" when rows go to standard output
}

// defaultClients is the original's sweep.
var defaultClients = []int{1, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32}

// points lists the sweep, as often as it is repeated: one run after the other, each
// with a name and draws of its own.
func (o *options) points(server record.ServerKey) ([]point, error) {
	var all []point
	for i := range o.repeat {
		run := *o
		run.seed += uint64(i)
		key := server
		if o.repeat > 1 {
			key.Run = record.Text(fmt.Sprintf("%s.%d", server.Run, i+1))
		}
		once, err := run.once(key)
		if err != nil {
			return nil, err
		}
		for j := range once {
			once[j].seed = run.seed
			if o.repeat > 1 {
				once[j].repeat = i + 1
			}
		}
		all = append(all, once...)
	}
	return o.named(all), nil
}

// once lists one run: for each pair of lengths the clients or the rates.
func (o *options) once(server record.ServerKey) ([]point, error) {
	usual, _ := models.Lookup(string(server.Model))
	prompts, news := or(o.promptLengths, usual.PromptLengths), or(o.newTokens, usual.NewTokens)
	maxPrompt := o.maxPrompt
	if maxPrompt == 0 {
		maxPrompt = usual.MaxPrompt
	}
	if o.schedule != nil {
		at := o.point(server, prompt.Lengths{MeanPrompt: o.schedule.Mean.Prompt, MeanNew: o.schedule.Mean.New, Law: prompt.Fixed})
		at.schedule = o.schedule
		at.key.Workload = record.Text(record.Clean(o.schedule.Describe()))
		return o.loads(at), nil
	}
	var all []point
	for _, p := range prompts {
		if p > maxPrompt {
			return nil, cmdline.WithHint(cmdline.Usagef("a mean prompt length of %d tokens is too large: the maximum is %d", p, maxPrompt), "see --max-prompt-length")
		}
		for _, n := range news {
			lengths := o.lengths
			lengths.MeanPrompt, lengths.MeanNew, lengths.MaxPrompt = p, n, maxPrompt
			at := o.point(server, lengths)
			at.key.Workload = record.Text(at.draws.Describe())
			all = append(all, o.loads(at)...)
		}
	}
	return all, nil
}

func or(given, usual []int) []int {
	if len(given) > 0 {
		return given
	}
	return usual
}

func (o *options) point(server record.ServerKey, lengths prompt.Lengths) point {
	draws := o.draws
	draws.Lengths, draws.Seed = lengths, o.seed
	return point{draws: draws, key: record.Key{ServerKey: server,
		LoadKey: record.LoadKey{MeanPromptLength: lengths.MeanPrompt, MeanMaxNewTokens: lengths.MeanNew}}}
}

// loads spreads a point over the clients or the rates.
func (o *options) loads(at point) (all []point) {
	switch {
	case len(o.stages) > 0:
		return []point{o.staged(at)}
	case len(o.rates) > 0:
		for _, rate := range o.rates {
			all = append(all, o.atRate(at, rate))
		}
		return all
	case at.schedule != nil && len(o.clients) == 0:
		at.open, at.requests = true, at.schedule.Requests
		at.key.RateRPS, at.key.NumClients = record.OfferedRate(at.schedule.Rate), o.maxConcurrency
		return []point{at}
	}
	for _, n := range or(o.clients, defaultClients) {
		one := at
		one.key.NumClients = n
		switch {
		case at.schedule != nil:
			one.requests = at.schedule.Requests
		case o.requests > 0:
			one.requests = whole(o.requests, at.draws.Turns)
		case o.duration > 0:
			one.requests = unlimited
		default:
			one.requests = (n*4 + 32) * at.draws.Turns
		}
		all = append(all, one)
	}
	return all
}

// whole is a number of requests, rounded up to whole sessions.
func whole(requests, turns int) int { return (requests + turns - 1) / turns * turns }

// atRate is a point whose requests or sessions arrive at a rate.
func (o *options) atRate(at point, rate float64) point {
	at.open = true
	at.key.RateRPS, at.key.NumClients = record.OfferedRate(rate), o.maxConcurrency
	starts := 0
	if at.schedule != nil {
		starts, at.requests = at.schedule.Starts, at.schedule.Requests
	} else {
		starts = o.starts(rate)
		at.requests = starts * at.draws.Turns
	}
	at.due = load.Arrivals{Rate: rate, Burstiness: o.burstiness, RampUp: o.rampUp}.Draw(o.seed, starts)
	return at
}

// starts is the number of requests or sessions that arrive at a rate: as many as
// were asked for, or are due in the given time, or in a minute.
func (o *options) starts(rate float64) int {
	if o.requests > 0 {
		return whole(o.requests, o.draws.Turns) / o.draws.Turns
	}
	duration := o.duration
	if duration == 0 {
		duration = 60
	}
	return max(1, int(math.Ceil(rate*duration)))
}

// staged is a point whose rate changes.
func (o *options) staged(at point) point {
	count, seconds := 0.0, 0.0
	words := []string{}
	for _, s := range o.stages {
		count, seconds = count+s.Count(), seconds+s.Seconds
		rate := fmt.Sprintf("%g", s.From)
		if s.To != s.From {
			rate += fmt.Sprintf("-%g", s.To)
		}
		words = append(words, fmt.Sprintf("%s:%g", rate, s.Seconds))
	}
	at.open = true
	at.due = load.Arrivals{Burstiness: o.burstiness, Stages: o.stages}.Draw(o.seed, int(count))
	at.requests = len(at.due) * at.draws.Turns
	at.key.RateRPS, at.key.NumClients = record.OfferedRate(count/seconds), o.maxConcurrency
	at.key.Workload = record.Text(strings.TrimSpace(string(at.key.Workload) + " stages " + strings.Join(words, " ")))
	return at
}

// planned is how many requests have drawn lengths beforehand.
func (p *point) planned() int {
	if p.schedule != nil || p.requests == unlimited {
		return 0
	}
	return p.requests
}

// orLeftOut says what else becomes of turns that do not fit.
func (p *point) orLeftOut() string {
	if p.draws.Turns > 1 {
		return ", or left out of their sessions,"
	}
	return ""
}

// plan is what is sent, and what went wrong with it at its end.
func (p *point) plan() (plan load.Plan, failure func() error) {
	var due func(int) float64
	if p.due != nil {
		due = func(start int) float64 { return p.due[start] }
	}
	if p.schedule != nil {
		replay := p.schedule.Replay(due)
		return replay, replay.Err
	}
	return p.draws.Plan(p.requests, due), func() error { return nil }
}

// warmup is what a client throws away: as large as its first request would be,
// and like no other.
func (p *point) warmup(client int) load.Job {
	if p.planned() > 0 && client >= p.requests { // fewer requests than clients
		client = 0
	}
	return load.Job{Size: p.draws.Lengths.Draw(p.draws.Seed, client)}
}

// named numbers the points and gives each the file that it goes to.
func (o *options) named(points []point) []point {
	for i := range points {
		points[i].index = i
		if o.outDir != "" {
			points[i].file = filepath.Join(o.outDir, fileName(points[i].key, points[i].repeat))
		}
	}
	return points
}

// fileName distinguishes points for people; nothing parses it.
func fileName(k record.Key, repeat int) string {
	model := plainName(strings.Trim(string(k.Model), "/."))
	name := fmt.Sprintf("%s-tp%d-bs%d-replicas%d-prompt%d-gen%d", model, k.TPSize, k.MaxRaggedBatchSize, k.NumReplicas, k.MeanPromptLength, k.MeanMaxNewTokens)
	if k.Workload != "" {
		name += "-" + plainName(record.Clean(string(k.Workload)))
	}
	if k.RateRPS > 0 {
		name += "-rate" + strconv.FormatFloat(float64(k.RateRPS), 'g', 6, 64)
	}
	if k.NumClients > 0 {
		name += fmt.Sprintf("-clients%d", k.NumClients)
	}
	if repeat > 0 {
		name += fmt.Sprintf("-repeat%d", repeat)
	}
	return name + ".csv"
}

// plainName is a text as part of a file's name.
func plainName(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\: `, r) {
			return '_'
		}
		return r
	}, text)
}
