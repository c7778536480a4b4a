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
	var rows []record.Summary
	for _, block := range s.blocks(key) {
		rows = append(rows, summarize(block))
	}
	return rows
}

// Blocks are those of Summary under the first of the levels.
func (g *Goodput) Blocks(key record.Key) []record.Goodput {
	var rows []record.Goodput
	for _, block := range g.blocks(key) {
		rows = append(rows, judge(block, g.promises()[0]))
	}
	return rows
}

func (p *Points) blocks(key record.Key) []*point {
	whole := p.byKey[key]
	if whole == nil {
		return nil
	}
	whole.settle()
	n := min(maxBlocks, len(whole.requests)/(blockRounds*max(1, key.NumClients)))
	if n < 2 {
		return nil
	}
	var blocks []*point
	for requests := range slices.Chunk(whole.requests[:len(whole.requests)/n*n], len(whole.requests)/n) {
		ok := slices.DeleteFunc(slices.Clone(requests), func(r *request) bool { return !r.ok })
		blocks = append(blocks, &point{key: key, requests: requests, ok: ok, settled: true})
	}
	return blocks
}
