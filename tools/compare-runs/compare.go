package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/verdict"
)

// question is one figure of one pair.
type question struct {
	pair
	figure
	decides bool
}

// questions are all figures of the pairs that a run has, and those that decide
// even where none has them.
func (o options) questions(pairs []pair) (all []question, deciding int) {
	for _, p := range pairs {
		for _, f := range figures {
			q := question{p, f, slices.Contains(o.deciding(p), f.name)}
			if q.decides {
				deciding++
			}
			if q.decides || p.has(func(r measured) bool { return !math.IsNaN(f.of(r)) }) {
				all = append(all, q)
			}
		}
	}
	return all, deciding
}

// compare makes the row of each figure of each pair. All intervals have the level
// at which those that decide hold together.
func (o options) compare(pairs []pair) []record.Comparison {
	all, deciding := o.questions(pairs)
	level := o.rule.Level(deciding)
	rows := make([]record.Comparison, len(all))
	for i, q := range all {
		rows[i] = o.row(q)
		rows[i].Level = record.RateOf(level)
		o.judge(q, &rows[i])
	}
	return rows
}

// row is what is known of a question before its figure is looked at.
func (o options) row(q question) record.Comparison {
	what, _ := unlike([]record.Key{q.before.key}, []record.Key{q.after.key})
	row := record.Comparison{
		Key: q.after.key, Baseline: record.Text(o.labels[0]), Unlike: record.Text(strings.Join(what, "; ")),
		Figure: record.Text(q.name), Decides: "no", Basis: "runs",
		BeforeValues: record.CountOf(len(q.before.runs)), AfterValues: record.CountOf(len(q.after.runs)),
		Verdict: record.Text(verdict.Unclear), Status: worse(q.before.status(), q.after.status()),
	}
	row.Run = record.Text(o.labels[1])
	if q.decides {
		row.Decides = "yes"
	}
	if q.within() {
		row.Basis = "blocks"
		row.BeforeValues, row.AfterValues = record.CountOf(len(q.before.blocks)), record.CountOf(len(q.after.blocks))
	}
	row.Doubt = record.Text(record.Clean(strings.Join(o.doubts(q.pair), "; ")))
	return row
}

// within reports whether each side has one run, so that the noise can only be
// looked for inside of them.
func (p pair) within() bool { return len(p.before.runs) == 1 && len(p.after.runs) == 1 }

// doubts are those of a pair, with the side that they are about.
func (o options) doubts(p pair) []string {
	var all []string
	switch few := min(len(p.before.runs), len(p.after.runs)); {
	case p.within() && min(len(p.before.blocks), len(p.after.blocks)) < 2:
		all = append(all, "one run per side with too few requests for blocks")
	case p.within():
		all = append(all, "one run per side: the interval comes from within the runs and is weaker")
	case few < 3:
		all = append(all, "fewer than three runs per side")
	}
	for i, side := range []*point{p.before, p.after} {
		for _, what := range side.doubt {
			all = append(all, o.labels[i]+": "+what)
		}
		if side.doubtful > 0 {
			all = append(all, fmt.Sprintf("%s (%d of %d runs): %s", o.labels[i], side.doubtful, len(side.runs), side.ownDoubt))
		}
	}
	return all
}

// judge fills in the figure's values, the ratio, the interval and the verdict.
// Where a run has no value above 0 there is no ratio.
func (o options) judge(q question, row *record.Comparison) {
	before, errBefore := q.sample(q.before, q.within())
	after, errAfter := q.sample(q.after, q.within())
	if errBefore == nil {
		row.Before = record.RateOf(math.Exp(before.Mean))
	}
	if errAfter == nil {
		row.After = record.RateOf(math.Exp(after.Mean))
	}
	if errBefore != nil || errAfter != nil {
		row.Doubt = record.Text(record.Clean(q.name + " is 0 or unknown in a run; " + string(row.Doubt)))
		return
	}
	interval := verdict.Welch(before, after, row.Level.Float())
	row.Ratio = record.RateOf(interval.Ratio)
	if interval.Known() {
		row.RatioLow, row.RatioHigh = record.RateOf(interval.Low), record.RateOf(interval.High)
	}
	if !q.before.unsound && !q.after.unsound {
		row.Verdict = record.Text(o.rule.Judge(interval, q.less))
	}
}

// sample is a figure's over the runs of a side, or, within one run, its value
// there with the noise of its blocks.
func (f figure) sample(p *point, within bool) (verdict.Sample, error) {
	s, err := verdict.NewSample(f.values(p.runs))
	if err != nil || !within {
		return s, err
	}
	blocks, err := verdict.NewSample(f.values(p.blocks))
	if err != nil {
		return s, nil // one value, of which the noise is not known
	}
	blocks.Mean = s.Mean
	return blocks, nil
}

func (f figure) values(rows []measured) []float64 {
	var all []float64
	for _, row := range rows {
		all = append(all, f.of(row))
	}
	return all
}

// worse is the status that weighs more.
func worse(a, b record.Status) record.Status {
	for _, s := range []record.Status{record.ClientLimited, record.Partial} {
		if a == s || b == s {
			return s
		}
	}
	return record.Complete
}
