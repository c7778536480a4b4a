package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fastgenbench/tools/internal/record"
)

// timeline is the time in which a point takes place: real time here, virtual
// time in virtual.go.
type timeline interface {
	// start lets an actor live. Where the order of actors is certain, those that
	// wake at one instant go in the order of their numbers.
	start(number int, live func(actor))
	// wait returns when all have ended, with the error of the point.
	wait() error
	// lead is how long before its time a request is made ready.
	lead() time.Duration
	// begin returns the present, and the time from which due times count where so
	// many jobs are made ready before it.
	begin(early int) (now, zero time.Time)
	// at is the time so many virtual seconds after zero.
	at(zero time.Time, seconds float64) time.Time
	// places returns so many free places.
	places(n int) places
}

// actor is one who acts in a time, in a goroutine of its own.
type actor interface {
	now() time.Time
	// sleep returns at a time, or earlier, with an error, when the point is
	// interrupted.
	sleep(until time.Time) error
	// meet returns, when all actors have met, at which instant they have.
	meet() time.Time
	// ask has a client generate, sending at a time, or at once where that has come,
	// and not before it has one of some places; nil are as many as it takes.
	ask(c Client, job Job, at time.Time, p places) record.Outcome
	// ended is when a request that was just asked had ended.
	ended(o record.Outcome) time.Time
}

// timeline returns the time of the point, in which so many actors meet, and the
// context of its loops.
func (p *Point) timeline(ctx context.Context, actors int) (context.Context, timeline) {
	if p.Clock != nil {
		return p.virtual(ctx, actors)
	}
	r := &realTime{Point: p, ctx: ctx, all: make(chan struct{})}
	r.flight, r.end = drain(ctx, p.Grace)
	r.missing.Store(int64(actors))
	return ctx, r
}

type realTime struct {
	*Point
	ctx, flight context.Context
	end         context.CancelFunc
	actors      sync.WaitGroup
	missing     atomic.Int64 // actors that have not come to the meeting
	met         time.Time
	all         chan struct{} // closed when they have
}

func (r *realTime) start(_ int, live func(actor)) { r.actors.Go(func() { live(r) }) }

func (r *realTime) wait() error {
	r.actors.Wait()
	r.end()
	return r.ctx.Err()
}

func (r *realTime) now() time.Time { return time.Now() }

func (r *realTime) sleep(until time.Time) error { return sleep(r.ctx, time.Until(until)) }

func (r *realTime) meet() time.Time {
	if r.missing.Add(-1) == 0 {
		r.met = time.Now()
		close(r.all)
	}
	<-r.all
	return r.met
}

func (r *realTime) lead() time.Duration { return openLead }

func (r *realTime) begin(early int) (now, zero time.Time) {
	now = time.Now()
	return now, now.Add(2*openLead + time.Duration(early)*openDial)
}

func (r *realTime) at(zero time.Time, seconds float64) time.Time { return zero.Add(r.wall(seconds)) }

func (r *realTime) ask(c Client, job Job, at time.Time, p places) record.Outcome {
	if at.IsZero() {
		return c.Generate(r.flight, job, nil)
	}
	taken := false
	o := c.Generate(r.flight, job, func() error {
		err := r.Alarms.Wait(r.ctx, at)
		if err == nil {
			err = take(r, p)
			taken = err == nil
		}
		return err
	})
	if taken {
		give(r, p)
	}
	return o
}

func (r *realTime) ended(o record.Outcome) time.Time {
	took := max(o.Latency.Float(), o.End.Float())
	if !o.End.Known() {
		return time.Now()
	}
	return o.Start.Add(time.Duration(took * float64(time.Second)))
}
