package tools_test

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// interruptible is the pipeline as a person types it, with a load that would go
// on for ever. The server logs at TRUTH what it sent.
const interruptible = `serve-launch --backend sim-fastgen --speed 20 --truth "$TRUTH" --quiet | loadgen --num-clients 4 --mean-prompt-length 600 --mean-max-new-tokens 30 --warmup 0 --num-requests 1000000 --stream --quiet | collect --quiet > summary.csv
`

// Ctrl-C in a terminal reaches every part of the pipe at once, and the pipe drains
// downhill: loadgen's last rows reach collect, whose summary has every request that the
// server got. Nothing is left.
func TestInterruptDrainsThePipe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := filepath.Join(dir, "truth")
	if err := syscall.Mkfifo(log, 0o600); err != nil {
		t.Fatal(err)
	}
	shell := exec.Command("bash", "--norc", "--noprofile", "-i")
	shell.Dir = dir
	shell.Env = append(os.Environ(), "PATH="+binaries+":"+os.Getenv("PATH"), "TRUTH="+log, "TMPDIR="+dir, "HISTFILE=", "TERM=dumb")
	catchInterrupts(t)
	terminal := startInTerminal(t, shell)
	ended := make(chan error, 1)
	go func() {
		ended <- shell.Wait()
		if file, err := os.OpenFile(log, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			file.Close() // whoever still waits for a server to open the log waits no longer
		}
	}()
	terminal.enter(interruptible)
	sent := interruptUnderLoad(t, log, func() {
		if running := processesWith(t, "TRUTH="+log); len(running) < 5 { // the shell, the pipe's three and the engine
			t.Errorf("running: %q", running)
		}
		terminal.enter("\x03")
	})
	terminal.enter("echo ${PIPESTATUS[*]} > statuses; exit\n")
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, terminal.shown())
	}
	if statuses, err := os.ReadFile(filepath.Join(dir, "statuses")); string(statuses) != "130 130 130\n" {
		t.Errorf("statuses %q, %v\n%s", statuses, err, terminal.shown())
	}
	checkInterrupted(t, filepath.Join(dir, "summary.csv"), sent)
	if left := processesWith(t, "TRUTH="+log); len(left) > 0 {
		t.Errorf("still running: %q", left)
	}
}

// checkInterrupted compares the summary's one row with the requests that the server got.
func checkInterrupted(t *testing.T, summary string, sent map[string]bool) {
	t.Helper()
	in := csvio.NewReader[record.Summary]([]string{summary}, nil, func(reason string) { t.Error(reason) })
	if !in.Scan() {
		t.Fatalf("collect wrote no summary: %v", in.Err())
	}
	row, want := in.Row(), 0
	for id := range sent {
		if strings.HasPrefix(id, string(row.Run)+"-") { // not what loadgen asks before the load
			want++
		}
	}
	if row.Requests != want || row.OK != want || want == 0 {
		t.Errorf("the summary has %d requests, %d of them ok; the server got %d", row.Requests, row.OK, want)
	}
	if in.Scan() {
		t.Errorf("a second point: %+v", in.Row())
	}
}

// interruptUnderLoad reads the server's log to its end and returns the ids of
// all its requests. As soon as tokens flow it interrupts.
func interruptUnderLoad(t *testing.T, log string, interrupt func()) map[string]bool {
	t.Helper()
	file, err := os.Open(log) // waits until the server opens it
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ids := make(map[string]bool)
	lines := bufio.NewScanner(file)
	for n := 0; lines.Scan(); n++ {
		if n == 100 {
			interrupt()
		}
		id, _, _ := strings.Cut(lines.Text(), ",")
		ids[id] = true
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// catchInterrupts keeps processes that the test starts from ignoring SIGINT,
// as they do where the test itself was started in a script's background.
func catchInterrupts(t *testing.T) {
	t.Helper()
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT)
	t.Cleanup(func() { signal.Stop(caught) })
}
