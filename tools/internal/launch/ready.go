package launch

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotReady is wrapped by the error of a server that ended or took too long
// before it answered.
var ErrNotReady = errors.New("the server did not become ready")

// WaitReady asks probe every interval until it succeeds, and returns how long
// that took. It fails when the server ends, the limit passes or ctx ends; a
// probe under way is called off then.
func (s *Server) WaitReady(ctx context.Context, limit, interval time.Duration, probe func(context.Context) error) (time.Duration, error) {
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-s.exited:
			cancel()
		case <-limited.Done():
		}
	}()
	last := tryUntil(limited, interval, probe)
	took := time.Since(began)
	cancel()
	<-ended
	select {
	case <-s.exited: // whoever answered was another
		return 0, fmt.Errorf("%w: it ended: %s", ErrNotReady, s.reason)
	default:
	}
	switch {
	case last == nil:
		return took, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	}
	return 0, fmt.Errorf("%w within %v: %w", ErrNotReady, limit, last)
}

// tryUntil returns nil at the first success, or why the last try failed that
// ctx did not cut short.
func tryUntil(ctx context.Context, interval time.Duration, probe func(context.Context) error) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	last := errors.New("no answer")
	for {
		err := probe(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return last
		}
		last = err
		select {
		case <-tick.C:
		case <-ctx.Done():
			return last
		}
	}
}
