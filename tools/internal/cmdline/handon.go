package cmdline

import (
	"context"
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// HandOn gives a child process the signal that ended ctx, unless it was the
// terminal's Ctrl-C, which reached the child without us: many programs take a
// second one for "leave at once".
func HandOn(ctx context.Context, child *os.Process) {
	var interrupt Interrupted
	if !errors.As(context.Cause(ctx), &interrupt) || interrupt.Signal == syscall.SIGINT && inForeground() {
		return
	}
	_ = child.Signal(interrupt.Signal) // it may have ended just now
}

// inForeground reports whether a terminal sends its Ctrl-C to this process
// and its children.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	defer terminal.Close()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
