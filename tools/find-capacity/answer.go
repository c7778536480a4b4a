package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// answer is what is known of the border.
type answer struct {
	*options
	tried       []*evidence
	best, worst *evidence // the most load that passed, the least that failed
	limited     *evidence // by the client: it ended the search
	requests    int
	end         record.Status // "": the search was broken off
}

// took notes how a load fared, and what that makes of the border.
func (a *answer) took(e *evidence) {
	if !slices.Contains(a.tried, e) {
		a.tried = append(a.tried, e)
	}
	if e.decided == limited {
		a.limited = e
		return
	}
	known := map[float64]bool{}
	for _, one := range a.tried {
		known[one.load] = one.decided == passes
	}
	a.search.learn(known)
	a.best, a.worst = a.at(a.search.passed), a.at(a.search.failed)
}

// at is what was measured at a load, nil for none.
func (a *answer) at(load float64) *evidence {
	for _, e := range a.tried {
		if e.load == load {
			return e
		}
	}
	return nil
}

// unsure is a load on a side of the border that has to be measured once more before
// the search ends.
func (a *answer) unsure(end record.Status) *evidence {
	for _, e := range []*evidence{a.best, a.worst} {
		if end != "" && e != nil && len(e.batches) < borderBatches {
			return e
		}
	}
	return nil
}

// weak are the decisions that the interval did not make.
func (a *answer) weak() (words []string) {
	for _, e := range a.tried {
		if e.why != "" {
			words = append(words, fmt.Sprintf("%s: %s", a.load(e.load), e.why))
		}
	}
	return words
}

// load is a load for people.
func (o *options) load(load float64) string {
	switch {
	case o.clients && load == 1:
		return "1 client"
	case o.clients:
		return fmt.Sprintf("%g clients", load)
	}
	return fmt.Sprintf("%g requests/s", load)
}

// text are what was seen of a load, and what follows.
func (e *evidence) text(slo metrics.SLO, decided decision) string {
	text := e.seen(slo)
	switch last := e.batches[len(e.batches)-1]; decided {
	case measureOn:
		if unsteady := last.trend.Unsteady(); unsteady != "" {
			return text + ", not steady, " + unsteady + ": measured on"
		}
		return text + ": measured on"
	case limited:
		return text + ", but the client was the limit: " + string(last.row.Doubt)
	case passes:
		text += ": passes"
	case fails:
		text += ": fails"
	}
	if e.why != "" {
		text += ", " + e.why
	}
	return text
}

// text are the answer.
func (a *answer) text() string {
	var text string
	switch {
	case a.best != nil && a.worst != nil:
		text = fmt.Sprintf("the largest load is %s: %s; %s fails", a.load(a.best.load), a.best.seen(a.slo), a.load(a.worst.load))
	case a.best != nil:
		text = fmt.Sprintf("%s passes: %s; no load was found that fails", a.load(a.best.load), a.best.seen(a.slo))
	case a.worst != nil:
		text = fmt.Sprintf("%s fails: %s; no load was found that passes", a.load(a.worst.load), a.worst.seen(a.slo))
	}
	switch a.end {
	case record.SmallestFails:
		text = fmt.Sprintf("even the smallest load fails. %s (--min allows none below)", text)
	case record.LargestPasses:
		text = fmt.Sprintf("even the largest load passes. %s (--max allows none above)", text)
	case record.OutOfProbes:
		text = fmt.Sprintf("the probes ran out. %s", text)
	case record.ClientLimited:
		text = fmt.Sprintf("at %s the client was the limit, which says nothing about the server. Before that: %s", a.load(a.limited.load), text)
	case "":
		text = "broken off. Until then: " + text
	}
	if a.point().row.Simulated() {
		text += " (simulated)"
	}
	text += fmt.Sprintf("; %d probes, %d requests", len(a.tried), a.requests)
	if weak := a.weak(); len(weak) > 0 {
		text += "; in doubt: " + strings.Join(weak, "; ")
	}
	return text
}

// seen is the attainment for people.
func (e *evidence) seen(slo metrics.SLO) string {
	return fmt.Sprintf("%.1f %% of %d requests kept %s (%.1f to %.1f %%)", 100*e.kept.Share(), e.kept.Judged, slo, 100*e.low, 100*e.high)
}

// shown is the load that the answer's figures are of: the most that passed, else the
// least that failed.
func (a *answer) shown() *evidence {
	if a.best != nil {
		return a.best
	}
	return a.worst
}

// point is the last batch of it.
func (a *answer) point() *batch {
	all := a.shown().batches
	return all[len(all)-1]
}

// row is the answer for other programs.
func (a *answer) row() record.Capacity {
	e, point := a.shown(), a.point()
	row := record.Capacity{
		Key: point.row.Key, SLO: record.Text(a.slo.String()), Target: record.RateOf(a.attainment), By: "rate",
		Judged: record.CountOf(e.kept.Judged), Good: record.CountOf(e.kept.Good), Attainment: record.RateOf(e.kept.Share()),
		AttainmentLow: record.RateOf(e.low), AttainmentHigh: record.RateOf(e.high), EffectiveRPS: point.row.EffectiveRPS,
		Probes: len(a.tried), Requests: a.requests, Status: a.end,
	}
	row.Run = record.Text(record.Clean(a.run))
	if a.clients {
		row.By = "clients"
	}
	if a.worst != nil {
		row.Failed = record.RateOf(a.worst.load)
	}
	if a.best != nil {
		row.Passed = record.RateOf(a.best.load)
	} else {
		row.NumClients, row.RateRPS = 0, 0
	}
	doubts := a.weak()
	if point.row.Doubt != "" {
		doubts = append(doubts, string(point.row.Doubt))
	}
	row.Doubt = record.Text(record.Clean(strings.Join(doubts, "; ")))
	return row
}

// answerFile is the file of --answer; nil where none was asked for.
type answerFile struct {
	*os.File
	final string
}

// answerFile makes sure, before any work, that the answer can be written. It gets
// its name when it is whole.
func (o *options) answerFile() (*answerFile, error) {
	if o.answer == "" {
		return nil, nil
	}
	file, err := os.Create(o.answer + ".part")
	if err != nil {
		return nil, fmt.Errorf("--answer: %w", err)
	}
	return &answerFile{file, o.answer}, nil
}

// discard removes what did not become the answer.
func (f *answerFile) discard() {
	if f != nil {
		f.Close()           // a second time, where it was written
		os.Remove(f.Name()) // there is none, then
	}
}

func (f *answerFile) write(row record.Capacity) error {
	if f == nil {
		return nil
	}
	err := csvio.NewWriter[record.Capacity](f).Write(row)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), f.final)
	}
	if err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}
