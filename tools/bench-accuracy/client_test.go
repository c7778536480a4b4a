package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/testkit"
)

// A peer that hangs may not keep the others from being measured, nor leave a process
// that disturbs them.
func TestAClientThatDoesNotEndIsEndedWithAllItStarted(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "hangs")
	start, ended := testkit.Child(t)
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+start+"\nwait\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	b := &bench{patience: time.Second}
	hangs := client{name: "hangs", args: func(string, string, point) ([]string, error) { return []string{program}, nil }}
	_, err := b.runClient(t.Context(), hangs, point{tokens: 1, rate: 100}, "", dir)
	if err == nil || !strings.Contains(err.Error(), "did not end within 1s") {
		t.Errorf("%v", err)
	}
	ended()
}
