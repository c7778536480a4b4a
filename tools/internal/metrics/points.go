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
	// further says in what else the client may have made a point's figures, "" for nothing.
	further func(*point) string
}

// add takes one row and returns the request that it became, valid until the
// next one, for a fold to keep in it what it needs of the chunks.
func (p *Points) add(row record.Request) *request {
	if p.last == nil || p.last.key != row.Key {
		p.last = p.find(row.Key)
	}
	p.last.settled = false
	p.last.requests = append(p.last.requests, newRequest(row))
	return &p.last.requests[len(p.last.requests)-1]
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
		one.settle(p.further)
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
	requests []request
	copies   int // rows that were there twice, to the last digit, and left out

	// Once settled:
	settled  bool
	ok       []request // those that ended well
	limit    string    // how the client limited the point, "" when it did not
	repeated int       // rows with the number of another, different row
}

// settle brings the requests into the order of their starts, so that the order
// of the input leaves no trace, and leaves out rows that are there twice.
func (p *point) settle(further func(*point) string) {
	if p.settled {
		return
	}
	slices.SortFunc(p.requests, request.compare)
	rows := len(p.requests)
	p.requests = slices.CompactFunc(p.requests, func(a, b request) bool { return a.compare(b) == 0 })
	p.copies += rows - len(p.requests)
	numbers := make(map[int]bool, len(p.requests))
	for _, r := range p.requests {
		numbers[r.number] = true
	}
	p.repeated = len(p.requests) - len(numbers)
	p.ok = slices.DeleteFunc(slices.Clone(p.requests), func(r request) bool { return !r.ok })
	p.limit = clientLimit(float64(p.key.Speed), p.requests, p.ok)
	if p.limit == "" && further != nil {
		p.limit = further(p)
	}
	p.settled = true
}

// span is the time from the first start to the last end of all requests, in
// microseconds: the ones that failed kept the server busy, too.
func (p *point) span() float64 {
	first := p.requests[0].start
	last := first
	for _, r := range p.requests {
		last = max(last, r.start+r.latency)
	}
	return last - first
}

// status is what the point's rows say of their worth. Being client-limited
// outweighs partial: that requests failed can be seen from the counts.
func (p *point) status() record.Status {
	switch {
	case p.limit != "":
		return record.ClientLimited
	case len(p.ok) < len(p.requests):
		return record.Partial
	}
	return record.Complete
}
