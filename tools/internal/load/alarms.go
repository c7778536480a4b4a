package load

import (
	"context"
	"sync"
	"time"
)

// Alarms are as many precise alarms as wait at one time. Nil stands for usual
// timers, about a millisecond coarse.
type Alarms struct {
	mu   sync.Mutex
	idle []*PreciseAlarm
}

// Wait returns at a time, or when ctx ends, which it reports.
func (a *Alarms) Wait(ctx context.Context, until time.Time) error {
	if a == nil || time.Until(until) <= 0 {
		return sleep(ctx, time.Until(until))
	}
	one, err := a.take()
	if err != nil { // more wait than the system has timers
		return sleep(ctx, time.Until(until))
	}
	if err := one.Wait(ctx, until); err != nil {
		_ = one.Close() // it is of no use any more
		return err
	}
	if ctx.Err() != nil { // which may still reach it
		return one.Close()
	}
	a.mu.Lock()
	a.idle = append(a.idle, one)
	a.mu.Unlock()
	return nil
}

func (a *Alarms) take() (*PreciseAlarm, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.idle); n > 0 {
		one := a.idle[n-1]
		a.idle = a.idle[:n-1]
		return one, nil
	}
	return NewPreciseAlarm()
}

// Close gives the timers back. Nobody waits any more.
func (a *Alarms) Close() {
	for _, one := range a.idle {
		_ = one.Close() // nothing can be lost
	}
	a.idle = nil
}
