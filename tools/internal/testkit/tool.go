// Package testkit holds what the tests of several packages share: a test binary
// that stands for its program, golden files, a process that should end, and test runs
// with and without the kernel's loops. No program imports it.
package testkit

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/cmdline"
)

// standIn is the environment variable that makes a test binary its program.
const standIn = "TEST_BINARY_IS_TOOL"

// Main is the TestMain of a program: the test binary stands for it where Command
// has started it, so that streams, signals and exit statuses are the real ones.
func Main(m *testing.M, tool func() cmdline.Tool) {
	if os.Getenv(standIn) != "" {
		cmdline.Main(tool())
	}
	if signal.Ignored(syscall.SIGINT) { // as in a background job of a script
		signal.Notify(make(chan os.Signal, 1), syscall.SIGINT) // what is caught here is not ignored by a child
	}
	os.Exit(m.Run())
}

// Command is the program with these arguments.
func Command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = Environ(os.Environ()...)
	return cmd
}

// Plain is the program as make test has built it, without the race detector, which
// makes each start expensive. Without such a build it is Command's.
func Plain(args ...string) *exec.Cmd {
	dir := os.Getenv("TOOLS_BIN")
	if dir == "" {
		return Command(args...)
	}
	return exec.Command(filepath.Join(dir, strings.TrimSuffix(filepath.Base(os.Args[0]), ".test")), args...)
}

// Environ is an environment in which the test binary is the program.
func Environ(more ...string) []string {
	if dir, given := os.LookupEnv("GOCOVERDIR"); given {
		more = append(more, "GOCOVERDIR="+dir) // else the program would complain that it has none
	}
	// Under -race a process would otherwise wait a second before it ends.
	return append(more, standIn+"=1", "GORACE=atexit_sleep_ms=0")
}

// Result is what a run of a program left.
type Result struct {
	Stdout, Stderr string
	Status         int
}

// Run runs the program, as Plain has it, to its end.
func Run(stdin string, args ...string) Result {
	cmd := Plain(args...)
	cmd.Stdin = strings.NewReader(stdin)
	return Finish(cmd)
}

// Finish runs a command to its end. A failure is a status.
func Finish(cmd *exec.Cmd) Result {
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return Result{Stderr: err.Error(), Status: -1}
	}
	return Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}
