package metrics

import (
	"cmp"
	"maps"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Points gathers requests by their full key. It is what all folds share.
type Points struct {
	byKey map[record.Key]*point
	last  *point // rows of a point mostly come together
}

// add takes one request of a point.
func (p *Points) add(key record.Key, r *request) {
	if p.last == nil || p.last.key != key {
		p.last = p.find(key)
	}
	p.last.settled = false
	p.last.requests = append(p.last.requests, r)
}

func (p *Points) find(key record.Key) *point {
	found := p.byKey[key]
	if found == nil {
		if p.byKey == nil {
			p.byKey = map[record.Key]*point{}
		}
		found = &point{key: key}
		p.byKey[key] = found
	}
	return found
}

// sorted returns the points, settled, in the order that they are printed.
func (p *Points) sorted() []*point {
	points := slices.SortedFunc(maps.Values(p.byKey), func(a, b *point) int { return compareKeys(a.key, b.key) })
	for _, one := range points {
		one.settle()
	}
	return points
}

// compareKeys sorts what one figure shows together: configuration first, then
// whose curve it is, the load last.
func compareKeys(a, b record.Key) int {
	return cmp.Or(
		cmp.Compare(a.Model, b.Model),
		cmp.Compare(a.TPSize, b.TPSize),
		cmp.Compare(a.NumReplicas, b.NumReplicas),
		cmp.Compare(a.MaxRaggedBatchSize, b.MaxRaggedBatchSize),
		cmp.Compare(a.MeanPromptLength, b.MeanPromptLength),
		cmp.Compare(a.MeanMaxNewTokens, b.MeanMaxNewTokens),
		cmp.Compare(a.Workload, b.Workload),
		cmp.Compare(a.Hardware, b.Hardware),
		cmp.Compare(a.Backend, b.Backend),
		cmp.Compare(a.Engine, b.Engine),
		cmp.Compare(a.Speed, b.Speed),
		cmp.Compare(a.Run, b.Run),
		cmp.Compare(a.RateRPS, b.RateRPS),
		cmp.Compare(a.NumClients, b.NumClients),
	)
}

// point is one measured point: one key.
type point struct {
	key      record.Key
	requests []*request
	copies   int // rows that were there twice, to the last digit, and left out

	// Once settled:
	settled  bool
	ok       []*request // those that ended well
	repeated int        // rows with the number of another, different row
	limit    finding    // how the client limited the point; empty when it did not
	findings []finding  // what a reader has to know, the most important first
}

// settle brings the requests into the order of their starts, so that the order
// of the input leaves no trace, leaves out rows that are there twice, and looks
// for what is wrong.
func (p *point) settle() {
	if p.settled {
		return
	}
	slices.SortFunc(p.requests, (*request).compare)
	rows := len(p.requests)
	p.requests = slices.CompactFunc(p.requests, func(a, b *request) bool { return a.compare(b) == 0 })
	p.copies += rows - len(p.requests)
	p.repeated = repeatedNumbers(p.requests)
	p.ok = slices.DeleteFunc(slices.Clone(p.requests), func(r *request) bool { return !r.ok })
	p.waitForCap()
	p.findings = p.examine()
	p.settled = true
}

func repeatedNumbers(requests []*request) int {
	numbers, repeated := make(map[record.Count]bool, len(requests)), 0
	for _, r := range requests {
		if r.number.Known() && numbers[r.number] {
			repeated++
		}
		numbers[r.number] = true
	}
	return repeated
}

// open reports whether requests had due times of a plan: no client waited for an
// answer. In a closed loop only later turns of sessions have one.
func (p *point) open() bool {
	return p.key.RateRPS > 0 || slices.ContainsFunc(p.requests, func(r *request) bool { return r.due && !(r.turn > 1) })
}

// sessions reports whether requests were turns of sessions.
func (p *point) sessions() bool {
	return slices.ContainsFunc(p.requests, func(r *request) bool { return r.turn > 0 })
}

func (p *point) speed() float64 { return float64(p.key.Speed) }

// span is the time from the first start to the last token or failure of all
// requests, in microseconds: the ones that failed kept the server busy, too.
func (p *point) span() float64 {
	first := p.requests[0].start
	last := first
	for _, r := range p.requests {
		last = max(last, r.start+r.latency)
	}
	return last - first
}

// tokenGaps are the gaps per token of all requests that ended ok.
func (p *point) tokenGaps() sample {
	n := 0
	for _, r := range p.ok {
		n += len(r.tokenGaps().ones)
	}
	all := sample{ones: make([]float64, 0, n)}
	for _, r := range p.ok {
		all.join(r.tokenGaps())
	}
	return all
}

// status is what the point's rows say of their worth. Being client-limited
// outweighs partial: that requests failed can be seen from the counts.
func (p *point) status() record.Status {
	switch {
	case p.limit.what != "":
		return record.ClientLimited
	case len(p.ok) < len(p.requests):
		return record.Partial
	}
	return record.Complete
}
