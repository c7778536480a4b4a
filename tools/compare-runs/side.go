package main

import (
	"cmp"
	"fmt"
	"slices"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// side is what was measured of one of the two servers.
type side struct {
	label string
	fold  metrics.Summary
}

// measured are the figures of one run, or of one block of it.
type measured struct {
	record.Summary
	goodput record.Rate // good requests / span under --slo
}

// point is one point of a side.
type point struct {
	key record.Key // of its first run
	// runs are what each run measured, and blocks each block of requests of the
	// only run.
	runs, blocks []measured
	// doubt is what is to be known of the runs together, ownDoubt what the first of
	// the doubtful ones says of itself. unsound: no verdict can rest on them.
	doubt    []string
	ownDoubt string
	doubtful int
	unsound  bool
}

// read sorts all rows into the two sides and returns how many it had to skip.
func (o options) read(operands []string, std *cmdline.Std) (sides [2]*side, skipped int, err error) {
	in := csvio.NewReader[record.Request](operands, std.In, func(reason string) { std.Warnf("%s", reason) })
	in.KeepRun()
	if slices.ContainsFunc(operands, fromStdin) && cmdline.IsTerminal(std.In) {
		std.Notef("reading request rows from the terminal; Ctrl-D ends them")
	}
	for i, label := range o.labels {
		sides[i] = &side{label: label}
	}
	rows := map[string]int{}
	for in.Scan() {
		rows[in.Label()]++
		if in.Label() == o.labels[0] {
			sides[0].fold.Add(in.Row())
		} else {
			sides[1].fold.Add(in.Row())
		}
	}
	if in.Err() != nil {
		return sides, 0, in.Err()
	}
	for _, label := range o.labels {
		if rows[label] == 0 {
			return sides, 0, fmt.Errorf("%s has no request rows: nothing to compare", label)
		}
	}
	return sides, in.Skipped(), nil
}

// points are the side's, each under what it shares with the same point of the
// other side, in the order in which a summary has them.
func (s *side) points(o options) (order []record.Key, byKey map[record.Key]*point) {
	byKey = map[record.Key]*point{}
	goodput := metrics.Goodput{Points: s.fold.Points, SLOs: o.slo}
	levels := goodput.Rows()
	for i, row := range s.fold.Rows() {
		id := o.identity(row.Key)
		if byKey[id] == nil {
			byKey[id] = &point{key: row.Key}
			order = append(order, id)
		}
		byKey[id].add(measuredOf(row, levels, i))
		if row.Engine != byKey[id].key.Engine && !slices.Contains(o.ignore, "engine") {
			byKey[id].unsound = true
			byKey[id].doubts(fmt.Sprintf("the runs are of %s and %s", byKey[id].key.Engine, row.Engine))
		}
	}
	for _, trouble := range goodput.Troubles() {
		if p := byKey[o.identity(trouble.Key)]; trouble.Partial {
			p.unsound = true
			p.doubts(trouble.What)
		}
	}
	for _, p := range byKey {
		if len(p.runs) == 1 {
			p.cut(&s.fold, &goodput)
		}
	}
	return order, byKey
}

// measuredOf is a summary with the goodput of the same point, where a level is given.
func measuredOf(row record.Summary, levels []record.Goodput, i int) measured {
	m := measured{Summary: row}
	if len(levels) > 0 {
		m.goodput = levels[i].EffectiveRPS
	}
	return m
}

// cut sets the blocks of the only run.
func (p *point) cut(fold *metrics.Summary, goodput *metrics.Goodput) {
	var levels []record.Goodput
	if len(goodput.SLOs) > 0 {
		levels = goodput.Blocks(p.runs[0].Key)
	}
	for i, row := range fold.Blocks(p.runs[0].Key) {
		p.blocks = append(p.blocks, measuredOf(row, levels, i))
	}
}

// add takes a run. One that equals another to the last digit, as a simulated
// server gives it for the same seed, is no further value.
func (p *point) add(row measured) {
	for _, other := range p.runs {
		if other.Key = row.Key; other == row {
			p.doubts("runs equal each other to the last digit and count as one")
			return
		}
	}
	p.runs = append(p.runs, row)
	if row.Doubt != "" {
		p.ownDoubt = cmp.Or(p.ownDoubt, string(row.Doubt))
		p.doubtful++
	}
	if row.Status != record.Complete {
		p.unsound = true
	}
}

// doubts adds a doubt that was not yet there.
func (p *point) doubts(what string) {
	if what != "" && !slices.Contains(p.doubt, what) {
		p.doubt = append(p.doubt, what)
	}
}

// status is the worst of the runs.
func (p *point) status() record.Status {
	worst := record.Complete
	for _, row := range p.runs {
		worst = worse(worst, row.Status)
	}
	return worst
}
