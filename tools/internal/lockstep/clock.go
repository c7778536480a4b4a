package lockstep

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// patience is the real time after which what an engine says that it sent is taken
// for lost.
const patience = 10 * time.Minute

// lastCall is the real time that an interrupted load still has to be over.
const lastCall = 30 * time.Second

// Clock is the virtual time of one load, from 0. It is for one Run.
type Clock struct {
	engine Engine
	limits Limits

	now    float64
	wakes  wakes
	serial int
	turn   chan *Actor // given back
	alive  int         // actors

	sent      int
	ended     int  // by the engine's word
	held      bool // events, perhaps, by the engine
	cancelled []string
	flying    map[*Request]struct{}
	seen      seen

	network     context.Context // of requests and steps
	interrupted error
	failure     error
	stop        context.CancelCauseFunc // ends what the load's loops look at
}

// New returns a clock for a load on an engine.
func New(e Engine, l Limits) *Clock {
	return &Clock{engine: e, limits: l, turn: make(chan *Actor), flying: map[*Request]struct{}{}, seen: newSeen()}
}

// Now is the present instant in virtual seconds. It is for actors that have the
// turn, and for after Run.
func (c *Clock) Now() float64 { return c.now }

// Run lets the actors live and returns when all have ended. When ctx ends,
// nothing new is sent, sleepers wake, and what is in flight has a grace, in
// virtual time, to end. The error is that of an engine that failed: then stop
// was called, too.
func (c *Clock) Run(ctx context.Context, grace func() time.Duration, stop context.CancelCauseFunc) error {
	network, cancel := outlive(ctx, lastCall)
	defer cancel()
	c.network, c.stop = network, stop
	for c.alive > 0 {
		if err := ctx.Err(); err != nil && c.stopped() == nil {
			c.interrupt(err, grace())
		}
		switch w, any := c.wakes.first(); {
		case any && w.at <= c.now:
			heap.Pop(&c.wakes)
			c.happen(w)
		case c.failure == nil:
			c.fail(c.advance())
		case len(c.flying) > 0:
			c.remain()
		default:
			return c.failure
		}
	}
	return c.failure
}

// outlive returns a context that ends so long after ctx.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, func() { time.AfterFunc(by, cancel) })
	return longer, func() { unwatch(); cancel() }
}

// happen lets an actor go on until it gives the turn back, or gives a request up.
func (c *Clock) happen(w wake) {
	if w.limit != nil {
		c.reach(*w.limit)
		return
	}
	var err error
	if w.actor.sleeping {
		err = c.stopped()
	}
	w.actor.wake <- err
	if a := <-c.turn; a.ended {
		c.alive--
	}
}

// reach gives a request up, unless something came meanwhile of one that was silent.
func (c *Clock) reach(l limit) {
	c.fail(c.flush())
	r := l.request
	if at := r.silent(); l.silence && at > c.now {
		c.push(at, r.actor, &l)
		return
	}
	c.cancelled = append(c.cancelled, r.ID)
	r.giveUp(l.cause)
	select {
	case <-r.done:
	case <-time.After(patience):
		c.fail(fmt.Errorf("request %s does not end although it was given up", r.ID))
	}
	c.release(r)
}

// flush has the engine send what it holds back: a row keeps what came before its
// request was given up.
func (c *Clock) flush() error {
	if !c.held || c.failure != nil {
		return nil
	}
	reply, err := c.engine.Advance(c.network, Step{Until: c.now, Flush: true})
	if err != nil {
		return err
	}
	c.held = false
	return c.wait(reply.Ended, reply.Events)
}

// rounding is how far an engine that counts in nanoseconds may lie beyond a
// limit, in seconds.
const rounding = 1e-8

// advance has the engine move on, waits until all that it did was read, and
// wakes the actors whose requests ended.
func (c *Clock) advance() error {
	step := Step{Until: math.Inf(1), Sent: c.sent, Cancelled: c.cancelled}
	if w, any := c.wakes.first(); any {
		step.Until = w.at
	} else if len(c.flying) == 0 {
		return errors.New("virtual time stands still: every client waits, and none for the server")
	}
	reply, err := c.engine.Advance(c.network, step)
	if err != nil {
		return err
	}
	c.cancelled, c.held = nil, true
	if reply.Now < c.now || reply.Now > step.Until+rounding || math.IsNaN(reply.Now) {
		return fmt.Errorf("virtual time went from %v to %v s, where %v was the limit", c.now, reply.Now, step.Until)
	}
	if err := c.wait(reply.Ended, reply.Events); err != nil {
		return err
	}
	moved := reply.Now > c.now || reply.Ended > c.ended || reply.Now >= step.Until
	c.now, c.ended = reply.Now, reply.Ended
	if fresh := c.seen.take(); c.release(fresh...) == 0 && !moved {
		return errors.New("virtual time stands still: the server has no request in flight, but the clients do")
	}
	return nil
}

// wait waits until so many ends and events were seen.
func (c *Clock) wait(ends, events int) error {
	if err := c.seen.wait(c.network, ends, events); err != nil {
		return fmt.Errorf("the server ended %d requests and sent %d events, of which %d and %d came: %w",
			ends, events, c.seen.ended(), c.seen.events.Load(), err)
	}
	return nil
}

// release wakes the actors of requests that have ended, and says how many.
func (c *Clock) release(ended ...*Request) (n int) {
	for _, r := range ended {
		if !r.released {
			r.released = true
			delete(c.flying, r)
			c.push(c.now, r.actor, nil)
			n++
		}
	}
	return n
}
