package backend

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAsk(t *testing.T) {
	if said, err := ask(askLimit, "/bin/sh", "-c", "echo 3.1"); said != "3.1\n" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	var exit *exec.ExitError
	if _, err := ask(askLimit, "/bin/sh", "-c", "exit 1"); !errors.As(err, &exit) {
		t.Errorf("status 1: %v", err)
	}
	pid := filepath.Join(t.TempDir(), "pid")
	if _, err := ask(100*time.Millisecond, "/bin/sh", "-c", "sleep 1000 & echo $! > "+pid+"; wait"); err == nil || !strings.Contains(err.Error(), "did not answer within 100ms") {
		t.Errorf("a program that does not end: %v", err)
	}
	text, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 100 { // its end takes a moment
		if ended(child) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d, which it had started, is still there", child)
}

// ended reports whether a process has ended, taken note of or not.
func ended(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err == nil {
		return strings.Contains(string(state), ") Z ")
	}
	return syscall.Kill(pid, 0) != nil
}

// An interpreter that lacks a module and one that does not run are distinguished.
func TestModules(t *testing.T) {
	dir := workplace(t)
	s := settings()
	for script, lacks := range map[string]string{
		"exit 0":      "",
		"exit 1":      "no Python module mii in ",
		"kill -9 $$;": "signal: killed",
	} {
		writeProgram(t, filepath.Join(dir, "python3"), script)
		needs := needModule(s, "fastgen", "mii", "pip install")
		if lacks == "" && len(needs) > 0 || lacks != "" && (len(needs) != 1 || !strings.Contains(needs[0].Missing, lacks)) {
			t.Errorf("%s: %v", script, needs)
		}
	}
}

// The version of MII says whether its GPU engine is simulated: then no GPU is
// needed, and the rows say so.
func TestSimulatedMII(t *testing.T) {
	dir := workplace(t)
	s := settings()
	s.Model = dir
	for version, want := range map[string]struct {
		engine string
		gpus   bool
	}{
		"0.3.3":               {"deepspeed-mii 0.3.3", true},
		"0.3.3+cu130":         {"deepspeed-mii 0.3.3+cu130", true},
		"0.3.3+simulated":     {"sim-engine in deepspeed-mii 0.3.3+simulated", false},
		"0.3.3+git.simulated": {"sim-engine in deepspeed-mii 0.3.3+git.simulated", false},
		"":                    {"deepspeed-mii", true},
	} {
		writeProgram(t, filepath.Join(dir, "python3"), `case "$2" in *version*) echo "`+version+`";; esac`)
		engine, err := fastGen.Engine(s)
		if err != nil || engine != want.engine {
			t.Errorf("%q: engine %q, %v; want %q", version, engine, err, want.engine)
		}
		if needs := fastGen.Needs(s); (len(needs) > 0) != want.gpus {
			t.Errorf("%q: needs %v", version, needs)
		}
	}
}

func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
