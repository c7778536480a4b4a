// Package lockstep lets one load move the virtual time of a simulated server.
//
// A load begins, and the server has fresh engines that stand still at time 0.
// The load's requests carry their virtual send times. With each step the load
// says how many it has sent; virtual time then moves on to the next instant at
// which one of them ends, or to one that the load names, for which it has
// something to do. Neither side's processor can so change a figure, and
// requests that come at one instant are ordered by number, not by who was
// first on the wire.
package lockstep

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fastgenbench/tools/simulator/sim-engine/internal/drive"
)

// How long a load may be silent, in wall time, before it is over: its client was
// killed or has stopped.
const (
	lease = 10 * time.Second
	// brief is the lease after a connection of the load's requests closed. A
	// client that lives gave the request up, and says so in its next step.
	brief = 2 * time.Second
)

// Why a request of a load, or a step, is invalid.
var (
	ErrOver   = errors.New("the load is over: it was ended, or its client was silent for too long")
	ErrMoving = errors.New("an advance of this load is in progress")
	ErrLate   = errors.New("not all requests that were sent have arrived")
)

// ErrBusy is the error of who must wait for others.
type ErrBusy struct{ why string }

// Error says who is in the way.
func (e *ErrBusy) Error() string { return e.why }

// After calls f after a wall time, unless it is stopped before.
type After func(d time.Duration, f func()) (stop func())

// Timer is the After of the system's clock.
func Timer(d time.Duration, f func()) (stop func()) {
	t := time.AfterFunc(d, f)
	return func() { t.Stop() }
}

// Gate lets either one load in lockstep or ordinary requests through.
type Gate struct {
	engines func() (*drive.Stepper, error)
	after   After

	mu       sync.Mutex
	load     *Load
	ordinary int    // requests in flight
	moving   int    // advances under way
	lease    int    // number of the one in force
	stop     func() // ends it
}

// NewGate returns a gate that gives each load engines of its own.
func NewGate(engines func() (*drive.Stepper, error), after After) *Gate {
	return &Gate{engines: engines, after: after, stop: func() {}}
}

// Enter lets an ordinary request through, which must leave again.
func (g *Gate) Enter() (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.load != nil {
		return nil, &ErrBusy{"a load in lockstep is under way; the server's time is not real time until it ends"}
	}
	g.ordinary++
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.ordinary--
	}, nil
}

// Begin begins a load. One of the same name begins anew.
func (g *Gate) Begin(id string) error {
	g.End(id)
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.load != nil:
		return &ErrBusy{fmt.Sprintf("another load in lockstep, %.100s, is under way", g.load.id)}
	case g.ordinary > 0:
		return &ErrBusy{fmt.Sprintf("%d ordinary requests are under way, in real time", g.ordinary)}
	}
	stepper, err := g.engines()
	if err != nil {
		return err
	}
	g.load = newLoad(id, stepper, g.after)
	g.renew(lease)
	return nil
}

// Deliver hands over a request of a load, whose answer hears of the rest.
func (g *Gate) Deliver(id string, r *Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.load == nil || g.load.id != id || !g.load.add(r) {
		return ErrOver
	}
	if g.moving == 0 {
		g.renew(lease)
	}
	return nil
}

// Doubt says that a request's connection closed before its answer was whole.
func (g *Gate) Doubt(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.load != nil && g.load.id == id && g.moving == 0 {
		g.renew(brief)
	}
}

// Advance makes a step of a load. The end of ctx ends the load.
func (g *Gate) Advance(ctx context.Context, id string, s Step) (Now, error) {
	l := g.hold(id)
	if l == nil {
		return Now{}, ErrOver
	}
	defer g.release(ctx, l)
	return l.advance(ctx, s)
}

// hold finds a load, which needs no lease while a step is under way.
func (g *Gate) hold(id string) *Load {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.load == nil || g.load.id != id {
		return nil
	}
	g.moving++
	g.suspend()
	return g.load
}

// release is the end of a step.
func (g *Gate) release(ctx context.Context, l *Load) {
	g.mu.Lock()
	if g.moving--; g.moving == 0 && g.load == l {
		g.renew(lease)
	}
	g.mu.Unlock()
	if ctx.Err() != nil {
		g.finish(l)
	}
}

// End ends a load; one that is not there is left alone.
func (g *Gate) End(id string) {
	g.mu.Lock()
	l := g.load
	g.mu.Unlock()
	if l != nil && l.id == id {
		g.finish(l)
	}
}

// finish ends a load and lets others in.
func (g *Gate) finish(l *Load) {
	l.stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.load == l {
		g.load = nil
		g.suspend()
	}
}

// renew begins a new lease of the load.
func (g *Gate) renew(d time.Duration) {
	g.suspend()
	l, number := g.load, g.lease
	g.stop = g.after(d, func() { g.expire(l, number) })
}

// suspend ends the lease in force: the load needs none while it is served.
func (g *Gate) suspend() {
	g.stop()
	g.lease++
}

func (g *Gate) expire(l *Load, number int) {
	g.mu.Lock()
	stale := g.load != l || g.lease != number || g.moving > 0
	g.mu.Unlock()
	if !stale {
		g.finish(l)
	}
}
