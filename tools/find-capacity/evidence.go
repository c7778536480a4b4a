package main

import (
	"fmt"
	"math"

	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// batch is one run of the load command at one load.
type batch struct {
	requests int // as asked for
	goodput  metrics.Goodput
	trend    metrics.Trend
	row      record.Goodput
}

// count is how many requests can be judged, and how many of them are good.
type count struct{ good, judged int }

func (c count) plus(b *batch) count {
	return count{c.good + b.row.Good.Int(), c.judged + b.row.Judged.Int()}
}

func (c count) share() float64 { return float64(c.good) / float64(c.judged) }

// sigmas is the confidence of an interval: 95 %.
const sigmas = 1.96

// interval is where the attainment lies (Wilson's).
func (c count) interval() (low, high float64) { return metrics.Wilson(c.good, c.judged, sigmas) }

// decision is what is made of a load.
type decision int

const (
	measureOn decision = iota
	passes
	fails
	limited // by the client: the load says nothing of the server
)

// evidence is all that was measured at one load.
type evidence struct {
	load    float64
	batches []*batch
	// counted are the batches that were steady, or the last one where it was not.
	counted count
	// why says what a decision rests on where it is not the interval.
	why string
}

// maxBatches is how often a load is measured until it is decided in any case.
const maxBatches = 3

// add takes one more batch and decides. A load passes or fails when the interval of
// its attainment lies on one side of the target. A batch that is not steady cannot
// pass: a point begins without a queue, so that its requests fared better than later
// ones would. It can fail for the same reason.
func (e *evidence) add(b *batch, target float64) decision {
	e.batches = append(e.batches, b)
	if b.row.Status == record.ClientLimited {
		e.counted = count{}.plus(b)
		return limited
	}
	unsteady := b.trend.Unsteady()
	e.counted = count{}
	for _, one := range e.batches {
		if unsteady == "" && one.trend.Unsteady() == "" || one == b {
			e.counted = e.counted.plus(one)
		}
	}
	low, high := e.counted.interval()
	switch {
	case high < target:
		return fails
	case unsteady == "" && low >= target:
		return passes
	case len(e.batches) < maxBatches:
		return measureOn
	case unsteady != "":
		e.why = "not steady: " + unsteady
		return fails
	}
	e.why = fmt.Sprintf("undecided after %d requests, taken by its share", e.counted.judged)
	if e.counted.share() >= target {
		return passes
	}
	return fails
}

// next is how many requests the next batch has: twice as many, or as many as a steady
// point takes, four times as many at most.
func (e *evidence) next() int {
	last := e.batches[len(e.batches)-1]
	factor := 2.0
	if span := last.trend.Span(); span > 0 {
		factor = min(4, max(factor, 6/span))
	}
	return int(math.Ceil(factor * float64(last.requests)))
}

// firstRequests is how many requests a load is measured with at first: twice as many
// as all have to be good for the interval to lie above the target, which is z^2 p /
// (1 - p), and a round for each client as loadgen has it.
func firstRequests(target float64, clients int) int {
	return max(100, int(math.Ceil(2*sigmas*sigmas*target/(1-target))), 4*clients+32)
}
