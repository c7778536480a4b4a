// Package launch runs a server as a group of processes that cannot outlive its
// owner. A guard process between the two, in its own session so that the terminal's
// Ctrl-C does not reach it, holds the read end of a pipe, the lease, whose write end
// only the owner has. When the lease ends, because the owner closed it or died, the
// guard stops the server: TERM to its group, a grace period, KILL, until the kernel
// reports that no descendant is left.
//
// The guard is the reaper of all of the server's descendants, so it finds even those
// that became daemons. If the guard itself is killed, the kernel kills the server's
// first process and the owner kills the server's group; a daemon among its workers
// is then left to the next reader of the note about it. A PID namespace would close
// that gap, too, but needs privileges that few users have.
package launch

import (
	"bufio"
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
}

// Server is a running server, seen from its owner.
type Server struct {
	// GuardPID is the guard's process id.
	GuardPID int

	guard  *exec.Cmd
	lease  io.WriteCloser
	spec   Spec
	group  int
	exited chan struct{} // closed when the guard has gone
	reason string        // how the server ended by itself, readable then
}

const (
	// guardCommand is the first argument that makes this program a guard.
	guardCommand = "__guard"
	// guardName is the guard's own name among processes: whoever kills all
	// that is called like this program should not kill its guards with it.
	guardName = "server-guard"
	// keepWord on the lease lets the server live on when the lease ends.
	keepWord = "keep\n"
)

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
	reports, reportTo, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	guard := exec.Command(self)
	guard.Args = append([]string{guardName, guardCommand, spec.Grace.String()}, spec.Args...)
	guard.Env = append(os.Environ(), spec.Env...)
	guard.Stdout, guard.Stderr = log, log
	guard.ExtraFiles = []*os.File{reportTo}
	guard.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	lease, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	reportTo.Close() // the guard's copy alone must keep the pipe open
	if err != nil {
		reports.Close()
		return nil, fmt.Errorf("starting %s: %w", spec.Args[0], err)
	}
	s := &Server{GuardPID: guard.Process.Pid, guard: guard, lease: lease, spec: spec, exited: make(chan struct{})}
	lines := bufio.NewReader(reports)
	if err := s.readGroup(lines); err != nil {
		_ = guard.Wait() // its first line says what went wrong
		reports.Close()
		return nil, err
	}
	go s.watch(lines, reports)
	return s, nil
}

// readGroup reads the first line of the guard: the server's process group, or an error.
func (s *Server) readGroup(lines *bufio.Reader) error {
	first, err := lines.ReadString('\n')
	first = strings.TrimSpace(first)
	group, known := strings.CutPrefix(first, "group ")
	if err != nil || !known {
		return fmt.Errorf("starting %s: %s", s.spec.Args[0], first)
	}
	s.group, err = strconv.Atoi(group)
	return err
}

// watch waits for the guard's end; should the guard itself have been killed,
// the server's group goes with it.
func (s *Server) watch(lines *bufio.Reader, reports io.Closer) {
	last, _ := lines.ReadString('\n') // the end of the pipe is the end of the guard
	s.reason = strings.TrimSpace(last)
	if err := s.guard.Wait(); err != nil {
		_ = syscall.Kill(-s.group, syscall.SIGKILL) // ESRCH: nothing was left
		s.reason = "its guard was killed"
	}
	reports.Close()
	close(s.exited)
}

// Exited is closed when the server and its guard have gone.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Reason says how the server ended by itself, once Exited is closed; "" when
// it was stopped.
func (s *Server) Reason() string { return s.reason }

// Keep lets the server outlive its owner: from now on only a TERM to its guard
// stops it.
func (s *Server) Keep() error {
	if _, err := io.WriteString(s.lease, keepWord); err != nil {
		return fmt.Errorf("handing the server over: %w", err)
	}
	return s.lease.Close()
}

// Stop ends the server and returns when no process of it is left.
func (s *Server) Stop() {
	_ = s.guard.Process.Signal(syscall.SIGTERM) // it may have gone already
	s.lease.Close()
	select {
	case <-s.exited:
	case <-time.After(s.spec.Grace + 10*time.Second): // the guard hangs, or a process that cannot die
		s.Kill()
		_ = s.guard.Process.Kill()
		<-s.exited
	}
}

// Kill ends the server at once. It does not wait: the guard sees to the rest.
func (s *Server) Kill() {
	select {
	case <-s.exited:
		return
	default:
	}
	_ = syscall.Kill(-s.group, syscall.SIGKILL) // either may have gone already
	_ = s.guard.Process.Signal(killNow)
}
