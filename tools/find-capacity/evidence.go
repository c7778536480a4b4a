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
	virtual  bool // time was
}

func (b *batch) add(row record.Request) {
	b.goodput.Add(row)
	b.trend.Add(row)
	b.virtual = row.Clock == "virtual"
}

// blocksPerBatch is in how many blocks the requests of a run are compared.
const blocksPerBatch = 10

// sigmas is the confidence of an interval: 95 %.
const sigmas = 1.96

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
	// kept is of the batches that were steady, or of the last one where it was not:
	// its share lies between low and high.
	kept      metrics.Kept
	low, high float64
	decided   decision
	// why says what a decision rests on where it is not the interval.
	why string
}

// maxBatches is how often a load is measured until it is decided in any case: once
// more in virtual time, which costs no waiting.
func (e *evidence) maxBatches() int {
	if e.batches[0].virtual {
		return 4
	}
	return 3
}

// borderBatches is how often the loads on both sides of the border are measured at
// least. One run can be lucky as a whole: a queue has a long memory near saturation.
const borderBatches = 2

// add takes one more batch and decides. A load passes or fails when the interval of
// its attainment lies on one side of the target. A batch that is not steady cannot
// pass: a point begins without a queue, so that its requests fared better than later
// ones would. It can fail for the same reason.
func (e *evidence) add(b *batch, target float64) decision {
	e.decided, e.why = e.decide(b, target)
	return e.decided
}

func (e *evidence) decide(b *batch, target float64) (decided decision, why string) {
	e.batches = append(e.batches, b)
	if b.row.Status == record.ClientLimited {
		e.weigh([]*batch{b})
		return limited, ""
	}
	unsteady := b.trend.Unsteady()
	counted := []*batch{b}
	for _, one := range e.batches[:len(e.batches)-1] {
		if unsteady == "" && one.trend.Unsteady() == "" {
			counted = append(counted, one)
		}
	}
	e.weigh(counted)
	switch {
	case e.high < target:
		return fails, ""
	case unsteady == "" && e.low >= target:
		return passes, ""
	case len(e.batches) < e.maxBatches():
		return measureOn, ""
	case unsteady != "":
		return fails, "not steady: " + unsteady
	}
	why = fmt.Sprintf("undecided after %d requests and decided by the share", e.kept.Judged)
	if e.kept.Share() >= target {
		return passes, why
	}
	return fails, why
}

func (e *evidence) weigh(batches []*batch) {
	var blocks []metrics.Kept
	for _, b := range batches {
		blocks = append(blocks, b.goodput.KeptBlocks(blocksPerBatch)...)
	}
	e.kept, e.low, e.high = metrics.Attainment(blocks, sigmas)
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
// (1 - p), and a round for each client as loadgen has it. Where time is virtual, they
// are four times as many, since they cost little.
func firstRequests(target float64, clients int, virtual bool) int {
	n := max(100, int(math.Ceil(2*sigmas*sigmas*target/(1-target))), 4*clients+32)
	if virtual {
		n *= 4
	}
	return n
}
