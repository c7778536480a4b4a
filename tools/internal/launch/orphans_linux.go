package launch

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// adoptOrphans makes this process the parent of every descendant whose own
// parent ends, so that none can slip away.
func adoptOrphans() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// ownGroup gives the server a process group, and death should the guard die.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killOrphans kills this process's children until there are none: each that
// dies may leave its own to us.
func killOrphans() {
	for {
		for _, pid := range children() {
			_ = syscall.Kill(pid, syscall.SIGKILL) // dead already is as good
		}
		if _, err := syscall.Wait4(-1, nil, 0, nil); err == syscall.ECHILD {
			return
		}
	}
}

// children lists this process's own children.
func children() []int {
	own := []byte(strconv.Itoa(os.Getpid()))
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well-formed
	var pids []int
	for _, path := range stats {
		stat, _ := os.ReadFile(path) // a process may have ended meanwhile
		// pid (name) state ppid ...; a name may hold anything, even parentheses
		words := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(words) > 1 && bytes.Equal(words[1], own) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
