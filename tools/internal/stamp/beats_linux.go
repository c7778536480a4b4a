package stamp

import (
	"os"
	"syscall"
	"time"
	"unsafe"

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

// take takes the beat that came, if one did. Without that there is no other. The
// runtime does not hear of the system call: to tell it wakes its monitor thread, which
// then looks about every 20 us, and with a thousand streams that took a seventh of
// loadgen's time.
func (b beats) take() bool {
	var missed [8]byte
	_, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(b.fd), uintptr(unsafe.Pointer(&missed)), unsafe.Sizeof(missed))
	return errno == 0 // else none came, or somebody has set them anew
}

// rest ends them for now.
func (b beats) rest() error { return b.set(unix.ItimerSpec{}) }

func (b beats) set(to unix.ItimerSpec) error {
	return os.NewSyscallError("timerfd_settime", unix.TimerfdSettime(b.fd, unix.TFD_TIMER_ABSTIME, &to, nil))
}

// waiter waits for beats.
type waiter struct {
	beats
	timer *os.File
	raw   syscall.RawConn
}

func newWaiter(every time.Duration) (*waiter, error) {
	b, err := newBeats(every)
	if err != nil {
		return nil, err
	}
	w := &waiter{beats: b, timer: os.NewFile(uintptr(b.fd), "timer")}
	if w.raw, err = w.timer.SyscallConn(); err == nil {
		err = b.begin()
	}
	if err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

// next waits for a beat. Of those that are overdue only one is left.
func (w *waiter) next() error {
	return w.raw.Read(func(uintptr) bool { return w.take() })
}

// stop ends them; next reports that.
func (w *waiter) stop() { w.timer.Close() }
