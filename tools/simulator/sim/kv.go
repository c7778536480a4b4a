package sim

// room is the KV cache of a replica, in blocks that are all alike. A sequence
// holds those in which its processed tokens stand.
type room interface {
	// admit reserves what a waiting sequence needs for its next pass, of most
	// tokens at most, and says how many tokens the pass then processes; false, and
	// nothing reserved, when that is not free. What of the sequence is found in the
	// cache is done.
	admit(s *sequence, most int) (n int, ok bool)
	// grow reserves what a sequence needs to hold tokens; false, and nothing
	// reserved, when that is not free.
	grow(s *sequence, tokens int) bool
	// release takes a sequence's blocks back.
	release(s *sequence)
	// free is how many blocks can be had.
	free() int
	// stats is what was looked up in the cache so far.
	stats() CacheStats
}

// blocksFor is how many blocks of a size tokens need.
func blocksFor(tokens, size int) int { return (tokens + size - 1) / size }

// counted is a room without a prefix cache: no block is shared and none is found
// again, so counting them is enough.
type counted struct{ size, left int }

func (c *counted) admit(s *sequence, most int) (int, bool) {
	n := min(s.outstanding(), most)
	return n, c.grow(s, n)
}

func (c *counted) grow(s *sequence, tokens int) bool {
	more := blocksFor(tokens, c.size) - s.blocks
	if more > c.left {
		return false
	}
	if more > 0 {
		s.blocks += more
		c.left -= more
	}
	return true
}

func (c *counted) release(s *sequence) {
	c.left += s.blocks
	s.blocks = 0
}

func (c *counted) free() int { return c.left }

func (c *counted) stats() CacheStats { return CacheStats{} }

// preempt takes the youngest running sequence's KV blocks; it goes to the
// head of the queue and is computed anew, its generated tokens with it.
func (e *Engine) preempt() *sequence {
	s := e.running[len(e.running)-1]
	e.running = e.running[:len(e.running)-1]
	e.kv.release(s)
	s.done, s.preempted = 0, true
	e.waiting = append([]*sequence{s}, e.waiting...)
	e.stats.Preemptions++
	return s
}
