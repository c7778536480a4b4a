package metrics

import (
	"slices"

	"fastgenbench/tools/internal/record"
)

const (
	// maxBlocks is how many blocks a point is cut into where its requests suffice:
	// more would hardly make an interval shorter.
	maxBlocks = 10
	// blockRounds is how many requests of each client a block has on average: those
	// of one round wait for the same forward passes and differ too little.
	blockRounds = 2
)

// Blocks cuts the point of a key into blocks of requests that were started one
// after the other, as many in each, and sums up each block (batch means: Law and
// Carson, Operations Research 27, 1979). How the blocks differ shows how much a
// figure of one run is due to chance: within that run, not from one start of the
// server to the next. There are none where the requests do not suffice for two
// blocks. A block's doubt and status say nothing: the point has them.
func (s *Summary) Blocks(key record.Key) []record.Summary {
	p := s.byKey[key]
	if p == nil {
		return nil
	}
	p.settle()
	n := min(maxBlocks, len(p.requests)/(blockRounds*max(1, p.key.NumClients)))
	if n < 2 {
		return nil
	}
	var rows []record.Summary
	for requests := range slices.Chunk(p.requests[:len(p.requests)/n*n], len(p.requests)/n) {
		rows = append(rows, summarize(p.part(requests)))
	}
	return rows
}

// part is a settled point of some of the requests.
func (p *point) part(requests []*request) *point {
	ok := slices.DeleteFunc(slices.Clone(requests), func(r *request) bool { return !r.ok })
	return &point{key: p.key, requests: requests, ok: ok, settled: true}
}
