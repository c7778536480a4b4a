// Package trial runs a sender and a client, each a process on a core of its
// own where there are two, and says what the client cost.
package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Cores says where sender and client run, as lists for taskset. The zero value
// leaves both to the system.
type Cores struct{ Sender, Client string }

// Pinned reports whether processes are kept apart.
func (c Cores) Pinned() bool { return c != Cores{} }

// Apart keeps sender and client apart, on cores 0 and 1, where there are taskset and
// two cores.
func Apart() Cores {
	if _, err := exec.LookPath("taskset"); err != nil || runtime.NumCPU() < 2 {
		return Cores{}
	}
	return Cores{"0", "1"}
}

// command runs in a process group of its own, so that all of it can be ended.
func command(ctx context.Context, cores string, args []string) *exec.Cmd {
	if cores != "" {
		args = append([]string{"taskset", "-c", cores}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// Sender is a running sim-engine.
type Sender struct {
	// Port is where it listens on the loopback interface.
	Port   string
	cmd    *exec.Cmd
	stderr bytes.Buffer
	exit   chan error
}

// StartSender starts a sim-engine with args and waits until its port is open, which
// it chooses where port is "0". Its port file becomes file, which is not there yet.
func StartSender(ctx context.Context, cores string, args []string, port, file string) (*Sender, error) {
	s := &Sender{exit: make(chan error, 1)}
	s.cmd = command(ctx, cores, append(args, "--port", port, "--port-file", file))
	s.cmd.Stderr = &s.stderr
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the sender: %w", err)
	}
	go func() { s.exit <- s.cmd.Wait() }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if port, err := os.ReadFile(file); err == nil {
			s.Port = strings.TrimSpace(string(port))
			return s, nil
		}
		select {
		case err := <-s.exit:
			return nil, fmt.Errorf("the sender ended: %w: %s", err, bytes.TrimSpace(s.stderr.Bytes()))
		case <-tick.C:
		}
	}
}

// Stop terminates the sender and waits for its end; its logs are whole then. An
// interrupt would not do: a background job of a script ignores it, and so do the
// programs that it starts.
// It returns the processor time that the sender took.
func (s *Sender) Stop() (time.Duration, error) {
	err := s.stop()
	if state := s.cmd.ProcessState; state != nil {
		return state.UserTime() + state.SystemTime(), err
	}
	return 0, err
}

func (s *Sender) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stopping the sender: %w", err)
	}
	err := <-s.exit
	var status *exec.ExitError
	if errors.As(err, &status) && status.ExitCode() == 128+int(syscall.SIGTERM) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the sender: %w: %s", err, bytes.TrimSpace(s.stderr.Bytes()))
	}
	return nil
}
