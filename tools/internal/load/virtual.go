package load

import (
	"context"
	"errors"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/record"
)

// virtualTime is the time that a point shares with its engine.
type virtualTime struct {
	*Point
	ctx       context.Context
	gathering *lockstep.Gathering
	stop      context.CancelCauseFunc
}

// virtual returns virtual time, and a context that also ends when it cannot go on.
func (p *Point) virtual(ctx context.Context, actors int) (context.Context, *virtualTime) {
	loop, stop := context.WithCancelCause(ctx)
	return loop, &virtualTime{Point: p, ctx: ctx, gathering: lockstep.NewGathering(actors), stop: stop}
}

func (v *virtualTime) start(number int, live func(actor)) {
	v.Clock.Go(number, func(a *lockstep.Actor) { live(&virtualActor{v, a}) })
}

func (v *virtualTime) wait() error {
	defer v.stop(nil)
	grace := func() time.Duration {
		if errors.Is(context.Cause(v.ctx), ErrAtOnce) {
			return 0
		}
		return v.Grace
	}
	if err := v.Clock.Run(v.ctx, grace, v.stop); err != nil && v.ctx.Err() == nil {
		return err
	}
	return v.ctx.Err()
}

type virtualActor struct {
	*virtualTime
	*lockstep.Actor
}

func (a *virtualActor) now() time.Time { return lockstep.Time(a.Now()) }

func (a *virtualActor) sleep(until time.Time) error { return a.Sleep(lockstep.Seconds(until)) }

func (a *virtualActor) meet() time.Time {
	a.Meet(a.gathering)
	return a.now()
}

func (v *virtualTime) lead() time.Duration { return 0 }

func (v *virtualTime) begin(int) (now, zero time.Time) { return lockstep.Time(0), lockstep.Time(0) }

func (v *virtualTime) at(zero time.Time, seconds float64) time.Time {
	return lockstep.Time(lockstep.Seconds(zero) + seconds/float64(v.Key.Speed))
}

func (a *virtualActor) ended(record.Outcome) time.Time { return a.now() }

// ask has a client generate. An outcome that is a failure took until the client
// could go on.
func (a *virtualActor) ask(c Client, job Job, at time.Time, p places) record.Outcome {
	if !at.IsZero() && a.sleep(at) != nil {
		return record.Outcome{}
	}
	_ = take(a, p) // an interrupt shows in Hold
	defer give(a, p)
	r, ctx := a.Ask(a.Key.RequestID(job.Request))
	job.Lockstep = r
	o := c.Generate(ctx, job, r.Hold)
	r.End()
	o.Start, o.Clock = lockstep.Time(r.Sent), "virtual"
	if o.Status != record.OK {
		o.Latency = record.InSeconds(a.now().Sub(o.Start).Seconds())
	}
	return o
}
