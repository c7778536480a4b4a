package load

import (
	"context"
	"sync/atomic"
	"time"

	"fastgenbench/tools/internal/record"
)

// Closed runs the point as a closed loop: the clients warm up, wait for one
// another, and then share one queue of jobs, each taking the next when its last
// was answered, or after a pause when that failed. It returns when all have
// ended. The error is the context's, when that ended first: then nothing new was
// sent and what was under way had the grace to end. In virtual time it may be the
// engine's.
func (p Point) Closed(ctx context.Context) error {
	ctx, when := p.timeline(ctx, p.Key.NumClients)
	loop := &closedLoop{Point: p}
	for client := range p.Key.NumClients {
		when.start(client, func(me actor) { loop.run(ctx, me, client) })
	}
	return when.wait()
}

type closedLoop struct {
	Point
	next atomic.Int64 // place in the plan
}

// run is one client's life.
func (l *closedLoop) run(ctx context.Context, me actor, number int) {
	client := l.Connect()
	defer client.Close()
	for i := range l.Warmup {
		if ctx.Err() == nil {
			job, ok := l.Jobs(number)
			if !ok { // fewer jobs than clients
				job, _ = l.Jobs(0)
			}
			job.Request = -1 - (number*l.Warmup + i)
			me.ask(client, job) // a failure shows again when it counts
		}
	}
	zero := me.meet()
	if l.Jitter != nil && me.sleep(zero.Add(l.wall(l.Jitter(number)))) != nil {
		return
	}
	var wait backoff
	for ctx.Err() == nil && !l.over(me, zero) {
		job, ok := l.Jobs(int(l.next.Add(1) - 1))
		if !ok {
			return
		}
		o := me.ask(client, job)
		l.report(zero, number, job, record.Seconds{}, o)
		if pause := wait.after(o, l.Duration == 0); pause > 0 {
			l.pause(me, zero, pause)
		}
	}
}

// over reports whether the time for sending is up.
func (l *closedLoop) over(me actor, zero time.Time) bool {
	return l.Duration > 0 && me.now().Sub(zero) >= l.wall(l.Duration)
}
