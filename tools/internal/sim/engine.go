package sim

import (
	"fmt"
	"slices"
)

// Config is one replica: what runs on what, and how it is scheduled.
type Config struct {
	Model    Model
	Hardware Hardware
	// Calibration is the policy's own where it is zero.
	Calibration Calibration
	// TP is the tensor-parallel size.
	TP int
	// Policy is the scheduler: one of Policies.
	Policy string
	// MaxBatchedTokens is the token budget of a forward pass; 0 is the policy's own.
	MaxBatchedTokens int
	// MaxSeqs is the most sequences in a forward pass; 0 is the policy's own.
	MaxSeqs int

	graphs, dense bool // the policy's
	queryTile     int  // of attention
}

// Engine is one replica in virtual time. It is not safe for concurrent use.
type Engine struct {
	cfg     Config
	policy  policy
	waiting []*sequence // first come first served; none holds a place in a batch
	running []*sequence // in order of arrival
	byID    map[int64]*sequence
	blocks  int // KV blocks in all
	free    int
	work    []work
	tokens  []Token
	stats   Stats
}

// sequence is a request inside the engine. prompt + generated tokens are
// known, done of them are processed and stand in the KV cache.
type sequence struct {
	id                      int64
	prompt, limit           int
	done, generated, blocks int
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
}

// Stats is the engine's state, as /metrics shows it.
type Stats struct {
	Running, Waiting int
	// KVUsage is the share of KV blocks in use, 0 to 1.
	KVUsage float64
	// Preemptions is how often a sequence lost its KV blocks so far.
	Preemptions int
	// Steps is how many forward passes were made.
	Steps int
}

// New returns an idle engine. It fails when the model does not fit the memory
// or a setting cannot be.
func New(cfg Config) (*Engine, error) {
	policy, err := lookupPolicy(cfg.Policy)
	if err != nil {
		return nil, err
	}
	if cfg.TP < 1 || cfg.MaxBatchedTokens < 0 || cfg.MaxSeqs < 0 {
		return nil, fmt.Errorf("tensor-parallel size %d, token budget %d, sequences %d cannot be", cfg.TP, cfg.MaxBatchedTokens, cfg.MaxSeqs)
	}
	if cfg.Calibration == (Calibration{}) {
		if cfg.Calibration, err = DefaultCalibration(cfg.Hardware, cfg.Policy); err != nil {
			return nil, err
		}
	}
	cfg.graphs, cfg.dense, cfg.queryTile = policy.graphs, policy.dense, 1
	if policy.tiled {
		cfg.queryTile = queryTile(cfg)
	}
	if cfg.MaxBatchedTokens == 0 || policy.ownBudget != nil {
		cfg.MaxBatchedTokens = policy.budget(cfg)
	}
	if cfg.MaxSeqs == 0 {
		cfg.MaxSeqs = policy.maxSeqs
	}
	blocks := cfg.kvBlocks(policy.blockTokens)
	if blocks == 0 {
		return nil, fmt.Errorf("%s with %.0f GB of weights does not fit %d x %s of %.0f GB",
			cfg.Model.Name, cfg.Model.Params*cfg.Model.WeightBits/8e9, cfg.TP, cfg.Hardware.Name, cfg.Hardware.GB)
	}
	return &Engine{cfg: cfg, policy: policy, byID: map[int64]*sequence{}, blocks: blocks, free: blocks}, nil
}

// Submit queues a request for newTokens tokens after a prompt. It fails when
// the sequence is longer than the context or than the whole KV cache.
func (e *Engine) Submit(_ float64, id int64, promptTokens, newTokens int) error {
	if promptTokens < 1 || newTokens < 1 {
		return fmt.Errorf("a prompt of %d and %d new tokens cannot be", promptTokens, newTokens)
	}
	total := promptTokens + newTokens
	if total > e.cfg.Model.Context {
		return fmt.Errorf("%d prompt and %d new tokens are more than the context of %d", promptTokens, newTokens, e.cfg.Model.Context)
	}
	if e.blocksFor(total) > e.blocks {
		return fmt.Errorf("%d tokens are more than the KV cache holds", total)
	}
	if e.byID[id] != nil {
		return fmt.Errorf("request %d is in the engine already", id)
	}
	s := &sequence{id: id, prompt: promptTokens, limit: newTokens}
	e.byID[id] = s
	e.waiting = append(e.waiting, s)
	return nil
}

// Abort takes a request out; an unknown one is none.
func (e *Engine) Abort(id int64) {
	s := e.byID[id]
	if s == nil {
		return
	}
	delete(e.byID, id)
	e.release(s)
	isIt := func(other *sequence) bool { return other == s }
	e.waiting = slices.DeleteFunc(e.waiting, isIt)
	e.running = slices.DeleteFunc(e.running, isIt)
}

// Step plans and costs one forward pass that begins at now; false when there
// is nothing to run.
func (e *Engine) Step(float64) (Step, bool) {
	e.work = e.work[:0]
	before := e.stats.Preemptions
	e.policy.plan(e)
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
		Preempted: e.stats.Preemptions - before,
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
	e.tokens = append(e.tokens, Token{ID: s.id, Index: s.generated - 1, Last: last})
	if last {
		e.release(s)
		delete(e.byID, s.id)
	}
}

// Stats is the state between two passes.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.Running, s.Waiting = len(e.running), len(e.waiting)
	s.KVUsage = float64(e.blocks-e.free) / float64(e.blocks)
	return s
}

// Budget is the token budget of a forward pass in force.
func (e *Engine) Budget() int { return e.cfg.MaxBatchedTokens }

// KVTokens is the room of the KV cache in tokens.
func (e *Engine) KVTokens() int { return e.blocks * e.policy.blockTokens }
