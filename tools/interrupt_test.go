package tools_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// interruptible is a pipeline that would go on for ever; its rows come out at
// descriptor 3 as well, the statuses of its parts at the end of stdout.
const interruptible = `trap : INT
serve-launch --backend sim-fastgen --speed 20 --quiet |
	loadgen --num-clients 4 --mean-prompt-length 600 --mean-max-new-tokens 30 --num-requests 1000000 --stream --quiet |
	tee /dev/fd/3 | collect --quiet
echo "statuses ${PIPESTATUS[*]}"`

// startPipeline runs the pipeline in a process group of its own, as a shell
// does for a person's, and returns its rows and what it prints.
func startPipeline(t *testing.T) (pipeline *exec.Cmd, rows *bufio.Reader, printed *bytes.Buffer) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	pipeline = exec.Command("bash", "-c", interruptible)
	pipeline.Env = append(os.Environ(), "PATH="+binaries+":"+os.Getenv("PATH"))
	pipeline.ExtraFiles = []*os.File{in}
	pipeline.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	printed = &bytes.Buffer{}
	pipeline.Stdout, pipeline.Stderr = printed, printed
	if err := pipeline.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	rows = bufio.NewReader(out)
	return pipeline, rows, printed
}

func readLines(t *testing.T, rows *bufio.Reader, n int) string {
	t.Helper()
	var text strings.Builder
	for range n {
		line, err := rows.ReadString('\n')
		if err != nil {
			t.Fatalf("the pipeline ended early: %v", err)
		}
		text.WriteString(line)
	}
	return text.String()
}

// Ctrl-C reaches every part of the pipe; it drains downhill and nothing is lost.
func TestInterruptDrainsThePipe(t *testing.T) {
	pipeline, rows, printed := startPipeline(t)
	text := readLines(t, rows, 20)
	if err := syscall.Kill(-pipeline.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(rows); err != nil {
		t.Fatal(err)
	}
	if err := pipeline.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	// tee knows no drain: it dies of the signal, so what came behind it is lost
	// to collect; loadgen's rows up to then are all there.
	if !strings.Contains(printed.String(), "statuses 130 ") {
		t.Errorf("printed\n%s", printed)
	}
	in := csvio.NewReader[record.Request](nil, strings.NewReader(text+rest.String()), func(reason string) { t.Error(reason) })
	seen := map[int]bool{}
	for in.Scan() {
		row := in.Row()
		if seen[row.Request] || row.Status != record.OK && row.Status != record.Cancelled {
			t.Errorf("request %d twice, or with status %s", row.Request, row.Status)
		}
		seen[row.Request] = true
	}
	if err := in.Err(); err != nil {
		t.Error(err)
	}
}
