package load

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"fastgenbench/tools/internal/record"
)

// Closed runs the point as a closed loop: the clients wait for one another,
// warm up, wait for one another again, and then share one queue of jobs, each
// taking the next when its last was answered, or after a pause when that
// failed. It returns when all have ended.
// The error is the context's, when that ended first: then nothing new was sent
// and what was under way had the grace to end.
func (p Point) Closed(ctx context.Context) error {
	flight, end := drain(ctx, p.Grace)
	defer end()
	loop := &closedLoop{Point: p, flight: flight, start: make(chan struct{})}
	var all sync.WaitGroup
	loop.warm.Add(p.Key.NumClients)
	for client := range p.Key.NumClients {
		all.Go(func() { loop.run(ctx, client) })
	}
	loop.warm.Wait()
	loop.zero = time.Now()
	close(loop.start)
	all.Wait()
	return ctx.Err()
}

type closedLoop struct {
	Point
	flight context.Context
	warm   sync.WaitGroup
	start  chan struct{} // closed when all are warm
	zero   time.Time     // valid behind start
	next   atomic.Int64  // place in the plan
}

// run is one client's life.
func (l *closedLoop) run(ctx context.Context, number int) {
	client := l.Connect()
	defer client.Close()
	for i := range l.Warmup {
		if ctx.Err() == nil {
			job, ok := l.Jobs(number)
			if !ok { // fewer jobs than clients
				job, _ = l.Jobs(0)
			}
			job.Request = -1 - (number*l.Warmup + i)
			client.Generate(l.flight, job, nil) // a failure shows again when it counts
		}
	}
	l.warm.Done()
	<-l.start
	if l.Jitter != nil && sleep(ctx, l.wall(l.Jitter(number))) != nil {
		return
	}
	var wait backoff
	for ctx.Err() == nil && !l.over() {
		job, ok := l.Jobs(int(l.next.Add(1) - 1))
		if !ok {
			return
		}
		o := client.Generate(l.flight, job, nil)
		l.report(l.zero, number, job, record.Seconds{}, o)
		if pause := wait.after(o, l.Duration == 0); pause > 0 {
			l.pause(ctx, pause)
		}
	}
}

// over reports whether the time for sending is up.
func (l *closedLoop) over() bool {
	return l.Duration > 0 && time.Since(l.zero) >= l.wall(l.Duration)
}
