//go:build linux

package launch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestStopLeavesNothing(t *testing.T) {
	for name, script := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarked(t)
			s := m.start(script)
			s.Stop()
			if left := m.left(); len(left) > 0 {
				t.Errorf("left behind a finished Stop: %v", left)
			}
			if s.Reason() != "" {
				t.Errorf("a stopped server ended by itself: %s", s.Reason())
			}
		})
	}
}

func TestKillDoesNotWait(t *testing.T) {
	for name, script := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarked(t)
			spec := m.spec(script)
			spec.Grace = time.Hour
			s, err := Start(spec)
			if err != nil {
				t.Fatal(err)
			}
			m.said()
			s.Kill()
			m.noneLeft()
			<-s.Exited()
			s.Kill() // of what has gone is nothing
		})
	}
}

// A vLLM that is still loading swallows the first TERM.
func TestAskedTwiceBeforeItIsMade(t *testing.T) {
	t.Parallel()
	m := newMarked(t)
	spec := m.spec(`n=0; trap 'n=$((n+1)); if [ $n = 2 ]; then echo bye >$0; exit; fi' TERM; $up; while :; do sleep 600 & wait; done`)
	spec.Grace = 6 * time.Second
	s, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	m.said()
	go s.Stop()
	if word := m.said(); word != "bye" {
		t.Errorf("the server said %q", word)
	}
	m.noneLeft()
	<-s.Exited()
}

func TestServerThatEndsIsTold(t *testing.T) {
	for script, want := range map[string]string{
		"echo out of memory >&2; exit 7":             "exit status 7",
		"echo out of memory >&2; kill -SEGV $$":      "signal: segmentation fault",
		"echo out of memory >&2; sleep 600 & exit 0": "exit status 0",
	} {
		m := newMarked(t)
		spec := m.spec(script)
		spec.Log = filepath.Join(t.TempDir(), "log")
		s, err := Start(spec)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.WaitReady(context.Background(), time.Minute, time.Millisecond, func(context.Context) error { return errors.New("refused") })
		if !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", script, err)
		}
		if tail := Tail(spec.Log, 3); len(tail) != 1 || tail[0] != "out of memory" {
			t.Errorf("%s: tail %q", script, tail)
		}
		m.noneLeft()
	}
}

func TestWaitReady(t *testing.T) {
	m := newMarked(t)
	s := m.start(servers["plain"])
	defer s.Stop()
	loading := func(context.Context) error { return errors.New("loading") }
	tries := 0
	if _, err := s.WaitReady(context.Background(), time.Minute, time.Millisecond, func(context.Context) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	}); err != nil || tries != 3 {
		t.Errorf("after %d tries: %v", tries, err)
	}
	if _, err := s.WaitReady(context.Background(), 20*time.Millisecond, time.Millisecond, loading); !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "loading") {
		t.Errorf("too slow: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := s.WaitReady(ctx, time.Minute, time.Millisecond, loading); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// A probe that hangs must not hide that the server has ended, nor may another
// server's answer stand for ours.
func TestProbeOfAnEndedServer(t *testing.T) {
	m := newMarked(t)
	s := m.start(servers["plain"])
	hang := func(ctx context.Context) error {
		_ = syscall.Kill(-s.group, syscall.SIGKILL)
		<-ctx.Done()
		return ctx.Err()
	}
	if _, err := s.WaitReady(context.Background(), time.Hour, time.Hour, hang); !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v", err)
	}
	if _, err := s.WaitReady(context.Background(), time.Hour, time.Hour, func(context.Context) error { return nil }); !errors.Is(err, ErrNotReady) {
		t.Errorf("another's answer: %v", err)
	}
}

func TestNoSuchProgram(t *testing.T) {
	_, err := Start(Spec{Args: []string{"/no/such/engine"}, Log: os.DevNull, Grace: time.Second})
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error %v", err)
	}
	_, err = Start(Spec{Args: []string{"true"}, Log: "/no/such/folder/log", Grace: time.Second})
	if err == nil || !strings.Contains(err.Error(), "the server's log") {
		t.Errorf("error %v", err)
	}
}

// What a shell handed down, and the guard's own pipes, must not live as long
// as the server does.
func TestServerInheritsNoFiles(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	m := newMarked(t)
	owner := m.owner("keep", `$up; for f in /proc/$$/fd/*; do readlink $f; done | grep -c pipe: >$0; exec sleep 600`)
	owner.ExtraFiles = []*os.File{w, w, w} // a pipe that is not closed on exec
	pid := run(t, owner)
	w.Close()
	m.said()
	if pipes := m.said(); pipes != "0" {
		t.Errorf("the server holds %s pipes", pipes)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 || err == nil { // ends only if the guard lets go of it too
		t.Errorf("read %d bytes, %v", n, err)
	}
	if err := Identify(pid).Terminate(context.Background()); err != nil {
		t.Error(err)
	}
	m.noneLeft()
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
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if HasReader(file) {
		t.Error("a file has no reader that could leave")
	}
}
