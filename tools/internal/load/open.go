package load

import (
	"context"
	"errors"
	"sync"
	"time"

	"fastgenbench/tools/internal/record"
)

// openLead is how long before its due time a request is made ready: composed,
// and given a connection. That takes no part in its latency.
const openLead = 100 * time.Millisecond

// openDial is the time between two of the first jobs being made ready: their
// connections are all new, and made at the rate of the load itself they would
// take the processor from the first requests that are due.
const openDial = time.Millisecond

// errOver calls off requests that are not due before the end.
var errOver = errors.New("over")

// Open runs the point as an open loop: every job is sent when it is due, by a
// client that is idle or by a new one, whatever became of the jobs before. A
// job that cannot be sent in time is sent as soon as it can be, and its row
// says when; due times never move. The error is the context's, as in Closed.
func (p Point) Open(ctx context.Context) error {
	if p.Clock != nil {
		return p.openVirtual(ctx)
	}
	flight, end := drain(ctx, p.Grace)
	defer end()
	if p.Alarm == nil {
		p.Alarm = timer{}
	}
	loop := &openLoop{Point: p, flight: flight, began: time.Now()}
	loop.zero = loop.began.Add(2*openLead + time.Duration(loop.first())*openDial)
	pending := make(chan gated, 1<<14)
	var firing sync.WaitGroup
	firing.Go(func() { loop.fire(ctx, pending) })
	loop.feed(ctx, pending)
	close(pending)
	firing.Wait()
	loop.dismiss()
	return ctx.Err()
}

type openLoop struct {
	Point
	flight  context.Context
	began   time.Time
	zero    time.Time      // of due times
	running sync.WaitGroup // workers
	busy    sync.WaitGroup // jobs that were handed out

	mu    sync.Mutex
	idle  []*worker // the one that ended last is taken first: it is the warmest
	hired int
}

// worker is a client with the goroutine that it lives in.
type worker struct {
	number int
	jobs   chan gated
}

// gated is a job that waits for its gate to open; one that gets an error is
// called off.
type gated struct {
	Job
	due  time.Time
	gate chan error
}

// first is how many jobs are due so early that they are made ready before zero.
func (l *openLoop) first() int {
	n := 0
	for {
		job, ok := l.Jobs(n)
		if !ok || l.wall(job.Due) >= openLead {
			return n
		}
		n++
	}
}

// feed hands each job, shortly before it is due, to a worker.
func (l *openLoop) feed(ctx context.Context, pending chan<- gated) {
	for i := 0; ; i++ {
		job, ok := l.Jobs(i)
		if !ok || l.Duration > 0 && job.Due >= l.Duration {
			return
		}
		due := l.zero.Add(l.wall(job.Due))
		ready := due.Add(-openLead)
		if l.wall(job.Due) < openLead {
			ready = l.began.Add(time.Duration(i) * openDial)
		}
		if sleep(ctx, time.Until(ready)) != nil {
			return
		}
		g := gated{job, due, make(chan error, 1)}
		l.busy.Add(1)
		l.worker().jobs <- g
		pending <- g
	}
}

// fire opens the gates on time, in order.
func (l *openLoop) fire(ctx context.Context, pending <-chan gated) {
	for g := range pending {
		if l.Alarm.Wait(ctx, g.due) != nil {
			g.gate <- errOver
			continue
		}
		g.gate <- nil
	}
}

// worker returns one that is idle, or hires one.
func (l *openLoop) worker() *worker {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return w
	}
	w := &worker{number: l.hired, jobs: make(chan gated, 1)}
	l.hired++
	l.running.Go(func() { l.work(w) })
	return w
}

func (l *openLoop) work(w *worker) {
	client := l.Connect()
	defer client.Close()
	for g := range w.jobs {
		o := client.Generate(l.flight, g.Job, func() error { return <-g.gate })
		l.report(l.zero, w.number, g.Job, record.InSeconds(g.Due), o)
		l.mu.Lock()
		l.idle = append(l.idle, w)
		l.mu.Unlock()
		l.busy.Done()
	}
}

// dismiss waits for what is under way and lets the workers go.
func (l *openLoop) dismiss() {
	l.busy.Wait()
	for _, w := range l.idle {
		close(w.jobs)
	}
	l.running.Wait()
}
