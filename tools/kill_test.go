package tools_test

import (
	"bufio"
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A load whose client was killed ends, whatever it was doing: the engine serves
// the next one.
func TestAKilledLoadgenLeavesTheEngineToOthers(t *testing.T) {
	t.Parallel()
	serve := exec.Command(filepath.Join(binaries, "serve-launch"), "--backend", "sim-fastgen", "--quiet")
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close(); _ = serve.Wait() }) // the server stays until its reader leaves
	var row bytes.Buffer
	for lines := bufio.NewScanner(out); row.Len() == 0 || strings.Count(row.String(), "\n") < 2; {
		if !lines.Scan() {
			t.Fatalf("serve-launch reported no server: %q", row.String())
		}
		row.WriteString(lines.Text() + "\n")
	}
	for _, rows := range []int{1, 500} { // while it begins, well under way
		killAfter(t, row.String(), rows)
	}
	load := loadgen("16", "--quiet")
	load.Stdin = &row
	got, err := load.Output()
	if n := bytes.Count(got, []byte(",ok\n")); err != nil || n != 16 {
		t.Errorf("%v, %d requests ended well", err, n)
	}
}

// loadgen runs 8 clients with few tokens.
func loadgen(requests string, flags ...string) *exec.Cmd {
	return exec.Command(filepath.Join(binaries, "loadgen"), append([]string{"--num-clients", "8", "--num-requests", requests, "--warmup", "0",
		"--mean-prompt-length", "600", "--mean-max-new-tokens", "60", "--stream"}, flags...)...)
}

// killAfter kills a load that has written so many lines.
func killAfter(t *testing.T, server string, rows int) {
	t.Helper()
	load := loadgen("1000000", "--quiet")
	load.Stdin = strings.NewReader(server)
	out, err := load.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := load.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range rows {
		if !lines.Scan() {
			t.Errorf("loadgen ended by itself: %v", lines.Err())
		}
	}
	_ = load.Process.Kill()
	_ = load.Wait() // it was killed
}
