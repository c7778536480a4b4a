package launch

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Process names a process so that another one with the same number is not
// taken for it.
type Process struct {
	PID int
	// Born is when it started, in the kernel's ticks since boot; "" where the
	// kernel does not say.
	Born string
}

// Identify names the running process pid.
func Identify(pid int) Process { return Process{pid, born(pid)} }

// Alive reports whether the very same process still runs.
func (p Process) Alive() bool {
	return p.PID > 0 && syscall.Kill(p.PID, 0) == nil && born(p.PID) == p.Born
}

// born is field 22 of /proc/PID/stat; zombies are not counted among the living.
func born(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	words := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(words) < 20 || string(words[0]) == "Z" {
		return ""
	}
	return string(words[19])
}

// Terminate sends p a TERM and waits until it has gone.
func (p Process) Terminate(ctx context.Context) error {
	if !p.Alive() {
		return nil
	}
	if err := syscall.Kill(p.PID, syscall.SIGTERM); err != nil {
		return fmt.Errorf("stopping process %d: %w", p.PID, err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
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
