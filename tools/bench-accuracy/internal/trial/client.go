package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Usage is what a process took.
type Usage struct {
	CPU time.Duration
	// Others is the share of all processors that neither client nor sender
	// took meanwhile, 0 to 1: what may have disturbed them.
	Others float64
	// RSS is its memory at the most, and that of its descendants, in bytes; 0
	// when the system does not say.
	RSS int64
}

// lookInterval is how often a client's memory is looked at. The figure only
// rises, so no more than the rise of the last interval is missed.
const lookInterval = 200 * time.Millisecond

// RunClient runs a client to its end, or to that of ctx, with its output to out. What
// it started and left behind is killed. An exit status in allowed is not an error: the
// rows say what went wrong.
func RunClient(ctx context.Context, cores string, args []string, out, stderr io.Writer, allowed ...int) (Usage, error) {
	cmd := command(ctx, cores, args)
	cmd.Stdout, cmd.Stderr = out, stderr
	if err := cmd.Start(); err != nil {
		return Usage{}, fmt.Errorf("starting the client: %w", err)
	}
	done := make(chan struct{})
	peak := make(chan int64, 1)
	go watchMemory(cmd.Process.Pid, done, peak)
	err := cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // ESRCH: nothing was left
	close(done)
	used := Usage{CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), RSS: <-peak}
	var status *exec.ExitError
	if err == nil || errors.As(err, &status) && slices.Contains(allowed, status.ExitCode()) {
		return used, nil
	}
	return used, fmt.Errorf("%s: %w", args[0], err)
}

// watchMemory sends the most memory that a process and its descendants had.
// The kernel's account at the end (ru_maxrss) would not do: it counts what the
// process was before it became the client, a copy of this one, and of several
// processes only the largest.
func watchMemory(pid int, done <-chan struct{}, peak chan<- int64) {
	tick := time.NewTicker(lookInterval)
	defer tick.Stop()
	var most int64
	for {
		now := int64(0)
		for _, p := range family(pid) {
			now += highWater(p)
		}
		most = max(most, now)
		select {
		case <-done:
			peak <- most
			return
		case <-tick.C:
		}
	}
}

// family is a process and its descendants.
func family(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is sound
	for _, stat := range stats {
		text, err := os.ReadFile(stat)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state parent: the name may hold anything but ends last.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		child, err1 := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
		if len(fields) < 2 || err1 != nil {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// highWater is the peak resident memory of a process in bytes, 0 if unknown.
func highWater(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				return 0
			}
			return kb * 1024
		}
	}
	return 0
}
