//go:build linux

package launch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets this binary be a guard, and an owner that can be killed.
func TestMain(m *testing.M) {
	if IsGuard(os.Args[1:]) {
		os.Exit(Guard(os.Args[1:]))
	}
	if os.Getenv("LAUNCH_TEST_OWNER") != "" {
		own()
	}
	os.Exit(m.Run())
}

// own is an owner that starts the server of its arguments and waits to be killed.
func own() {
	s, err := Start(Spec{Args: os.Args[1:], Log: os.DevNull, Grace: 200 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("started")
	<-s.Exited()
	os.Exit(0)
}

// servers are shell scripts; each keeps the write end of a pipe open in all of
// its processes, so that the pipe's end means that none is left.
var servers = map[string]string{
	"plain":             `exec sleep 600`,
	"with workers":      `sleep 600 & sleep 600 & wait`,
	"ignores TERM":      `trap "" TERM; sleep 600 & while :; do wait; done`,
	"worker daemonised": `setsid sh -c 'sleep 600 & wait' & sleep 600`,
}

// alive runs a server whose processes hold a pipe open, and returns its read end.
func alive(t *testing.T, script string) (spec Spec, left *os.File) {
	t.Helper()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "alive")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	left, err := os.OpenFile(fifo, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { left.Close() })
	args := []string{"sh", "-c", `exec 9>"$0"; echo up >&9; ` + script, fifo}
	return Spec{Args: args, Log: filepath.Join(dir, "log"), Grace: 200 * time.Millisecond}, left
}

// waitUp waits for the server's first word, waitGone for the end of its last process.
func waitUp(t *testing.T, left *os.File) *bufio.Reader {
	t.Helper()
	lines := bufio.NewReader(left)
	for {
		line, err := lines.ReadString('\n')
		if line == "up\n" {
			return lines
		}
		if err != nil && line == "" && !errors.Is(err, os.ErrDeadlineExceeded) && err.Error() != "EOF" {
			t.Fatal(err)
		}
	}
}

func waitGone(t *testing.T, lines *bufio.Reader) {
	t.Helper()
	if _, err := lines.ReadString('\n'); err == nil || err.Error() != "EOF" {
		t.Fatalf("the pipe that every process of the server holds: %v", err)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	for name, script := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, left := alive(t, script)
			s, err := Start(spec)
			if err != nil {
				t.Fatal(err)
			}
			lines := waitUp(t, left)
			s.Stop()
			waitGone(t, lines)
			if s.Reason() != "" {
				t.Errorf("a stopped server ended by itself: %s", s.Reason())
			}
		})
	}
}

func TestOwnerKilledLeavesNothing(t *testing.T) {
	for name, script := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec, left := alive(t, script)
			owner := exec.Command(os.Args[0], spec.Args...)
			owner.Env = append(os.Environ(), "LAUNCH_TEST_OWNER=1")
			if err := owner.Start(); err != nil {
				t.Fatal(err)
			}
			lines := waitUp(t, left)
			if err := owner.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = owner.Wait() // killed, as it should be
			waitGone(t, lines)
		})
	}
}

func TestGuardKilledLeavesNoGroup(t *testing.T) {
	spec, left := alive(t, servers["with workers"])
	s, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	lines := waitUp(t, left)
	if err := syscall.Kill(s.GuardPID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitGone(t, lines)
	<-s.Exited()
}

func TestServerThatEndsIsTold(t *testing.T) {
	dir := t.TempDir()
	s, err := Start(Spec{Args: []string{"sh", "-c", "echo out of memory >&2; exit 7"}, Log: filepath.Join(dir, "log"), Grace: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.WaitReady(context.Background(), time.Minute, time.Millisecond, func(context.Context) error { return errors.New("refused") })
	if !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "exit status 7") {
		t.Errorf("error %v", err)
	}
	if tail := Tail(filepath.Join(dir, "log"), 3); len(tail) != 1 || tail[0] != "out of memory" {
		t.Errorf("tail %q", tail)
	}
}

func TestFirstError(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	text := "INFO loading\nValueError: 3 GB are not 4 GB\nTraceback\nRuntimeError: see the root cause above\n"
	if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := FirstError(log); got != "ValueError: 3 GB are not 4 GB" {
		t.Errorf("first error %q", got)
	}
	if got := FirstError(filepath.Join(t.TempDir(), "absent")); got != "" {
		t.Errorf("of no file: %q", got)
	}
}

func TestWaitReady(t *testing.T) {
	spec, left := alive(t, servers["plain"])
	s, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	waitUp(t, left)
	tries := 0
	if _, err := s.WaitReady(context.Background(), time.Minute, time.Millisecond, func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	}); err != nil || tries != 3 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	if _, err := s.WaitReady(context.Background(), time.Millisecond, time.Millisecond, func(context.Context) error { return errors.New("loading") }); !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "loading") {
		t.Errorf("too slow: %v", err)
	}
	ctx, stop := signal.NotifyContext(context.Background())
	stop()
	if _, err := s.WaitReady(ctx, time.Minute, time.Millisecond, func(context.Context) error { return errors.New("loading") }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	_, err := Start(Spec{Args: []string{"/no/such/engine"}, Log: os.DevNull, Grace: time.Second})
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error %v", err)
	}
}

func TestReaderGone(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	gone := ReaderGone(w)
	select {
	case <-gone:
		t.Fatal("gone while it is there")
	default:
	}
	r.Close()
	<-gone
}
