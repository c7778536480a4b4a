//go:build !linux

package drive

import "time"

// alarm lets the driver sleep to a deadline and be woken before, as exactly as
// the runtime's timers allow.
type alarm struct{ event chan struct{} }

func newAlarm() (*alarm, error) { return &alarm{event: make(chan struct{}, 1)}, nil }

func (a *alarm) arm() {}

// sleep returns after d, after a ring or a wake, or because ready says so.
func (a *alarm) sleep(d time.Duration, listening bool, ready func() bool) {
	if ready() {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.event:
	}
}

// wake ends the sleep, or the next one.
func (a *alarm) wake() { a.ring() }

// ring ends the sleep, or the next one.
func (a *alarm) ring() {
	select {
	case a.event <- struct{}{}:
	default:
	}
}

func (a *alarm) close() error { return nil }
