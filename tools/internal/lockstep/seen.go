package lockstep

import (
	"context"
	"sync"
	"sync/atomic"
)

// seen counts what the goroutines that read answers have seen of them.
type seen struct {
	events atomic.Int64
	wanted atomic.Int64 // events for which the clock waits
	some   chan struct{}

	mu    sync.Mutex
	ends  int
	fresh []*Request // ended, and not yet taken
}

func newSeen() seen { return seen{some: make(chan struct{}, 1)} }

func (s *seen) event() {
	if s.events.Add(1) >= s.wanted.Load() {
		s.signal()
	}
}

func (s *seen) end(r *Request) {
	s.mu.Lock()
	s.ends++
	s.fresh = append(s.fresh, r)
	s.mu.Unlock()
	s.signal()
}

func (s *seen) signal() {
	select {
	case s.some <- struct{}{}:
	default:
	}
}

// wait returns when so many ends and events were seen.
func (s *seen) wait(ctx context.Context, ends, events int) error {
	s.wanted.Store(int64(events))
	defer s.wanted.Store(1 << 62) // the next ones need tell nobody
	if s.all(ends, events) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !s.all(ends, events) {
		select {
		case <-s.some:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (s *seen) all(ends, events int) bool {
	return s.ended() >= ends && s.events.Load() >= int64(events)
}

// take returns the requests whose end was seen since the last call.
func (s *seen) take() []*Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.fresh
	s.fresh = nil
	return fresh
}

// ended is how many ends were seen.
func (s *seen) ended() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ends
}
