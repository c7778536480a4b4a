package sim

// prefixCache is the room of a vLLM with automatic prefix caching (as of 0.32,
// block_pool.py and kv_cache_manager.py in vllm/v1/core). A full block is known by
// the tokens in it and before it. It can be found by later sequences, and by the
// one that filled it after a preemption, until its place is taken: first those of
// free blocks that nobody can find, then the least recently used. A block that
// several sequences hold takes its place once.
type prefixCache struct {
	size   int
	blank  int      // free blocks that cannot be found
	idle   idleList // free blocks that can
	known  twins    // all blocks that can be found
	looked CacheStats
}

// CacheStats counts prompt tokens, once per sequence: those of preempted ones are not
// looked up a second time. The names are those of vLLM's counters.
type CacheStats struct {
	// Queries is how many tokens were looked up, Hits how many of them were found.
	Queries, Hits int
}

// minus is what was looked up after an earlier count.
func (c CacheStats) minus(earlier CacheStats) CacheStats {
	return CacheStats{Queries: c.Queries - earlier.Queries, Hits: c.Hits - earlier.Hits}
}

func newPrefixCache(blocks, size int) *prefixCache {
	return &prefixCache{size: size, blank: blocks, idle: newIdleList(), known: twins{}}
}

func (c *prefixCache) stats() CacheStats { return c.looked }

func (c *prefixCache) free() int { return c.blank + c.idle.len }

// admit is room's. As in vLLM, at least one token is left to compute.
func (c *prefixCache) admit(s *sequence, most int) (int, bool) {
	found, idle := c.find(s)
	hit := len(found) * c.size
	n := min(s.outstanding()-hit, most)
	more := blocksFor(hit+n, c.size) - len(found)
	if more+idle > c.free() {
		return 0, false
	}
	for _, b := range found {
		if b.holders++; b.holders == 1 {
			c.idle.remove(b)
		}
	}
	s.table, s.entered, s.done = append(s.table, found...), len(found), hit
	c.count(s, hit)
	return n, c.grow(s, hit+n)
}

// find returns the blocks that hold the beginning of a sequence, and how many of
// them nobody holds.
func (c *prefixCache) find(s *sequence) (found []*block, idle int) {
	for i := range (s.outstanding() - 1) / c.size {
		b := c.known.first(s.key(i, c.size))
		if b == nil {
			break
		}
		if found = append(found, b); b.holders == 0 {
			idle++
		}
	}
	return found, idle
}

// count notes what was found of a sequence that is admitted for the first time.
func (c *prefixCache) count(s *sequence, hit int) {
	if s.preempted {
		return
	}
	s.cached = hit
	c.looked.Queries += s.prompt
	c.looked.Hits += hit
}

// grow is room's. Blocks that the tokens fill can be found from now on: vLLM
// enters them when it plans the pass that computes them.
func (c *prefixCache) grow(s *sequence, tokens int) bool {
	more := blocksFor(tokens, c.size) - len(s.table)
	if more > c.free() {
		return false
	}
	for range more {
		s.table = append(s.table, c.take())
	}
	for ; s.entered < tokens/c.size; s.entered++ {
		c.known.add(s.key(s.entered, c.size), s.table[s.entered])
	}
	return true
}

// take returns a free block that holds nothing any more.
func (c *prefixCache) take() *block {
	if c.blank > 0 {
		c.blank--
		return &block{holders: 1}
	}
	b := c.idle.oldest()
	c.idle.remove(b)
	c.known.remove(b)
	b.holders = 1
	return b
}

// release is room's. The last block becomes free first, so that its place is
// taken before that of what it builds on.
func (c *prefixCache) release(s *sequence) {
	for i := len(s.table) - 1; i >= 0; i-- {
		b := s.table[i]
		if b.holders--; b.holders > 0 {
			continue
		}
		if b.known {
			c.idle.add(b)
		} else {
			c.blank++
		}
	}
	s.table, s.entered = s.table[:0], 0
}
