package lockstep

import (
	"context"
	"slices"
	"sync"

	"fastgenbench/tools/simulator/sim-engine/internal/drive"
)

// Load is one load in lockstep.
type Load struct {
	id      string
	stepper *drive.Stepper
	after   After
	over    chan struct{} // closed when virtual time moves no more
	news    chan struct{} // a request was received

	mu       sync.Mutex
	queue    []*Request // received, not yet taken
	received int
	dead     bool // nothing more is received

	moving   sync.Mutex // held by who moves virtual time; it guards the rest
	taken    int
	places   uint64                // given to requests that are not refused
	coming   []*Request            // taken, sent at a later instant or not yet begun
	running  map[string][]*Request // by name
	finished []*Request            // ended at this instant, not yet settled
	last     []*Request            // that ended in this step
	ended    int
	events   int
}

func newLoad(id string, stepper *drive.Stepper, after After) *Load {
	return &Load{id: id, stepper: stepper, after: after, over: make(chan struct{}), news: make(chan struct{}, 1), running: map[string][]*Request{}}
}

// add queues a request that was received.
func (l *Load) add(r *Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return false
	}
	r.load = l
	l.queue = append(l.queue, r)
	l.received++
	select {
	case l.news <- struct{}{}:
	default:
	}
	return true
}

// stop ends the load and aborts its requests, once a step that is under way
// has noticed.
func (l *Load) stop() {
	l.mu.Lock()
	first := !l.dead
	l.dead = true
	if first {
		close(l.over)
	}
	l.mu.Unlock()
	l.moving.Lock()
	defer l.moving.Unlock()
	for _, r := range slices.Concat(l.coming, l.queue) {
		r.Answer.Abort()
	}
	l.coming, l.queue = nil, nil
	for name, requests := range l.running {
		for _, r := range requests {
			l.stepper.Cancel(r.jobs)
			r.Answer.Abort()
		}
		delete(l.running, name)
	}
}

// isOver reports whether the load has ended, or who moves it has gone.
func (l *Load) isOver(ctx context.Context) error {
	select {
	case <-l.over:
		return ErrOver
	default:
		return ctx.Err()
	}
}

// take takes received requests in their order until it has sent of them in
// all. What was received beyond that is for a later step.
func (l *Load) take(sent int) {
	l.mu.Lock()
	slices.SortStableFunc(l.queue, before)
	n := min(max(0, sent-l.taken), len(l.queue))
	taken := slices.Clone(l.queue[:n])
	l.queue = slices.Delete(l.queue, 0, n)
	l.mu.Unlock()
	l.taken += n
	for _, r := range taken {
		r.Sent = max(r.Sent, l.stepper.Now())
		if !r.Refused {
			l.places++
		}
		r.ready = r.Answer.Take(l.places)
	}
	l.coming = append(l.coming, taken...)
	slices.SortStableFunc(l.coming, before)
}

// cancel aborts, at the present instant, the requests that the client gave up.
// Those that have ended are left alone.
func (l *Load) cancel(names []string) {
	for _, name := range names {
		gone := l.running[name]
		delete(l.running, name)
		l.coming = slices.DeleteFunc(l.coming, func(r *Request) bool {
			if r.Name == name {
				gone = append(gone, r)
			}
			return r.Name == name
		})
		for _, r := range gone {
			r.ended = true
			l.stepper.Cancel(r.jobs)
			r.Answer.Abort()
			l.ended++
		}
	}
}
