package launch

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// Process names a process so that another one with the same number is not
// taken for it.
type Process struct {
	PID int
	// Born is when it started: the boot and the kernel's ticks since; "" where
	// the kernel does not say.
	Born string
}

// Identify names the running process pid.
func Identify(pid int) Process { return Process{pid, born(pid)} }

// Alive reports whether the very same process still runs.
func (p Process) Alive() bool {
	return p.PID > 0 && syscall.Kill(p.PID, 0) == nil && born(p.PID) == p.Born
}

// pollInterval is the time between two looks whether a process has gone.
const pollInterval = 20 * time.Millisecond

// Terminate has the guard p stop its server and waits until both have gone.
// When ctx ends before, the server is killed.
func (p Process) Terminate(ctx context.Context) error {
	err := p.signalUntilGone(ctx, syscall.SIGTERM)
	if err == nil || ctx.Err() == nil {
		return err
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return p.signalUntilGone(last, killNow)
}

func (p Process) signalUntilGone(ctx context.Context, sig syscall.Signal) error {
	if !p.Alive() {
		return nil
	}
	if err := syscall.Kill(p.PID, sig); err != nil && p.Alive() {
		return fmt.Errorf("stopping process %d: %w", p.PID, err)
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for p.Alive() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("process %d has not stopped: %w", p.PID, ctx.Err())
		}
	}
	return nil
}

// Orphans lists what a guard that was killed left behind: the processes of its
// session. The kernel gives a session's number to nobody while one is in it,
// so where a process of that number lives, the session is that one's.
func (p Process) Orphans() []int {
	if born(p.PID) != "" {
		return nil
	}
	return inSession(p.PID)
}

// KillOrphans kills them.
func (p Process) KillOrphans() {
	for _, pid := range p.Orphans() {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
}
