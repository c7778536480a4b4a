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
	lengths  prompt.Lengths
	requests int       // unlimited: until the time is up
	due      []float64 // nil: a closed loop
	trace    []traced
	file     string // "" when rows go to standard output
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
	if o.trace != nil {
		p, n, rate := means(o.trace)
		at := o.point(server, prompt.Lengths{MeanPrompt: p, MeanNew: n})
		at.trace, at.requests = o.trace, len(o.trace)
		at.key.RateRPS = record.OfferedRate(rate)
		for _, one := range o.trace {
			at.due = append(at.due, one.due)
		}
		return []point{at}, nil
	}
	var all []point
	for _, p := range prompts {
		if p > maxPrompt {
			return nil, cmdline.WithHint(cmdline.Usagef("prompts of %d tokens in the mean cannot be: %d is the most", p, maxPrompt), "see --max-prompt-length")
		}
		for _, n := range news {
			at := o.point(server, prompt.Lengths{MeanPrompt: p, MeanNew: n, PromptVar: o.promptVar, NewVar: o.newVar, MaxPrompt: maxPrompt})
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
	return point{lengths: lengths, key: record.Key{ServerKey: server,
		LoadKey: record.LoadKey{MeanPromptLength: lengths.MeanPrompt, MeanMaxNewTokens: lengths.MeanNew}}}
}

// loads spreads a point over the clients or the rates.
func (o *options) loads(at point) (all []point) {
	for _, rate := range o.rates {
		one := at
		one.key.RateRPS = record.OfferedRate(rate)
		one.requests = o.openRequests(rate)
		one.due = load.Arrivals{Rate: rate, Burstiness: o.burstiness, RampUp: o.rampUp}.Draw(o.seed, one.requests)
		all = append(all, one)
	}
	if len(o.rates) > 0 {
		return all
	}
	for _, n := range or(o.clients, defaultClients) {
		one := at
		one.key.NumClients = n
		one.requests = o.requests
		switch {
		case o.requests > 0:
		case o.duration > 0:
			one.requests = unlimited
		default:
			one.requests = n*4 + 32
		}
		all = append(all, one)
	}
	return all
}

// openRequests is the number of requests at a rate: as many as are due in the
// given time, or a minute's.
func (o *options) openRequests(rate float64) int {
	if o.requests > 0 {
		return o.requests
	}
	duration := o.duration
	if duration == 0 {
		duration = 60
	}
	return max(1, int(math.Ceil(rate*duration)))
}

// planned is how many requests have drawn lengths beforehand.
func (p *point) planned() int {
	if p.trace != nil || p.requests == unlimited {
		return 0
	}
	return p.requests
}

// size is the work of the request at place i.
func (p *point) size(i int) prompt.Size {
	if p.trace != nil {
		return p.trace[max(0, i)%len(p.trace)].Size
	}
	return p.lengths.Draw(p.seed, i)
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

// fileName tells points apart for people; nothing is ever read out of it.
func fileName(k record.Key, repeat int) string {
	model := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\: `, r) {
			return '_'
		}
		return r
	}, strings.Trim(string(k.Model), "/."))
	name := fmt.Sprintf("%s-tp%d-bs%d-replicas%d-prompt%d-gen%d", model, k.TPSize, k.MaxRaggedBatchSize, k.NumReplicas, k.MeanPromptLength, k.MeanMaxNewTokens)
	if k.RateRPS > 0 {
		name += "-rate" + strconv.FormatFloat(float64(k.RateRPS), 'g', 6, 64)
	} else {
		name += fmt.Sprintf("-clients%d", k.NumClients)
	}
	if repeat > 0 {
		name += fmt.Sprintf("-repeat%d", repeat)
	}
	return name + ".csv"
}
