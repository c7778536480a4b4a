package sim

func (e *Engine) blocksFor(tokens int) int {
	return (tokens + e.policy.blockTokens - 1) / e.policy.blockTokens
}

// grow reserves what s needs to hold tokens in the cache; false, and nothing
// reserved, when that is not free.
func (e *Engine) grow(s *sequence, tokens int) bool {
	more := e.blocksFor(tokens) - s.blocks
	if more > e.free {
		return false
	}
	if more > 0 {
		s.blocks += more
		e.free -= more
	}
	return true
}

func (e *Engine) release(s *sequence) {
	e.free += s.blocks
	s.blocks = 0
}

// preempt takes the youngest running sequence's KV blocks; it goes to the
// head of the queue and is computed anew, its generated tokens with it.
func (e *Engine) preempt() *sequence {
	s := e.running[len(e.running)-1]
	e.running = e.running[:len(e.running)-1]
	e.release(s)
	s.done = 0
	e.waiting = append([]*sequence{s}, e.waiting...)
	e.stats.Preemptions++
	return s
}
