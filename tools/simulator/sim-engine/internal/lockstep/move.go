package lockstep

import (
	"context"
	"slices"
	"time"
)

// patience bounds the wall time for which a step waits for requests that the
// client says it has sent, and for their answers to be on the wire.
const patience = 30 * time.Second

// Step says how far virtual time may move.
type Step struct {
	// Until is the latest instant in virtual seconds, infinite without a limit.
	Until float64
	// Sent is how many requests the load has sent in all.
	Sent int
	// Cancelled are names of requests that were given up.
	Cancelled []string
	// Flush asks for the events that answers hold back, and for nothing else:
	// virtual time stays.
	Flush bool
}

// Now says where virtual time stands.
type Now struct {
	At            float64 // virtual seconds
	Ended, Events int     // requests and stamped events in all
}

// advance moves virtual time to the first instant at which a request ends,
// until at most.
func (l *Load) advance(ctx context.Context, s Step) (Now, error) {
	if !l.moving.TryLock() {
		if l.isOver(context.Background()) != nil {
			return Now{}, ErrOver
		}
		return Now{}, ErrMoving
	}
	defer l.moving.Unlock()
	if s.Flush {
		l.flush()
		return l.now(), l.isOver(ctx)
	}
	late := make(chan struct{})
	defer l.after(patience, func() { close(late) })()
	if err := l.await(ctx, s.Sent, late); err != nil {
		return Now{}, err
	}
	l.take(s.Sent)
	for _, r := range l.coming {
		if err := l.wait(ctx, r.ready, late); err != nil {
			return Now{}, err
		}
	}
	l.last = l.last[:0]
	l.cancel(s.Cancelled)
	if err := l.move(ctx, s.Until); err != nil {
		return Now{}, err
	}
	for _, r := range l.last {
		if err := l.wait(ctx, r.Answer.Written(), late); err != nil && err != ErrLate {
			return Now{}, err // else its client does not read, which is its own affair
		}
	}
	return l.now(), nil
}

func (l *Load) now() Now { return Now{At: l.stepper.Now(), Ended: l.ended, Events: l.events} }

// flush has written what answers hold back.
func (l *Load) flush() {
	for _, requests := range l.running {
		for _, r := range requests {
			r.Answer.Flush()
		}
	}
}

// await waits until sent requests have been received in all.
func (l *Load) await(ctx context.Context, sent int, late <-chan struct{}) error {
	for {
		l.mu.Lock()
		enough := l.received >= sent
		l.mu.Unlock()
		if enough {
			return l.isOver(ctx)
		}
		if err := l.wait(ctx, l.news, late); err != nil {
			return err
		}
	}
}

// wait waits for a channel, nil for none.
func (l *Load) wait(ctx context.Context, what, late <-chan struct{}) error {
	if what == nil {
		return nil
	}
	select {
	case <-what:
		return nil
	case <-l.over:
		return ErrOver
	case <-ctx.Done():
		return ctx.Err()
	case <-late:
		return ErrLate
	}
}

// move goes from instant to instant until a request has ended, the limit is
// reached or nothing is under way.
func (l *Load) move(ctx context.Context, until float64) error {
	l.begin()
	for len(l.last) == 0 {
		if err := l.isOver(ctx); err != nil {
			return err
		}
		limit := until
		if len(l.coming) > 0 {
			limit = min(limit, l.coming[0].Sent)
		}
		moved := l.stepper.Next(limit)
		l.settle()
		if begun := l.begin(); !moved && !begun {
			return nil
		}
	}
	return nil
}

// begin starts the requests that have come by now, one after the other: an
// idle engine begins with the first as if the others came a moment later.
func (l *Load) begin() (any bool) {
	for len(l.coming) > 0 && l.coming[0].Sent <= l.stepper.Now() {
		r := l.coming[0]
		l.coming = l.coming[1:]
		any = true
		if r.jobs = r.Answer.Start(); len(r.jobs) > 0 {
			l.running[r.Name] = append(l.running[r.Name], r)
			l.stepper.Submit(r.jobs)
		} else {
			r.End()
		}
		l.settle()
	}
	return any
}

// settle counts the requests that ended and takes what is left of them, as
// behind a fault, out of the engine.
func (l *Load) settle() {
	for len(l.finished) > 0 {
		r := l.finished[0]
		l.finished = l.finished[1:]
		if r.ended {
			continue
		}
		r.ended = true
		l.ended++
		l.last = append(l.last, r)
		l.forget(r)
		l.stepper.Cancel(r.jobs)
	}
}

func (l *Load) forget(r *Request) {
	left := slices.DeleteFunc(l.running[r.Name], func(other *Request) bool { return other == r })
	if len(left) == 0 {
		delete(l.running, r.Name)
	} else {
		l.running[r.Name] = left
	}
}
