package backend

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/testkit"
)

func TestAsk(t *testing.T) {
	if said, err := ask(askLimit, "/bin/sh", "-c", "echo 3.1"); said != "3.1\n" || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	var exit *exec.ExitError
	if _, err := ask(askLimit, "/bin/sh", "-c", "exit 1"); !errors.As(err, &exit) {
		t.Errorf("status 1: %v", err)
	}
	start, ended := testkit.Child(t)
	if _, err := ask(time.Second, "/bin/sh", "-c", start+" wait"); err == nil || !strings.Contains(err.Error(), "did not answer within 1s") {
		t.Errorf("a program that does not end: %v", err)
	}
	ended()
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
