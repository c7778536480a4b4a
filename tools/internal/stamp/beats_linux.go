package stamp

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// beats are wake-ups at each multiple of a time, so that all who want the same beats
// wake the processor once. They come through a file, so that whoever is woken by a
// socket waits as long for its turn. The runtime's own timers go ahead of that.
type beats struct {
	fd    int
	every time.Duration
}

// newBeats returns beats that have not begun.
func newBeats(every time.Duration) (beats, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	return beats{fd, every}, os.NewSyscallError("timerfd_create", err)
}

// begin begins them.
func (b beats) begin() error {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return os.NewSyscallError("clock_gettime", err)
	}
	every := b.every.Nanoseconds()
	first := unix.NsecToTimespec((now.Nano()/every + 1) * every)
	return b.set(unix.ItimerSpec{Interval: unix.NsecToTimespec(every), Value: first})
}

// take takes the beat that came. Without that there is no other.
func (b beats) take() {
	var missed [8]byte
	_, _ = unix.Read(b.fd, missed[:]) // somebody else may have set them anew
}

// rest ends them for now.
func (b beats) rest() error { return b.set(unix.ItimerSpec{}) }

func (b beats) set(to unix.ItimerSpec) error {
	return os.NewSyscallError("timerfd_settime", unix.TimerfdSettime(b.fd, unix.TFD_TIMER_ABSTIME, &to, nil))
}

// waiter waits for beats.
type waiter struct{ timer *os.File }

func newWaiter(every time.Duration) (*waiter, error) {
	b, err := newBeats(every)
	if err != nil {
		return nil, err
	}
	w := &waiter{os.NewFile(uintptr(b.fd), "timer")}
	if err := b.begin(); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

// next waits for a beat. Of those that are overdue only one is left.
func (w *waiter) next() error {
	var missed [8]byte
	_, err := w.timer.Read(missed[:])
	return err
}

// stop ends them; next reports that.
func (w *waiter) stop() { w.timer.Close() }
