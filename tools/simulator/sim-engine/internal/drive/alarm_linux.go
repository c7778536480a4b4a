package drive

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// alarm lets the driver sleep to a deadline within some ten microseconds and
// be woken before. The runtime's timers would do it within a millisecond, a
// whole token at 1,000 tokens per second. wake may be called from anywhere,
// sleep only from the goroutine that locked its thread and called arm.
type alarm struct {
	sleeping atomic.Bool

	mu     sync.Mutex // keeps a late ring from a closed descriptor
	event  int
	closed bool
}

func newAlarm() (*alarm, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("making the driver's alarm: %w", err)
	}
	return &alarm{event: fd}, nil
}

// arm asks for exact timers on the calling thread; the default slack is 50 us.
// It is a wish: where it is refused, tokens are later and the truth log says so.
//
// Rejected: precedence over other threads, for those who may. A sender that is
// behind then keeps its own client from the processor, where there are few.
func (a *alarm) arm() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) }

// sleep returns after d, or after a ring. A listening sleep also ends at a wake;
// ready is asked once more when wakers can already see the sleeper, so that no
// wake falls between the question and the sleep.
func (a *alarm) sleep(d time.Duration, listening bool, ready func() bool) {
	if listening {
		a.sleeping.Store(true)
		defer a.sleeping.Store(false)
	}
	if ready() {
		return
	}
	timeout := unix.NsecToTimespec(int64(d))
	fds := [1]unix.PollFd{{Fd: int32(a.event), Events: unix.POLLIN}}
	if n, _ := unix.Ppoll(fds[:], &timeout, nil); n > 0 {
		var count [8]byte
		_, _ = unix.Read(a.event, count[:]) // only resets it
	}
}

// wake ends a listening sleep, if there is one.
func (a *alarm) wake() {
	if a.sleeping.Load() {
		a.ring()
	}
}

// ring ends any sleep, or the next one.
func (a *alarm) ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		_, _ = unix.Write(a.event, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (a *alarm) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	return unix.Close(a.event)
}
