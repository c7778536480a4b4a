package load

import (
	"context"
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

// Open runs the point as an open loop: every job is sent when it is due, by a
// client that is idle or by a new one, whatever became of the jobs before, and so
// is every later turn of a session. A job that cannot be sent in time is sent as
// soon as it can be, and its row says when; due times never move. In virtual time
// none is late except for the cap on concurrency. The error is the context's, as in
// Closed.
func (p Point) Open(ctx context.Context) error {
	ctx, when := p.timeline(ctx, 0)
	one := &openLoop{loop: loop{p, &desk{plan: p.Plan}, when}}
	if p.MaxConcurrency > 0 {
		one.places, one.started = when.places(p.MaxConcurrency), when.places(2*p.MaxConcurrency)
	}
	one.early = one.desk.dueBefore(when.lead().Seconds() * float64(p.Key.Speed))
	one.began, one.zero = when.begin(one.early)
	when.start(-1, func(me actor) { one.feed(ctx, me) }) // in front of all that are due
	err := when.wait()
	for _, w := range one.idle {
		w.Close()
	}
	return err
}

type openLoop struct {
	loop
	began, zero time.Time // the start, and that of due times
	early       int       // jobs that are made ready before zero
	places      places    // of requests in flight; nil is no limit
	started     places    // of jobs that were made ready or are under way; nil likewise

	mu    sync.Mutex
	idle  []numbered // the one that ended last is taken first: it is the warmest
	hired int
}

// numbered is a client with its number.
type numbered struct {
	Client
	number int
}

// feed begins each job shortly before it is due.
func (l *openLoop) feed(ctx context.Context, me actor) {
	for i := 0; ctx.Err() == nil; i++ {
		job, ok := l.desk.next()
		if !ok || l.Duration > 0 && job.Due >= l.Duration {
			return
		}
		due := l.when.at(l.zero, job.Due)
		ready := due.Add(-l.when.lead())
		if i < l.early {
			ready = l.began.Add(time.Duration(i) * openDial)
		}
		if me.sleep(ready) != nil || take(me, l.started) != nil {
			return
		}
		l.when.start(i, func(me actor) { l.turns(me, job, due) })
	}
}

// turns sends a job and the turns after it, each by a client that is idle.
func (l *openLoop) turns(me actor, job Job, at time.Time) {
	for first, due := true, record.InSeconds(job.Due); ; first = false {
		w := l.client()
		o := me.ask(w, job, at, l.places)
		next, then, ok := l.conclude(me, l.zero, w.number, job, due, o)
		l.release(w)
		if first { // after the release, or the next job would take a new client
			give(me, l.started)
		}
		if !ok || me.sleep(then.Add(-l.when.lead())) != nil {
			return
		}
		job, at, due = next, then, l.since(l.zero, then)
	}
}

// client returns one that is idle, or a new one.
func (l *openLoop) client() numbered {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return w
	}
	l.hired++
	return numbered{l.Connect(), l.hired - 1}
}

func (l *openLoop) release(w numbered) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, w)
}
