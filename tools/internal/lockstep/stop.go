package lockstep

import (
	"container/heap"
	"context"
	"time"
)

// stopped is why nothing new is sent, nil while it is.
func (c *Clock) stopped() error {
	if c.failure != nil {
		return c.failure
	}
	return c.interrupted
}

// interrupt wakes all sleepers, and limits what is in flight to a grace.
func (c *Clock) interrupt(err error, grace time.Duration) {
	c.interrupted = err
	c.rouse()
	for r := range c.flying {
		c.push(c.now+grace.Seconds(), r.actor, &limit{request: r, cause: context.Canceled})
	}
}

// rouse moves all sleepers to the present.
func (c *Clock) rouse() {
	for i, w := range c.wakes {
		if w.limit == nil {
			c.wakes[i].at = min(w.at, c.now)
		}
	}
	heap.Init(&c.wakes)
}

// fail ends the load: time cannot go on.
func (c *Clock) fail(err error) {
	if err == nil || c.failure != nil {
		return
	}
	c.failure = err
	c.stop(err)
	for r := range c.flying {
		r.giveUp(context.Canceled)
	}
	c.rouse()
}

// remain waits, after a failure, for what was given up, and lets its actors end.
func (c *Clock) remain() {
	if c.release(c.seen.take()...) == 0 {
		<-c.seen.some
	}
}
