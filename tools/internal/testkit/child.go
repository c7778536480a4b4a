package testkit

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Child is a shell command that starts a process, which lasts ten minutes and ignores
// SIGTERM, and a function that fails the test unless the process was started and ends
// within half a minute.
func Child(t *testing.T) (start string, ended func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "held")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	// The process holds the pipe open; the end of it says that none does.
	held, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { held.Close() })
	return "(trap '' TERM; echo started; exec sleep 600) > " + path + " 2>&1 &", func() {
		t.Helper()
		if err := held.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		switch said, err := io.ReadAll(held); {
		case err != nil:
			t.Errorf("the process that was started does not end: %v", err)
		case string(said) != "started\n":
			t.Errorf("no process was started: %q", said)
		}
	}
}
