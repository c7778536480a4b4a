package sim

import (
	"fmt"
	"slices"
)

// Engine is one replica in virtual time. It is not safe for concurrent use.
type Engine struct {
	cfg     Config
	policy  policy
	coming  []*sequence // submitted, but not yet known to the scheduler
	waiting []*sequence // first come first served; none holds a place in a batch
	running []*sequence // in order of arrival
	byID    map[int64]*sequence
	kv      room
	blocks  int    // KV blocks in all
	serial  uint64 // of the latest sequence
	work    []work
	tokens  []Token
	stats   Stats
}

// sequence is a request inside the engine. prompt + generated tokens are
// known, done of them are processed and stand in the KV cache.
type sequence struct {
	id              int64
	prompt, limit   int
	done, generated int
	preempted       bool    // once or more
	known           float64 // when the scheduler knows of it
	blocks          int     // it holds, where they are only counted

	// With a prefix cache:
	serial  uint64
	text    Text
	keys    []key    // of its full blocks, as far as they were needed
	table   []*block // it holds, in the order of its tokens
	entered int      // of them, in the cache
	cached  int      // tokens of the prompt that were found there
}

// outstanding is how many known tokens have not been processed: the prompt's
// rest, or the one token generated last. When it reaches 0 a token is generated.
func (s *sequence) outstanding() int { return s.prompt + s.generated - s.done }

// work is a sequence's part of a forward pass.
type work struct {
	seq *sequence
	n   int
}

// Token is one generated token.
type Token struct {
	ID    int64
	Index int // from 0
	Last  bool
	// Cached is how many tokens of its prompt were found in the prefix cache.
	Cached int
}

// Step is one forward pass. Its tokens appear when it ends; the slice is
// reused by the next one.
type Step struct {
	// Duration is in virtual seconds.
	Duration float64
	Tokens   []Token
	// BatchTokens is how many tokens were processed, of Sequences sequences.
	BatchTokens, Sequences int
	// Preempted is how many sequences lost their KV blocks for this pass.
	Preempted int
	// Cache is what was looked up in the prefix cache for it.
	Cache CacheStats
}

// Stats is the engine's state, as /metrics shows it.
type Stats struct {
	Running, Waiting int
	// KVUsage is the share of KV blocks in use, 0 to 1; free ones in the prefix cache
	// are not.
	KVUsage float64
	// Preemptions is how often a sequence lost its KV blocks so far.
	Preemptions int
	// Steps is how many forward passes were made.
	Steps int
}

// Submit queues a request, which arrived at a virtual time, for newTokens tokens after
// a prompt. Requests are submitted in the order of their arrival. It fails when the
// sequence is longer than the context or than the whole KV cache. Only an
// engine with a prefix cache reads the text, while the sequence is in it.
func (e *Engine) Submit(arrived float64, id int64, promptTokens, newTokens int, text Text) error {
	if promptTokens < 1 || newTokens < 1 {
		return fmt.Errorf("a request of %d prompt tokens and %d new tokens is not valid", promptTokens, newTokens)
	}
	total := promptTokens + newTokens
	if total > e.cfg.Model.Context {
		return fmt.Errorf("%d prompt and %d new tokens are more than the context of %d", promptTokens, newTokens, e.cfg.Model.Context)
	}
	if total > e.KVTokens() {
		return fmt.Errorf("%d tokens are more than the KV cache holds", total)
	}
	if e.byID[id] != nil {
		return fmt.Errorf("request %d is in the engine already", id)
	}
	e.serial++
	s := &sequence{id: id, prompt: promptTokens, limit: newTokens, serial: e.serial, text: text, known: arrived + e.cfg.Calibration.RequestS}
	e.byID[id] = s
	if e.cfg.Calibration.RequestS > 0 {
		e.coming = append(e.coming, s)
	} else {
		e.waiting = append(e.waiting, s)
	}
	return nil
}

// Abort takes a request out; an unknown one is none.
func (e *Engine) Abort(id int64) {
	s := e.byID[id]
	if s == nil {
		return
	}
	delete(e.byID, id)
	e.kv.release(s)
	isIt := func(other *sequence) bool { return other == s }
	e.coming = slices.DeleteFunc(e.coming, isIt)
	e.waiting = slices.DeleteFunc(e.waiting, isIt)
	e.running = slices.DeleteFunc(e.running, isIt)
}

// admit lets the scheduler know of the requests that it can know of by now.
func (e *Engine) admit(now float64) {
	const rounding = 1e-9 // a step that ends when a request is known may end a rounding before
	n := 0
	for n < len(e.coming) && e.coming[n].known <= now+rounding {
		n++
	}
	e.waiting = append(e.waiting, e.coming[:n]...)
	e.coming = slices.Delete(e.coming, 0, n)
}

// Step plans and costs one forward pass that begins at now; false when there
// is nothing to run. A step of no sequences waits for the first request that the
// scheduler does not know of yet.
func (e *Engine) Step(now float64) (Step, bool) {
	e.admit(now)
	e.work = e.work[:0]
	before, looked := e.stats.Preemptions, e.kv.stats()
	e.policy.plan(e)
	if len(e.work) == 0 && len(e.coming) > 0 {
		return Step{Duration: e.coming[0].known - now}, true
	}
	if len(e.work) == 0 {
		return Step{}, false
	}
	var b batch
	e.tokens = e.tokens[:0]
	for _, w := range e.work {
		b.add(w.n, w.seq.done, e.cfg.queryTile)
		e.advance(w)
	}
	e.running = slices.DeleteFunc(e.running, func(s *sequence) bool { return s.generated == s.limit })
	e.stats.Steps++
	return Step{
		Duration: e.cfg.forwardSeconds(b), Tokens: e.tokens, BatchTokens: b.tokens, Sequences: b.seqs,
		Preempted: e.stats.Preemptions - before, Cache: e.kv.stats().minus(looked),
	}, true
}

func (e *Engine) advance(w work) {
	s := w.seq
	s.done += w.n
	if s.outstanding() > 0 {
		return
	}
	s.generated++
	last := s.generated == s.limit
	e.tokens = append(e.tokens, Token{ID: s.id, Index: s.generated - 1, Last: last, Cached: s.cached})
	if last {
		e.kv.release(s)
		delete(e.byID, s.id)
	}
}

// Stats is the state between two passes.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.Running, s.Waiting = len(e.running), len(e.waiting)+len(e.coming)
	s.KVUsage = float64(e.blocks-e.kv.free()) / float64(e.blocks)
	return s
}

// Budget is the token budget of a forward pass in force.
func (e *Engine) Budget() int { return e.cfg.MaxBatchedTokens }

// KVTokens is the room of the KV cache in tokens.
func (e *Engine) KVTokens() int { return e.blocks * e.cfg.BlockTokens }
