package lockstep

import (
	"context"
	"math"
	"sync/atomic"
)

// Request is one request of an actor. Its goroutine calls Hold when it is about
// to send, Event for each stamped event that comes, and End when the answer has
// ended or cannot.
type Request struct {
	// ID is what the request is called in a step's Cancelled.
	ID string
	// Sent is the virtual instant at which it is sent, in seconds; of those sent
	// at one instant the one with the lower Order goes first.
	Sent  float64
	Order int

	actor    *Actor
	ctx      context.Context
	giveUp   context.CancelCauseFunc
	held     bool
	released bool          // its actor was woken
	done     chan struct{} // closed at its end
	latest   atomic.Uint64 // instant of the latest event, as bits
}

// Ask begins a request at the present instant. The context of the request ends
// when it is given up.
func (a *Actor) Ask(id string) (*Request, context.Context) {
	r := &Request{ID: id, Sent: a.clock.now, Order: a.clock.sent, actor: a, done: make(chan struct{})}
	r.ctx, r.giveUp = context.WithCancelCause(a.clock.network)
	return r, r.ctx
}

// Hold gives the actor's turn to the next: what the request does from now on is
// reading and waiting. An error calls it off.
func (r *Request) Hold() error {
	c := r.actor.clock
	if err := c.stopped(); err != nil {
		return err
	}
	r.held = true
	r.latest.Store(math.Float64bits(r.Sent))
	c.sent++
	c.flying[r] = struct{}{}
	if c.limits.Timeout > 0 {
		c.push(r.Sent+c.limits.Timeout.Seconds(), r.actor, &limit{request: r, cause: context.DeadlineExceeded})
	}
	if c.limits.Silence > 0 {
		c.push(r.Sent+c.limits.Silence.Seconds(), r.actor, &limit{request: r, cause: c.limits.Silent, silence: true})
	}
	c.turn <- r.actor
	return nil
}

// Event says that a stamped event of the answer came.
func (r *Request) Event(at float64) {
	r.latest.Store(math.Float64bits(at))
	r.actor.clock.seen.event()
}

// End says that the answer has ended, or that the request was given up, and
// returns when the actor has the turn again. The instant of the end is then the
// present. Only a request that was held has one.
func (r *Request) End() {
	defer r.giveUp(nil)
	if !r.held {
		return
	}
	close(r.done)
	r.actor.clock.seen.end(r)
	<-r.actor.wake
}

// silent is the instant at which the silence is too long.
func (r *Request) silent() float64 {
	return math.Float64frombits(r.latest.Load()) + r.actor.clock.limits.Silence.Seconds()
}
