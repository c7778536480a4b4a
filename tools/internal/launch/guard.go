package launch

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// killNow is the signal that has a guard kill its server without a grace.
const killNow = syscall.SIGQUIT

// bareGuard is the first argument of a guard that has shed what it inherited.
const bareGuard = "__bare-guard"

// IsGuard reports whether a program with these arguments (without its name)
// was started as a guard.
func IsGuard(args []string) bool {
	return len(args) > 2 && (args[0] == guardCommand || args[0] == bareGuard)
}

// Guard starts the server named by args, waits until it ends, its owner's lease
// ends or a TERM comes, leaves nothing of it behind and returns the exit status.
func Guard(args []string) int {
	owner := os.NewFile(3, "owner")
	if args[0] == guardCommand {
		shedInherited(args)
	}
	syscall.CloseOnExec(3)
	nameProcess(guardName)
	grace, err := time.ParseDuration(args[1])
	if err != nil {
		fmt.Fprintln(owner, err)
		return 1
	}
	stop := make(chan os.Signal, 4)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, killNow)
	go holdLease(stop)
	s, err := startReaped(args[2:])
	if err != nil {
		fmt.Fprintln(owner, err)
		return 1
	}
	fmt.Fprintln(owner, "group", s.pid)
	select {
	case how := <-s.ended:
		// What the first process leaves behind when it ends by itself has lost
		// its head: nothing is gained by asking it to stop.
		fmt.Fprintln(owner, how)
		s.kill()
	case first := <-stop:
		s.stop(grace, first, stop)
	}
	return 0
}

// holdLease asks for the stop when the owner's end of the pipe is closed
// without the word that the server is to live on.
func holdLease(stop chan<- os.Signal) {
	word, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	if word == keepWord {
		return
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the owner
	stop <- syscall.SIGTERM
}

// reaped is a server whose every descendant this process reaps.
type reaped struct {
	pid   int
	ended chan string   // how the first process ended
	reap  chan struct{} // something was reaped; never more than one waits
	gone  chan struct{} // closed when no descendant is left
}

// startReaped starts the server. It must be called from one goroutine that
// does not end before the server: the kernel counts the thread that forked as
// the parent whose death the server is notified of.
func startReaped(args []string) (*reaped, error) {
	if err := adoptOrphans(); err != nil {
		return nil, fmt.Errorf("becoming a subreaper: %w", err)
	}
	runtime.LockOSThread()
	command := exec.Command(args[0], args[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = ownGroup()
	if err := command.Start(); err != nil {
		return nil, err
	}
	s := &reaped{pid: command.Process.Pid, ended: make(chan string, 1), reap: make(chan struct{}, 1), gone: make(chan struct{})}
	_ = command.Process.Release() // collect waits for it, and for all others
	go s.collect()
	return s, nil
}

// collect reaps whatever ends until the kernel says that there is nothing left
// to wait for, which is the one proof that the server has gone.
func (s *reaped) collect() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			close(s.gone)
			return
		}
		if pid == s.pid {
			s.ended <- describe(status)
		}
		select {
		case s.reap <- struct{}{}:
		default:
		}
	}
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return "signal: " + status.Signal().String()
	}
	return fmt.Sprintf("exit status %d", status.ExitStatus())
}

// stop asks the server to end, asks again at half the grace, since a vLLM that
// is still loading swallows the first TERM, and then makes it. A second
// interrupt does not wait so long.
func (s *reaped) stop(grace time.Duration, first os.Signal, more <-chan os.Signal) {
	if first == killNow {
		s.kill()
		return
	}
	s.signal(syscall.SIGTERM)
	again, over := time.NewTimer(grace/2), time.NewTimer(grace)
	defer again.Stop()
	defer over.Stop()
	head := s.ended
	for {
		select {
		case <-s.gone:
			return
		case <-head:
			head = nil
			s.signalOrphans(syscall.SIGTERM) // daemons have left the group that was asked
		case <-again.C:
			s.signal(syscall.SIGTERM)
		case sig := <-more:
			if sig == killNow {
				s.kill()
				return
			}
		case <-over.C:
			s.kill()
			return
		}
	}
}

// kill ends all descendants: each that dies may leave its own to us.
func (s *reaped) kill() {
	for {
		s.signal(syscall.SIGKILL)
		select {
		case <-s.gone:
			return
		case <-s.reap:
		}
	}
}

// signal reaches the group and what has left it; ESRCH means that it has gone.
func (s *reaped) signal(sig syscall.Signal) {
	_ = syscall.Kill(-s.pid, sig)
	s.signalOrphans(sig)
}

// signalOrphans reaches this process's children outside the server's group.
func (s *reaped) signalOrphans(sig syscall.Signal) {
	for _, pid := range children() {
		if group, err := syscall.Getpgid(pid); err == nil && group != s.pid {
			_ = syscall.Kill(pid, sig)
		}
	}
}
