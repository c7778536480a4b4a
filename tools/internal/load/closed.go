package load

import (
	"context"
	"time"

	"fastgenbench/tools/internal/record"
)

// Closed runs the point as a closed loop: the clients warm up, wait for one
// another, and then share one plan, each taking the next job when its last was
// answered, or after a pause when that failed. Who has taken the first turn of a
// session keeps its place until the session has ended, and thinks in between. It
// returns when all have ended. The error is the context's, when that ended first:
// then nothing new was sent and what was under way had the grace to end. In
// virtual time it may be the engine's.
func (p Point) Closed(ctx context.Context) error {
	ctx, when := p.timeline(ctx, p.Key.NumClients)
	one := &closedLoop{loop{p, &desk{plan: p.Plan}, when}}
	for client := range p.Key.NumClients {
		when.start(client, func(me actor) { one.run(ctx, me, client) })
	}
	return when.wait()
}

type closedLoop struct{ loop }

// run is one client's life.
func (l *closedLoop) run(ctx context.Context, me actor, number int) {
	client := l.Connect()
	defer client.Close()
	for i := range l.Warmup {
		if ctx.Err() == nil {
			job := l.WarmupJob(number)
			job.Request = -1 - (number*l.Warmup + i)
			me.ask(client, job, time.Time{}, nil) // a failure shows again when it counts
		}
	}
	zero := me.meet()
	if l.Jitter != nil && me.sleep(zero.Add(l.wall(l.Jitter(number)))) != nil {
		return
	}
	var wait backoff
	for ctx.Err() == nil && !l.over(me, zero) {
		job, ok := l.desk.next()
		if !ok {
			return
		}
		o := l.turns(me, zero, client, number, job)
		if pause := wait.after(o, l.Duration == 0); pause > 0 {
			l.pause(me, zero, pause)
		}
	}
}

// turns sends a job and the turns after it, and returns the outcome of the last.
func (l *closedLoop) turns(me actor, zero time.Time, client Client, number int, job Job) record.Outcome {
	var at time.Time // a client's first request is due when it can be sent
	var due record.Seconds
	for {
		o := me.ask(client, job, at, nil)
		next, then, ok := l.conclude(me, zero, number, job, due, o)
		if !ok || me.sleep(then.Add(-l.when.lead())) != nil {
			return o
		}
		job, at, due = next, then, l.since(zero, then)
	}
}

// over reports whether the time for sending is up.
func (l *closedLoop) over(me actor, zero time.Time) bool {
	return l.Duration > 0 && me.now().Sub(zero) >= l.wall(l.Duration)
}
