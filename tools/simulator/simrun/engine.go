package simrun

import (
	"context"
	"fmt"
	"math"
	"slices"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/simulator/sim"
)

// Engine is replicas at one address, in lockstep with a load. A client can
// react to a token no earlier than the engine itself: the pass after one that
// ends begins without what is sent at that instant.
type Engine struct {
	replicas []*replica
	sent     []*Request // in their order; nil are those that have ended
	taken    int
	now      float64
	ended    int
}

// Request is one that an engine works on.
type Request struct {
	// ID is how a step names it that cancels it.
	ID string
	// Size is its work.
	Size prompt.Size
	// Text is what a prefix cache knows it by; nil is like no other's.
	Text sim.Text
	// Cached is how much of its prompt came out of the prefix cache. It is set before
	// the first token.
	Cached int
	// Token is called with the instant of each token, in virtual seconds.
	Token func(at float64, last bool)
}

// replica is one engine with its place in time.
type replica struct {
	engine  *sim.Engine
	arrived []arrival // not yet submitted
	tokens  []sim.Token
	until   float64 // when its forward pass ends, +Inf when idle
}

// arrival is a request and when it came, in virtual seconds.
type arrival struct {
	id int64
	at float64
}

// NewEngine returns idle replicas at time 0.
func NewEngine(cfg sim.Config, replicas int) (*Engine, error) {
	e := &Engine{}
	for range replicas {
		one, err := sim.New(cfg)
		if err != nil {
			return nil, err
		}
		e.replicas = append(e.replicas, &replica{engine: one, until: math.Inf(1)})
	}
	return e, nil
}

// Send hands a request over, in the order in which they are sent. The next step
// takes it.
func (e *Engine) Send(r *Request) { e.sent = append(e.sent, r) }

// Advance is lockstep.Engine's. Requests go to the replicas in turn. The error is
// that of a request that is more than a replica holds. No event is held back.
func (e *Engine) Advance(_ context.Context, s lockstep.Step) (lockstep.Reply, error) {
	if s.Flush {
		return lockstep.Reply{Now: e.now, Ended: e.ended}, nil
	}
	for ; e.taken < s.Sent; e.taken++ {
		if err := e.arrive(int64(e.taken)); err != nil {
			return lockstep.Reply{}, err
		}
	}
	for _, name := range s.Cancelled {
		e.abort(name)
	}
	for before := e.ended; e.ended == before; {
		next := e.next()
		if next > s.Until || math.IsInf(next, 1) {
			if !math.IsInf(s.Until, 1) {
				e.now = s.Until
			}
			break
		}
		e.now = next
		for _, r := range e.replicas {
			if r.until <= e.now {
				e.emit(r)
				if err := e.begin(r); err != nil {
					return lockstep.Reply{}, err
				}
			}
		}
	}
	return lockstep.Reply{Now: e.now, Ended: e.ended}, nil
}

// next is when the first pass ends, +Inf when all are idle.
func (e *Engine) next() float64 {
	next := math.Inf(1)
	for _, r := range e.replicas {
		next = min(next, r.until)
	}
	return next
}

// arrive gives a request to the replica whose turn it is. An idle one begins with
// it at once.
func (e *Engine) arrive(id int64) error {
	to := e.replicas[e.taken%len(e.replicas)]
	to.arrived = append(to.arrived, arrival{id, e.now})
	if math.IsInf(to.until, 1) {
		return e.begin(to)
	}
	return nil
}

// begin begins the next pass of a replica, with all that has arrived.
func (e *Engine) begin(r *replica) error {
	for _, a := range r.arrived {
		job := e.sent[a.id]
		if err := r.engine.Submit(a.at, a.id, job.Size.Prompt, job.Size.New, job.Text); err != nil {
			return fmt.Errorf("request %s: %w", job.ID, err)
		}
	}
	r.arrived = r.arrived[:0]
	step, busy := r.engine.Step(e.now)
	r.tokens, r.until = step.Tokens, math.Inf(1)
	if busy {
		r.until = e.now + step.Duration
	}
	return nil
}

// emit hands out the tokens of a pass.
func (e *Engine) emit(r *replica) {
	for _, token := range r.tokens {
		to := e.sent[token.ID]
		if to == nil {
			continue // given up while the pass ran
		}
		if token.Last {
			e.ended++
			e.sent[token.ID] = nil
		}
		to.Cached = token.Cached
		to.Token(e.now, token.Last)
	}
}

// abort forgets the request of a name.
func (e *Engine) abort(name string) {
	at := slices.IndexFunc(e.sent[:e.taken], func(r *Request) bool { return r != nil && r.ID == name })
	if at < 0 {
		return
	}
	e.ended++
	e.sent[at] = nil
	to, id := e.replicas[at%len(e.replicas)], int64(at)
	to.arrived = slices.DeleteFunc(to.arrived, func(other arrival) bool { return other.id == id })
	to.engine.Abort(id)
}
