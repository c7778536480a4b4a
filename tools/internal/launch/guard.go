package launch

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// IsGuard reports whether a program with these arguments (without its name)
// was started as a guard.
func IsGuard(args []string) bool { return len(args) > 3 && args[0] == guardCommand }

// Guard starts the server named by args, waits until it ends, its owner's pipe
// ends or a TERM comes, leaves nothing of it behind and returns the exit status.
func Guard(args []string) int {
	tell := os.NewFile(3, "owner")
	grace, err := time.ParseDuration(args[1])
	if err != nil {
		fmt.Fprintln(tell, err)
		return 1
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if args[2] == "false" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // ends with the owner
			stop <- syscall.SIGTERM
		}()
	}
	if err := adoptOrphans(); err != nil {
		fmt.Fprintln(tell, "becoming a subreaper:", err)
		return 1
	}
	// The kernel counts the thread that forked as the parent whose death the
	// server is told of, so this thread must stay.
	runtime.LockOSThread()
	server := exec.Command(args[3], args[4:]...)
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	server.SysProcAttr = ownGroup()
	if err := server.Start(); err != nil {
		fmt.Fprintln(tell, err)
		return 1
	}
	fmt.Fprintln(tell, "group", server.Process.Pid)
	ended := make(chan string, 1)
	go func() {
		_ = server.Wait() // ProcessState says all there is
		ended <- server.ProcessState.String()
	}()
	select {
	case how := <-ended:
		fmt.Fprintln(tell, how)
	case <-stop:
		terminate(server.Process.Pid, grace, ended)
	}
	_ = syscall.Kill(-server.Process.Pid, syscall.SIGKILL) // ESRCH: none of the group is left
	killOrphans()
	return 0
}

// terminate asks the group to stop, and after the grace makes it.
func terminate(group int, grace time.Duration, ended <-chan string) {
	_ = syscall.Kill(-group, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
		_ = syscall.Kill(-group, syscall.SIGKILL)
		<-ended
	}
}
