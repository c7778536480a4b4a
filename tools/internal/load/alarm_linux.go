package load

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// PreciseAlarm is an Alarm to within tens of microseconds. The runtime's own
// timers sleep in whole milliseconds when nothing else goes on; a timer of the
// kernel wakes the poller like any other event. It is for one goroutine.
type PreciseAlarm struct {
	file *os.File
}

// NewPreciseAlarm returns an alarm to be closed.
func NewPreciseAlarm() (*PreciseAlarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("a timer for due times: %w", err)
	}
	return &PreciseAlarm{os.NewFile(uintptr(fd), "timer")}, nil
}

// Close gives the timer back.
func (a *PreciseAlarm) Close() error { return a.file.Close() }

// Wait returns at the time, or when ctx ends.
func (a *PreciseAlarm) Wait(ctx context.Context, until time.Time) error {
	left := time.Until(until)
	if left <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	if err := a.set(left); err != nil {
		return sleep(ctx, left)
	}
	unwatch := context.AfterFunc(ctx, func() { a.file.SetReadDeadline(time.Unix(1, 0)) })
	defer unwatch()
	var expirations [8]byte
	if _, err := a.file.Read(expirations[:]); err != nil && ctx.Err() == nil {
		return sleep(ctx, time.Until(until))
	}
	return ctx.Err()
}

func (a *PreciseAlarm) set(left time.Duration) error {
	raw, err := a.file.SyscallConn()
	if err != nil {
		return err
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(left.Nanoseconds())}
	if controlErr := raw.Control(func(fd uintptr) { err = unix.TimerfdSettime(int(fd), 0, &spec, nil) }); controlErr != nil {
		return controlErr
	}
	return err
}
