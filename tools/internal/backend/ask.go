package backend

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// askLimit is how long a program may take to say something about this machine.
// An interpreter on a cold network disk takes some ten seconds.
const askLimit = time.Minute

// ask runs a program that prints what it knows and ends. Its error is an
// *exec.ExitError where the program ended with another status than 0. One that does
// not end in time is killed with all that it has started.
func ask(limit time.Duration, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, program, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = time.Second // what left its group may hold its output open
	out, err := command.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("%s did not answer within %v", program, limit)
	}
	return string(out), err
}
