//go:build linux

package launch

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// run runs an owner that hands its server over, and returns the guard's id.
func run(t *testing.T, owner *exec.Cmd) int {
	t.Helper()
	out, err := owner.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestOwnerKilledLeavesNothing(t *testing.T) {
	for name, script := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarked(t)
			owner := m.owner("hold", script)
			if err := owner.Start(); err != nil {
				t.Fatal(err)
			}
			m.said()
			if err := owner.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = owner.Wait() // killed, as it should be
			m.noneLeft()
		})
	}
}

// Whatever the owner was at when it was killed: forking the guard, waiting for
// its first word, holding the server.
func TestOwnerKilledAtAnyMomentLeavesNothing(t *testing.T) {
	moment := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		m := newMarked(t)
		owner := m.owner("hold", servers["worker daemonised"])
		if err := owner.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(moment.IntN(40_000)) * time.Microsecond)
		if err := owner.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = owner.Wait() // killed, as it should be
		m.noneLeft()
	}
}

func TestGuardKilledLeavesNoGroup(t *testing.T) {
	m := newMarked(t)
	s := m.start(servers["with workers"])
	if err := syscall.Kill(s.GuardPID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-s.Exited()
	if s.Reason() != "its guard was killed" {
		t.Errorf("reason %q", s.Reason())
	}
	m.noneLeft()
}

func TestKeptServerOutlivesItsOwner(t *testing.T) {
	for name, script := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMarked(t)
			guard := Identify(run(t, m.owner("keep", script)))
			m.said() // it comes up after its owner has gone
			if !guard.Alive() {
				t.Fatal("the guard left with the owner")
			}
			if err := guard.Terminate(context.Background()); err != nil {
				t.Fatal(err)
			}
			if left := m.left(); len(left) > 0 {
				t.Errorf("left behind a finished Terminate: %v", left)
			}
			if guard.Alive() || len(guard.Orphans()) > 0 {
				t.Error("the guard is alive when it has gone")
			}
		})
	}
}

func TestTerminateWhenTimeIsUpKills(t *testing.T) {
	m := newMarked(t)
	spec := m.spec(servers["ignores TERM"])
	spec.Grace = time.Hour
	s, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	m.said()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := Identify(s.GuardPID).Terminate(ctx); err != nil {
		t.Error(err)
	}
	m.noneLeft()
	<-s.Exited()
}

// The worst case: nobody owns the server and its guard is killed. The kernel
// kills the first process; the workers are found by their session.
func TestOrphansOfAKilledGuardAreFound(t *testing.T) {
	m := newMarked(t)
	guard := Identify(run(t, m.owner("keep", servers["with workers"])))
	m.said()
	if len(guard.Orphans()) > 0 {
		t.Error("a living guard has orphans")
	}
	if err := syscall.Kill(guard.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	m.waitEnd(guard.PID)
	if len(guard.Orphans()) == 0 {
		t.Error("no orphans of a killed guard")
	}
	guard.KillOrphans()
	m.noneLeft()
}

func TestProcessIsNotItsNumber(t *testing.T) {
	self := Identify(os.Getpid())
	if !self.Alive() || self.Born == "" {
		t.Errorf("%+v is not alive", self)
	}
	for _, other := range []Process{{PID: os.Getpid(), Born: "yesterday"}, {PID: 0}, {PID: -1}, {}} {
		if other.Alive() {
			t.Errorf("%+v is alive", other)
		}
	}
	ended := exec.Command("true")
	if err := ended.Start(); err != nil {
		t.Fatal(err)
	}
	was := Identify(ended.Process.Pid)
	if err := ended.Wait(); err != nil {
		t.Fatal(err)
	}
	if was.Alive() {
		t.Error("a process that has ended is alive")
	}
	if err := was.Terminate(context.Background()); err != nil {
		t.Error(err)
	}
}
