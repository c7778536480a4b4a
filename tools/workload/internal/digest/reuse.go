package digest

import (
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// reuse is an unlimited prefix cache: of each beginning of a prompt, block by
// block, it keeps how many tokens of its last block it has seen.
type reuse struct {
	size           int
	seen           map[uint64]int32
	requests       int
	blocks, hits   int
	tokens, cached int
}

// add takes a request and returns how many tokens of its prompt were in the cache:
// those of the leading blocks that were all there. A block counts for what follows
// only where all of it was there.
func (u *reuse) add(r workload.Request) (cached int) {
	if len(r.HashIDs) == 0 {
		return 0
	}
	u.requests++
	u.blocks += len(r.HashIDs)
	u.tokens += r.InputLength
	beginning, hit := uint64(0), true
	for i, id := range r.HashIDs {
		beginning = mix(beginning, id)
		here := int32(min(u.size, r.InputLength-i*u.size))
		seen := u.seen[beginning]
		if hit {
			cached += int(min(seen, here))
			if hit = seen >= here; hit {
				u.hits++
			}
		}
		u.seen[beginning] = max(seen, here)
	}
	u.cached += cached
	return cached
}

// mix names a beginning and one block more, by the finalizer of SplitMix64. Two
// different ones have one name with a probability of 2^-64.
func mix(beginning, id uint64) uint64 {
	h := (beginning ^ id*0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

func (u *reuse) describe(row *Row) {
	row.BlockSize, row.Hashed = u.size, u.requests
	if u.requests == 0 {
		return
	}
	row.Blocks, row.Distinct = record.CountOf(u.blocks), record.CountOf(len(u.seen))
	row.ReusedBlocks = rate(float64(u.hits) / float64(u.blocks))
	row.CachedShare = rate(float64(u.cached) / float64(u.tokens))
}
