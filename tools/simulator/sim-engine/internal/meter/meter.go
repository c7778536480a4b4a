// Package meter counts what a vLLM server counts and prints it under the same
// names in Prometheus' text format. All times are the engine's virtual
// seconds, so a simulation at 20 times real time shows the figures of the
// engine it simulates, not of the wall clock.
package meter

import (
	"sync"

	"fastgenbench/tools/simulator/sim"
)

// Meter holds the figures of all engines (replicas) at one address. The
// driver brackets a batch of updates with Lock and Unlock; WriteTo copies
// under the lock and formats outside of it.
type Meter struct {
	mu      sync.Mutex
	model   string
	engines []engine
}

type engine struct {
	running, waiting                       int
	kvUsage                                float64
	promptTokens, generated, preempted     int64
	cachedTokens, queries, hits            int64
	finished                               map[string]int64 // by finished_reason
	ttft, gap, perToken, latency, decode   histogram
	iterationTokens, promptLen, generation histogram
	maxTokens                              histogram
}

// Timing is what a request's histograms need; the driver keeps one a request.
// Times are virtual seconds.
type Timing struct {
	Engine               int
	Arrived, First, Last float64
	Prompt, Cached, Max  int
	Tokens               int
}

// New returns a meter for engines replicas of model.
func New(model string, engines int) *Meter {
	m := &Meter{model: model, engines: make([]engine, engines)}
	for i := range m.engines {
		m.engines[i] = newEngine()
	}
	return m
}

func newEngine() engine {
	return engine{
		finished:        map[string]int64{"stop": 0, "length": 0, "abort": 0, "error": 0},
		ttft:            newHistogram(ttftBuckets),
		gap:             newHistogram(gapBuckets),
		perToken:        newHistogram(gapBuckets),
		latency:         newHistogram(latencyBuckets),
		decode:          newHistogram(latencyBuckets),
		iterationTokens: newHistogram(iterationBuckets),
		promptLen:       newHistogram(lengthBuckets),
		generation:      newHistogram(lengthBuckets),
		maxTokens:       newHistogram(lengthBuckets),
	}
}

// Lock begins a batch of updates.
func (m *Meter) Lock() { m.mu.Lock() }

// Unlock ends it.
func (m *Meter) Unlock() { m.mu.Unlock() }

// Tokens counts n tokens of a request that came at virtual time at.
func (m *Meter) Tokens(t *Timing, at float64, n int) {
	e := &m.engines[t.Engine]
	if t.Tokens == 0 {
		t.First = at
		e.promptTokens += int64(t.Prompt)
		e.cachedTokens += int64(t.Cached)
		e.ttft.observe(at - t.Arrived)
	} else {
		e.gap.observe(at - t.Last)
	}
	t.Last, t.Tokens = at, t.Tokens+n
	e.generated += int64(n)
}

// Finish counts a request that ended, for one of vLLM's reasons: stop, length,
// abort or error. Only what ended by itself enters the histograms.
func (m *Meter) Finish(t *Timing, reason string) {
	e := &m.engines[t.Engine]
	e.finished[reason]++
	if reason != "length" && reason != "stop" {
		return
	}
	e.latency.observe(t.Last - t.Arrived)
	e.decode.observe(t.Last - t.First)
	e.promptLen.observe(float64(t.Prompt))
	e.generation.observe(float64(t.Tokens))
	e.maxTokens.observe(float64(t.Max))
	if t.Tokens > 1 {
		e.perToken.observe((t.Last - t.First) / float64(t.Tokens-1))
	}
}

// Iteration counts one forward pass.
func (m *Meter) Iteration(engine int, s sim.Step) {
	e := &m.engines[engine]
	e.iterationTokens.observe(float64(s.BatchTokens))
	e.preempted += int64(s.Preempted)
	e.queries += int64(s.Cache.Queries)
	e.hits += int64(s.Cache.Hits)
}

// Load sets how many requests run and wait and how full the KV cache is (0 to 1).
func (m *Meter) Load(engine, running, waiting int, kvUsage float64) {
	e := &m.engines[engine]
	e.running, e.waiting, e.kvUsage = running, waiting, kvUsage
}
