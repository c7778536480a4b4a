// Package launch runs a server as a group of processes that cannot outlive its
// owner. Between the owner and the server stands a guard: a process in a
// session of its own, out of reach of the terminal's Ctrl-C, that holds the
// read end of a pipe whose write end only the owner has. When the pipe ends,
// because the owner asked for it or because it died in whatever way, the guard
// stops the server: TERM to its group, a grace, KILL, and then whatever is
// left of its descendants, which are the guard's own orphans by then.
package launch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Spec says what to run.
type Spec struct {
	// Args is the server's command line, Env what is added to the environment.
	Args, Env []string
	// Log is the file that takes its stdout and stderr.
	Log string
	// Grace is how long it may take to stop after TERM.
	Grace time.Duration
	// Lasting leaves the server running when the owner ends; Stop takes it down.
	Lasting bool
}

// Server is a running server, seen from its owner.
type Server struct {
	// GuardPID is the guard's process id.
	GuardPID int

	guard  *exec.Cmd
	lease  io.Closer
	spec   Spec
	group  int
	exited chan struct{} // closed when the guard has gone
	reason string        // how the server ended by itself, readable then
}

// guardCommand is the first argument that makes this program a guard.
const guardCommand = "__guard"

// Start runs the server under a guard. The guard is this same program, which
// must hand its arguments to Guard when IsGuard says so.
func Start(spec Spec) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the server's log: %w", err)
	}
	defer log.Close()
	told, tell, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer tell.Close()
	guard := exec.Command(self, append([]string{guardCommand, spec.Grace.String(), strconv.FormatBool(spec.Lasting)}, spec.Args...)...)
	guard.Env = append(os.Environ(), spec.Env...)
	guard.Stdout, guard.Stderr = log, log
	guard.ExtraFiles = []*os.File{tell}
	guard.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var lease io.Closer
	if !spec.Lasting {
		if lease, err = guard.StdinPipe(); err != nil {
			return nil, err
		}
	}
	if err := guard.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", spec.Args[0], err)
	}
	s := &Server{GuardPID: guard.Process.Pid, guard: guard, lease: lease, spec: spec, exited: make(chan struct{})}
	words := bufio.NewReader(told)
	first, err := words.ReadString('\n')
	group, known := strings.CutPrefix(strings.TrimSpace(first), "group ")
	if s.group, _ = strconv.Atoi(group); err != nil || !known {
		_ = guard.Wait()
		told.Close()
		return nil, fmt.Errorf("starting %s: %s", spec.Args[0], strings.TrimSpace(first))
	}
	go s.watch(words, told)
	return s, nil
}

// watch waits for the guard's end; should the guard itself have been killed,
// the server's group goes with it.
func (s *Server) watch(words *bufio.Reader, told io.Closer) {
	last, _ := words.ReadString('\n') // an ended guard has nothing to say
	told.Close()
	s.reason = strings.TrimSpace(last)
	if err := s.guard.Wait(); err != nil {
		_ = syscall.Kill(-s.group, syscall.SIGKILL) // ESRCH: nothing was left
	}
	close(s.exited)
}

// Exited is closed when the server and its guard have gone.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Reason tells how the server ended by itself, once Exited is closed; "" when
// it was stopped.
func (s *Server) Reason() string { return s.reason }

// Stop ends the server and returns when no process of it is left.
func (s *Server) Stop() {
	if s.spec.Lasting {
		_ = s.guard.Process.Signal(syscall.SIGTERM) // gone already is as good
	} else {
		s.lease.Close()
	}
	select {
	case <-s.exited:
	case <-time.After(s.spec.Grace + 5*time.Second):
		s.Kill()
		<-s.exited
	}
}

// Kill ends the server's group and its guard at once.
func (s *Server) Kill() {
	_ = syscall.Kill(-s.group, syscall.SIGKILL)
	_ = s.guard.Process.Kill()
}

// ErrNotReady is wrapped by the error of a server that ended or took too long
// before it answered.
var ErrNotReady = errors.New("the server did not become ready")

// WaitReady asks probe every interval until it succeeds, and returns how long
// that took. It fails when the server ends, the limit passes or ctx ends.
func (s *Server) WaitReady(ctx context.Context, limit, interval time.Duration, probe func(context.Context) error) (time.Duration, error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		last := probe(ctx)
		if last == nil {
			return time.Since(began), nil
		}
		select {
		case <-s.exited:
			return 0, fmt.Errorf("%w: it ended: %s", ErrNotReady, s.reason)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return 0, fmt.Errorf("%w within %v: %w", ErrNotReady, limit, last)
			}
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}
