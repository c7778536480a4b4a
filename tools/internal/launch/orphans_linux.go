package launch

import (
	"bytes"
	"math"
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

// shedInherited runs this program anew with no files but 0 to 3. What a shell
// handed down, such as the far end of somebody's pipe, must not be held open
// for as long as the server lives. A kernel too old for it changes nothing.
func shedInherited(args []string) {
	self, err := os.Executable()
	if err != nil || unix.CloseRange(4, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) != nil {
		return
	}
	_ = syscall.Exec(self, append([]string{guardName, bareGuard}, args[1:]...), os.Environ())
}

// nameProcess sets the name that ps and pkill see.
func nameProcess(name string) {
	_ = os.WriteFile("/proc/self/comm", []byte(name), 0) // a nicety
}

// stat is what is needed of /proc/PID/stat.
type stat struct {
	state                  byte
	parent, group, session int
	started                string // in the kernel's ticks since boot
}

// readStat reads a process's state; false when there is no such process.
func readStat(pid int) (stat, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, false
	}
	return parseStat(text)
}

// parseStat takes "pid (name) state ppid pgrp session ...", where a name may
// hold anything, parentheses and line ends too.
func parseStat(text []byte) (s stat, ok bool) {
	words := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(words) < 20 || len(words[0]) != 1 {
		return s, false
	}
	s.state, s.started = words[0][0], string(words[19])
	for i, to := range []*int{&s.parent, &s.group, &s.session} {
		n, err := strconv.Atoi(string(words[i+1]))
		if err != nil {
			return s, false
		}
		*to = n
	}
	return s, true
}

// processes lists the ids of the processes that fit.
func processes(fits func(stat) bool) []int {
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well-formed
	var pids []int
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if s, ok := readStat(pid); ok && fits(s) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// children lists this process's own children.
func children() []int {
	own := os.Getpid()
	return processes(func(s stat) bool { return s.parent == own })
}

// inSession lists the living processes of a session.
func inSession(id int) []int {
	return processes(func(s stat) bool { return s.session == id && s.state != 'Z' })
}

// born tells when a process started, such that no other process with its
// number ever says the same; "" when it has ended.
func born(pid int) string {
	s, ok := readStat(pid)
	if !ok || s.state == 'Z' {
		return ""
	}
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // ticks begin anew with each boot
	return string(bytes.TrimSpace(boot)) + "/" + s.started
}
