package trial

import (
	"bytes"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// script writes a shell program and returns its path.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSenderIsReadyWhenItsPortIsKnownAndEndsWhereInterruptsAreIgnored(t *testing.T) {
	dir := t.TempDir()
	// It is called with its own argument, --port 0 --port-file FILE.
	program := script(t, `trap '' INT; trap 'echo bye > "$0.end"; exit 143' TERM; echo 4711 > "$5.part"; mv "$5.part" "$5"; while :; do sleep 0.01; done`)
	s, err := StartSender(t.Context(), "", []string{program, "own"}, "0", filepath.Join(dir, "port"))
	if err != nil {
		t.Fatal(err)
	}
	if s.Port != "4711" {
		t.Errorf("port %s", s.Port)
	}
	if _, err := s.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(program + ".end"); err != nil {
		t.Error("it was not let go by itself")
	}
}

func TestSenderThatEndsIsAnErrorInItsOwnWords(t *testing.T) {
	_, err := StartSender(t.Context(), "", []string{script(t, "echo no such model >&2; exit 1")}, "0", filepath.Join(t.TempDir(), "port"))
	if err == nil || !strings.Contains(err.Error(), "no such model") {
		t.Errorf("%v", err)
	}
}

func TestClientsCost(t *testing.T) {
	var out bytes.Buffer
	program := script(t, "echo rows; i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 3")
	used, err := RunClient(t.Context(), "", []string{program}, &out, io.Discard, 3)
	if err != nil || out.String() != "rows\n" || used.CPU <= 0 {
		t.Errorf("%+v, %v, %q", used, err, &out)
	}
	if _, err := RunClient(t.Context(), "", []string{program}, &out, io.Discard); err == nil {
		t.Error("status 3 passed")
	}
}

func TestFamilyAndMemory(t *testing.T) {
	cmd := exec.Command(script(t, "sleep 60 & echo; wait"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // the sleep was started
		t.Fatal(err)
	}
	all := family(cmd.Process.Pid)
	if len(all) != 2 || all[0] != cmd.Process.Pid || highWater(all[0]) == 0 {
		t.Errorf("%v, %d bytes", all, highWater(all[0]))
	}
	for _, pid := range all {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
	_ = cmd.Wait() // killed
	if highWater(cmd.Process.Pid) != 0 {
		t.Error("a process that has ended has memory")
	}
}

func TestOthersAreWhoIsBusyBesideUs(t *testing.T) {
	before := Look()
	if before.busy == 0 {
		t.Skip("the system does not say how busy it is")
	}
	after := before
	after.at, after.busy = before.at.Add(time.Second), before.busy+300*time.Millisecond
	if got, want := after.Others(before, 100*time.Millisecond), 0.2/float64(runtime.NumCPU()); math.Abs(got-want) > 1e-9 {
		t.Errorf("%v, want %v", got, want)
	}
	if got := after.Others(before, time.Hour); got != 0 {
		t.Errorf("%v", got)
	}
}
