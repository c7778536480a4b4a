package tools_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal is a person's end of a pseudo-terminal.
type terminal struct {
	t    *testing.T
	file *os.File
	read sync.WaitGroup
	mu   sync.Mutex
	text bytes.Buffer
}

// startInTerminal starts the command with a terminal of its own, as a terminal
// emulator does with a shell.
func startInTerminal(t *testing.T, command *exec.Cmd) *terminal {
	t.Helper()
	file, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals: %v", err)
	}
	number, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(file.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	command.Stdin, command.Stdout, command.Stderr = other, other, other
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, file: file}
	term.read.Go(func() { io.Copy(term, file) }) // until nobody has the other end open
	t.Cleanup(func() {
		term.read.Wait()
		file.Close()
	})
	return term
}

// enter types text, 0x03 for Ctrl-C among it.
func (t *terminal) enter(text string) {
	t.t.Helper()
	if _, err := io.WriteString(t.file, text); err != nil {
		t.t.Fatal(err)
	}
}

// Write keeps what the terminal shows.
func (t *terminal) Write(shown []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(shown)
}

// shown is what the terminal has shown so far.
func (t *terminal) shown() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// processesWith lists the command lines of the processes that have a variable.
func processesWith(t *testing.T, variable string) []string {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil || len(environments) == 0 {
		t.Fatalf("no processes in /proc: %v", err)
	}
	var found []string
	for _, path := range environments {
		environment, _ := os.ReadFile(path) // of others, or of one that has ended: not ours
		if slices.Contains(strings.Split(string(environment), "\x00"), variable) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}
