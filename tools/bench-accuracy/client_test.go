package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A peer that hangs may not keep the others from being measured, nor leave a process
// that disturbs them.
func TestAClientThatDoesNotEndIsEndedWithAllItStarted(t *testing.T) {
	dir := t.TempDir()
	program, child := filepath.Join(dir, "hangs"), filepath.Join(dir, "child")
	text := "#!/bin/sh\n(trap '' TERM; exec sleep 600 >/dev/null 2>&1) & echo $! > " + child + "\nwait\n"
	if err := os.WriteFile(program, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	b := &bench{patience: 500 * time.Millisecond}
	hangs := client{name: "hangs", args: func(string, string, point) ([]string, error) { return []string{program}, nil }}
	_, err := b.runClient(t.Context(), hangs, point{tokens: 1, rate: 100}, "", dir)
	if err == nil || !strings.Contains(err.Error(), "did not end within 500ms") {
		t.Errorf("%v", err)
	}
	written, err := os.ReadFile(child)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(written)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for running(pid) {
		if ctx.Err() != nil {
			t.Fatal("what it started still runs")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// running tells a process from none, and from one that has ended and is not yet
// collected by its parent.
func running(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
