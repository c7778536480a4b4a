package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/launch"
	"fastgenbench/tools/internal/record"
)

// note is what is remembered of a lasting server.
type note struct {
	Guard launch.Process
	// Grace is how long the guard lets the server take to stop.
	Grace  time.Duration
	Log    string
	OwnLog bool // the log was nobody's wish
	Row    record.Server
}

// lockedNote is the note about the server of one name, locked against other
// calls about the same name; a lock ends with its holder.
type lockedNote struct {
	name, path string
	lock       *os.File
}

// notesDir is the folder of this user's notes. It may lie in one that others
// can write to, so it must be ours alone.
func notesDir() (string, error) {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("user-%d", os.Getuid()))
	}
	for _, dir := range []string{dir, filepath.Join(dir, "serve-launch")} {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("the folder of running servers: %w", err)
		}
	}
	dir = filepath.Join(dir, "serve-launch")
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("the folder of running servers: %w", err)
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || info.Mode().Perm()&0o077 != 0 || ok && int(owner.Uid) != os.Getuid() {
		return "", cmdline.WithHint(fmt.Errorf("the folder of running servers: %s is accessible to others", dir), "set XDG_RUNTIME_DIR to a folder that is")
	}
	return dir, nil
}

// openNote opens the note about name, which need not exist.
func openNote(name string) (*lockedNote, error) {
	if name == "" || name[0] == '.' || filepath.Base(name) != name {
		return nil, cmdline.Usagef("--name %q is not a plain name", name)
	}
	dir, err := notesDir()
	if err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the record of %s: %w", name, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("another serve-launch is busy with %s", name)
	}
	return &lockedNote{name, filepath.Join(dir, name+".json"), lock}, nil
}

// close gives the lock up.
func (b *lockedNote) close() { b.lock.Close() }

// running is the note about the server of this name, nil when none runs. What
// a guard that was killed has left behind is killed here.
func (b *lockedNote) running(std *cmdline.Std) (*note, error) {
	n, err := readNote(b.path)
	if err != nil || n == nil || n.Guard.Alive() {
		return n, err
	}
	if left := n.Guard.Orphans(); len(left) > 0 {
		std.Warnf("the guard of %s was killed; killing the %d processes that it left", b.name, len(left))
		n.Guard.KillOrphans()
	}
	return nil, b.forget(n)
}

// write remembers n, whole or not at all.
func (b *lockedNote) write(n note) error {
	text, err := json.Marshal(n)
	if err == nil {
		err = os.WriteFile(b.path+".part", text, 0o600)
	}
	if err == nil {
		err = os.Rename(b.path+".part", b.path)
	}
	if err != nil {
		return fmt.Errorf("the record of %s: %w", b.name, err)
	}
	return nil
}

// forget removes the note, and the log that nobody asked for.
func (b *lockedNote) forget(n *note) error {
	if n.OwnLog {
		_ = os.Remove(n.Log) // a temporary file left behind is not a failure
	}
	return os.Remove(b.path)
}

// readNote reads a note, nil when there is none.
func readNote(path string) (*note, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var n note
	if err := json.Unmarshal(text, &n); err != nil {
		return nil, cmdline.WithHint(fmt.Errorf("%s: %w", path, err), "remove it if no such server runs")
	}
	return &n, nil
}
