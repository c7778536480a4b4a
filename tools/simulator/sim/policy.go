package sim

import (
	"fmt"
	"slices"
	"strings"
)

// policy is a scheduler: plan chooses the next forward pass by filling
// e.work, and moves sequences between e.waiting and e.running.
type policy struct {
	name        string
	blockTokens int // tokens a KV block holds
	maxSeqs     int
	tokens      int              // default token budget
	ownBudget   func(Config) int // set where the engine has no such setting
	plan        func(*Engine)
	graphs      bool // passes without prompts are launched at once, as captured graphs
	dense       bool // every expert computes every token
	tiled       bool // attention computes a decode as a whole tile of queries
	caches      bool // it can have a prefix cache
}

func (p policy) budget(c Config) int {
	if p.ownBudget != nil {
		return p.ownBudget(c)
	}
	return p.tokens
}

var policies = []policy{
	{name: "fastgen", blockTokens: 64, maxSeqs: 768, tokens: 768, plan: planSplitFuse, tiled: true},
	{name: "fastgen-0.2", blockTokens: 64, maxSeqs: 768, tokens: 768, plan: planSplitFuse, tiled: true},
	{name: "vllm-0.2", blockTokens: 16, maxSeqs: 256, ownBudget: func(c Config) int { return max(c.Model.Context, 2048) }, plan: planPrefillFirst},
	{name: "vllm-0.2.7", blockTokens: 16, maxSeqs: 256, ownBudget: func(c Config) int { return max(c.Model.Context, 2048) }, plan: planPrefillFirst, graphs: true, dense: true},
	{name: "vllm", blockTokens: 16, maxSeqs: 256, tokens: 2048, plan: planChunked, graphs: true, caches: true},
}

// Policies lists the schedulers by name.
func Policies() []string {
	var names []string
	for _, p := range policies {
		names = append(names, p.name)
	}
	return names
}

// CachesPrefixes reports whether a policy's engine can have a prefix cache.
func CachesPrefixes(policy string) bool {
	p, err := lookupPolicy(policy)
	return err == nil && p.caches
}

func lookupPolicy(name string) (policy, error) {
	for _, p := range policies {
		if p.name == name {
			return p, nil
		}
	}
	return policy{}, fmt.Errorf("policy %q is not one of %s", name, strings.Join(Policies(), ", "))
}

// planSplitFuse is Dynamic SplitFuse (DeepSpeed-MII, ragged_batching): a token
// for every generating sequence first; then prompts in order of arrival, each
// taking what is left of the budget, so that at most the last one is cut. A
// prompt is taken only when KV blocks for all its remaining tokens are free.
func planSplitFuse(e *Engine) {
	left := e.cfg.MaxBatchedTokens
	for _, s := range e.running {
		if left > 0 && len(e.work) < e.cfg.MaxSeqs && e.kv.grow(s, s.done+1) {
			e.work = append(e.work, work{s, 1})
			left--
		}
	}
	for len(e.waiting) > 0 && left > 0 && len(e.work) < e.cfg.MaxSeqs {
		s := e.waiting[0]
		if !e.kv.grow(s, s.done+s.outstanding()) {
			break
		}
		n := min(s.outstanding(), left)
		e.work = append(e.work, work{s, n})
		left -= n
		if n < s.outstanding() {
			break
		}
		e.waiting = e.waiting[1:]
		e.running = append(e.running, s)
	}
	if len(e.work) == 0 && e.yield() {
		planSplitFuse(e)
	}
}

// yield frees KV blocks when every one is held and no sequence can grow: those
// of the youngest running sequence, else those of a prompt that was begun but
// waits behind another. It reports whether there were any.
func (e *Engine) yield() bool {
	if len(e.running) > 0 {
		e.preempt()
		return true
	}
	for _, s := range slices.Backward(e.waiting) {
		if s.blocks > 0 && s != e.waiting[0] {
			e.kv.release(s)
			s.done = 0
			e.stats.Preemptions++
			return true
		}
	}
	return false
}

// paddingLimit is vLLM 0.2's most padding tokens in a batch of prompts.
const paddingLimit = 256

// planPrefillFirst is vLLM 0.2: while waiting prompts fit, a pass is whole
// prompts and nothing else; all decoding stands still meanwhile. Prompts are
// padded to the longest: count x longest must keep the token limit.
func planPrefillFirst(e *Engine) {
	total, longest := 0, 0
	for len(e.waiting) > 0 && len(e.running) < e.cfg.MaxSeqs {
		s := e.waiting[0]
		n := s.outstanding()
		wide := max(longest, n) * (len(e.work) + 1)
		if wide > e.cfg.MaxBatchedTokens || wide-(total+n) > paddingLimit || !e.kv.grow(s, n) {
			break
		}
		total, longest = total+n, max(longest, n)
		e.waiting = e.waiting[1:]
		e.running = append(e.running, s)
		e.work = append(e.work, work{s, n})
	}
	if len(e.work) > 0 {
		return
	}
	for i := 0; i < len(e.running); i++ {
		s := e.running[i]
		for !e.kv.grow(s, s.done+1) {
			if e.preempt() == s {
				return
			}
		}
		e.work = append(e.work, work{s, 1})
	}
}

// planChunked is today's vLLM: decodes and begun prompts first, then waiting
// prompts, without what a prefix cache holds of them, cut to what is left of the
// token budget. Out of blocks, the youngest is computed anew later.
func planChunked(e *Engine) {
	left := e.cfg.MaxBatchedTokens
	preempted := false
	for i := 0; i < len(e.running) && left > 0; i++ {
		s := e.running[i]
		n := min(s.outstanding(), left)
		for !e.kv.grow(s, s.done+n) {
			preempted = true
			if e.preempt() == s {
				return
			}
		}
		e.work = append(e.work, work{s, n})
		left -= n
	}
	for !preempted && len(e.waiting) > 0 && left > 0 && len(e.running) < e.cfg.MaxSeqs {
		s := e.waiting[0]
		n, ok := e.kv.admit(s, left)
		if !ok {
			return
		}
		e.waiting = e.waiting[1:]
		e.running = append(e.running, s)
		e.work = append(e.work, work{s, n})
		left -= n
	}
}
