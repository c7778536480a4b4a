//go:build linux

package launch

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain lets this binary be a guard, and an owner that can be killed.
func TestMain(m *testing.M) {
	if IsGuard(os.Args[1:]) {
		os.Exit(Guard(os.Args[1:]))
	}
	if os.Getenv("LAUNCH_TEST_OWNER") != "" {
		os.Exit(own())
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each guard takes a second to leave
	os.Exit(m.Run())
}

// own is an owner: it starts the server of its arguments and waits for its
// end, or hands it over and leaves.
func own() int {
	s, err := Start(Spec{Args: os.Args[1:], Log: os.DevNull, Grace: grace})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(s.GuardPID)
	if os.Getenv("LAUNCH_TEST_OWNER") == "keep" {
		if err := s.Keep(); err != nil {
			fmt.Println(err)
			return 1
		}
		return 0
	}
	<-s.Exited()
	return 0
}

// grace is short: most servers of these tests do not stop when asked.
const grace = 200 * time.Millisecond

// servers are shell scripts; $up says that the server is there.
var servers = map[string]string{
	"plain":              `$up; exec sleep 600`,
	"with workers":       `sleep 600 & sleep 600 & $up; wait`,
	"ignores TERM":       `trap "" TERM; sleep 600 & $up; while :; do wait; done`,
	"worker daemonised":  `setsid sh -c 'sleep 600 & wait' & $up; sleep 600`,
	"stubborn daemon":    `setsid sh -c 'trap "" TERM; while :; do sleep 600; done' & $up; sleep 600`,
	"head ends, rest go": `(trap "" TERM; sleep 600; sleep 600) & sleep 600 & $up; exec sleep 600`,
}

// marked runs fn's server with a mark in the environment of all its processes,
// by which anything left of it is found.
type marked struct {
	t    *testing.T
	mark string
	fifo string
	word *bufio.Reader
}

func newMarked(t *testing.T) *marked {
	t.Helper()
	m := &marked{t: t, mark: "LAUNCH_TEST_MARK=" + t.TempDir()}
	m.fifo = filepath.Join(t.TempDir(), "words")
	if err := syscall.Mkfifo(m.fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(m.fifo, os.O_RDWR, 0) // a writer of our own: the end of the server's is no end
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	m.word = bufio.NewReader(file)
	return m
}

// spec is a server that runs script.
func (m *marked) spec(script string) Spec {
	args := []string{"sh", "-c", `up="eval echo up >$0"; ` + script, m.fifo}
	return Spec{Args: args, Env: []string{m.mark}, Log: os.DevNull, Grace: grace}
}

// said waits for the server's next word.
func (m *marked) said() string {
	m.t.Helper()
	line, err := m.word.ReadString('\n')
	if err != nil {
		m.t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// start runs script under a guard and waits until it is up.
func (m *marked) start(script string) *Server {
	m.t.Helper()
	s, err := Start(m.spec(script))
	if err != nil {
		m.t.Fatal(err)
	}
	m.said()
	return s
}

// owner is a process that owns a server running script.
func (m *marked) owner(mode, script string) *exec.Cmd {
	owner := exec.Command(os.Args[0], m.spec(script).Args...)
	owner.Env = append(os.Environ(), "LAUNCH_TEST_OWNER="+mode, m.mark)
	return owner
}

// left lists the living processes that carry the mark.
func (m *marked) left() (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is well-formed
	for _, path := range paths {
		env, err := os.ReadFile(path)
		if err == nil && bytes.Contains(append([]byte{0}, env...), []byte("\x00"+m.mark+"\x00")) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// noneLeft waits until no process carries the mark. Twice in a row, since one
// look can miss a child whose parent ends at that moment.
func (m *marked) noneLeft() {
	m.t.Helper()
	for clean := 0; clean < 2; clean++ {
		for _, pid := range m.left() {
			clean = -1
			m.waitEnd(pid)
		}
	}
}

func (m *marked) waitEnd(pid int) {
	m.t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return // it has ended meanwhile
	}
	defer unix.Close(fd)
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(poll, 20_000)
		if err == unix.EINTR {
			continue
		}
		if n == 0 {
			line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			m.t.Fatalf("process %d is left: %s", pid, bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
		}
		return
	}
}
