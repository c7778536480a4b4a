package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, tool) }

func loadgen(args ...string) *exec.Cmd {
	cmd := testkit.Command(args...)
	cmd.Env = append(cmd.Env, "OPENAI_API_KEY=")
	return cmd
}

// result runs the command to its end.
func result(t *testing.T, cmd *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &err
	if failure := cmd.Run(); failure != nil && cmd.ProcessState == nil {
		t.Fatal(failure)
	}
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

// server is a small vLLM. before is asked about each request that counts; when
// it returns an HTTP status, that is the answer.
type server struct {
	*httptest.Server
	before   func(id string) int
	requests atomic.Int64
	mu       sync.Mutex
	keys     map[string]bool
}

func newServer(t *testing.T, before func(id string) int) *server {
	s := &server{before: before, keys: map[string]bool{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.keys[r.Header.Get("Authorization")] = true
	s.mu.Unlock()
	if r.URL.Path != "/v1/completions" {
		http.NotFound(w, r)
		return
	}
	s.requests.Add(1)
	if id := r.Header.Get("X-Request-Id"); s.before != nil && strings.Count(id, "-") == 4 {
		if status := s.before(id); status != 0 {
			http.Error(w, `{"error":{"message":"no luck with `+r.Header.Get("Authorization")+`"}}`, status)
			return
		}
	}
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/event-stream")
	for i := range 6 {
		reason := "null"
		if i == 5 {
			reason = `"length"`
		}
		fmt.Fprintf(w, "data: {\"choices\":[{\"text\":\"x\",\"finish_reason\":%s}],\"usage\":{\"prompt_tokens\":24,\"completion_tokens\":%d}}\n\n", reason, i+1)
		w.(http.Flusher).Flush()
	}
	io.WriteString(w, "data: [DONE]\n\n")
}

// row is the server's row as serve-launch writes it.
func (s *server) row(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	err := csvio.NewWriter[record.Server](&out).Write(record.Server{
		ServerKey: record.ServerKey{Run: "r1", Backend: "sim-vllm", Engine: "sim-engine test", Speed: 10, Model: "a/model", TPSize: 2, NumReplicas: 1, MaxRaggedBatchSize: 768},
		URL:       record.Text(s.URL), Status: record.Ready})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func rowsOf(t *testing.T, text string) (rows []record.Request) {
	t.Helper()
	r := csvio.NewReader[record.Request](nil, strings.NewReader(text), func(reason string) { t.Error(reason) })
	for r.Scan() {
		rows = append(rows, r.Row())
	}
	if r.Err() != nil {
		t.Error(r.Err())
	}
	return rows
}

func TestUsageErrorsSayWhatIsWrongAndWriteNothing(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(trace, []byte("due_s,prompt_tokens\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--num-clients 0":                       "--num-clients 0 is below 1",
		"--num-clients 1,x":                     `"x" is not a number`,
		"--num-requests 0":                      `--num-requests "0" is not a number above 0`,
		"--mean-prompt-length -5":               "--mean-prompt-length -5 is below 1",
		"--rate 0":                              "--rate must be above 0",
		"--rate 1 --num-clients 2":              "--num-clients (a closed loop)",
		"--schedule x --num-requests 3":         "--schedule determines what is sent and excludes --num-requests",
		"--schedule x --turns 3":                "excludes --turns",
		"--schedule x --rate 1 --from 3":        "--from and --until select times",
		"--schedule x --time-scale 0":           "--time-scale must be above 0",
		"--schedule x --block-size 0":           "--block-size must be at least 1",
		"--schedule x --from 5 --until 5":       "--until above it",
		"--until 5":                             "--until needs --schedule",
		"--max-concurrency 5":                   "--max-concurrency limits an open loop",
		"--rate 1 --max-concurrency -5":         "--max-concurrency must be at least 1",
		"--stages 5":                            "neither RATE:SECONDS nor FROM-TO:SECONDS",
		"--stages 5:0":                          "a stage must last longer than 0 s",
		"--stages 0:5":                          "less than one request",
		"--stages 5:5 --rate 2":                 "--stages sets the rate",
		"--stages 5:5 --num-requests 2":         "excludes --ramp-up and --num-requests",
		"--turns 0":                             "--turns must be at least 1",
		"--think-time 1":                        "--think-time needs --turns",
		"--prefix-length 4 --prefix-share 0.5":  "exclude each other",
		"--num-prefixes 4":                      "need --prefix-length or --prefix-share",
		"--prefix-length 4 --prefix-law x":      "--prefix-law x is neither even nor zipf",
		"--length-law x":                        "--length-law x is not one of",
		"--burstiness 0":                        "--burstiness must be above 0",
		"--timeout 0s":                          "--timeout must be above 0",
		"--prompts words":                       "--prompts words is not one of auto, ids, text",
		"--chat --prompts ids":                  "--chat takes text",
		"--pending":                             "--pending needs --out-dir",
		"--model m":                             "--model needs --url or --pending",
		"--url ftp://x --model m":               "must begin with http://",
		"--repeat 0":                            "--repeat must be at least 1",
		"--repeat 1.5":                          "for flag -repeat",
		"--early-stop-latency -1":               "--early-stop-latency at least 0",
		"--early-stop-latency NaN":              "--early-stop-latency at least 0",
		"operand":                               "unexpected operand",
		"--url http://x --prompt-length-var -1": "--prompt-length-var",
	} {
		status, stdout, stderr := result(t, testkit.Plain(strings.Fields(args)...))
		if status != 2 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want %q", args, status, stdout, stderr, want)
		}
	}
	for args, want := range map[string]string{
		"--url http://x --schedule " + trace: "column max_new_tokens is missing",
		"--url http://x --schedule /none":    "no such file",
		"--api-key-file /none":               "the API key: open /none",
	} {
		if status, stdout, stderr := result(t, loadgen(strings.Fields(args)...)); status != 1 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want %q", args, status, stdout, stderr, want)
		}
	}
}

func TestInputThatIsNoServerRow(t *testing.T) {
	s := newServer(t, nil)
	for input, want := range map[string]string{
		"":                         "no server row on standard input",
		"a,b\n1,2\n":               "no header of server rows of serve-launch",
		s.row(t)[:len(s.row(t))-3]: "no server row on standard input",
	} {
		cmd := loadgen("--num-clients", "1")
		cmd.Stdin = strings.NewReader(input)
		if status, stdout, stderr := result(t, cmd); status != 1 || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%q: status %d, stdout %q, stderr %q; want %q", input, status, stdout, stderr, want)
		}
	}
}

// The row is enough: the writer keeps its end open, and loadgen does not wait
// for it to close.
func TestRowsOfASweepFromAServerRow(t *testing.T) {
	s := newServer(t, nil)
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	if _, err := io.WriteString(out, s.row(t)); err != nil {
		t.Fatal(err)
	}
	cmd := loadgen("--num-clients", "1,3", "--num-requests", "5", "--mean-prompt-length", "24", "--prompt-length-var", "0",
		"--mean-max-new-tokens", "6", "--max-new-tokens-var", "0", "--stream", "--start-jitter", "0")
	cmd.Stdin = in
	status, stdout, stderr := result(t, cmd)
	rows := rowsOf(t, stdout)
	if status != 0 || len(rows) != 10 || strings.Count(stderr, "query latency") != 2 {
		t.Fatalf("status %d, %d rows, stderr %s", status, len(rows), stderr)
	}
	for _, row := range rows {
		if row.Run != "r1" || row.Speed != 10 || row.TPSize != 2 || row.Status != record.OK || row.GeneratedTokens.Int() != 6 || row.PromptTokens.Int() != 24 || len(row.ChunkS) != 6 || row.MaxNewTokens.Int() != 6 {
			t.Errorf("%+v", row)
		}
	}
}

func TestOpenLoopRowsSayWhenTheyWereDue(t *testing.T) {
	s := newServer(t, nil)
	status, stdout, stderr := result(t, loadgen("--url", s.URL, "--model", "m", "--rate", "200", "--burstiness", "inf", "--num-requests", "21",
		"--mean-prompt-length", "24", "--mean-max-new-tokens", "6", "--stream", "--run", "mine"))
	rows := rowsOf(t, stdout)
	if status != 0 || len(rows) != 21 {
		t.Fatalf("status %d, %d rows: %s", status, len(rows), stderr)
	}
	for _, row := range rows {
		if row.RateRPS != 200 || row.NumClients != 0 || row.DueS.Float() != row.Request.Float()/200 || row.StartS.Float() < row.DueS.Float() || row.Run != "mine" {
			t.Errorf("%+v", row)
		}
	}
}

func TestFailuresAreRowsAndStatuses(t *testing.T) {
	for _, c := range []struct {
		before  func(id string) int
		status  int
		rows    int
		message string
	}{
		{func(id string) int { return map[bool]int{true: 500}[strings.HasSuffix(id, "-3")] }, 3, 5, "1 requests failed"},
		{func(string) int { return 503 }, 1, 5, "all 5 requests of the point failed: HTTP 503 Service Unavailable: no luck with Bearer ***"},
	} {
		s := newServer(t, c.before)
		cmd := loadgen("--url", s.URL, "--model", "m", "--num-clients", "2", "--num-requests", "5", "--stream", "--start-jitter", "0", "--warmup", "0")
		cmd.Env = append(cmd.Env, "OPENAI_API_KEY=sk-secret")
		status, stdout, stderr := result(t, cmd)
		if rows := rowsOf(t, stdout); status != c.status || len(rows) != c.rows || !strings.Contains(stderr, c.message) {
			t.Errorf("status %d, %d rows, stderr %s; want %d, %d, %q", status, len(rows), stderr, c.status, c.rows, c.message)
		}
		if strings.Contains(stdout+stderr, "sk-secret") || !s.keys["Bearer sk-secret"] {
			t.Errorf("the key went astray:\n%s%s", stdout, stderr)
		}
	}
}

// A header field may hold a comma, and reaches the server as given.
func TestHeaderFieldsReachTheServer(t *testing.T) {
	s := newServer(t, nil)
	status, _, stderr := result(t, loadgen("--url", s.URL, "--model", "m", "--num-clients", "1", "--num-requests", "1", "--stream",
		"--header", "Authorization: Basic a, b", "--header", "X-Other:c"))
	if status != 0 || !s.keys["Basic a, b"] || len(s.keys) != 1 {
		t.Errorf("status %d, keys %v: %s", status, s.keys, stderr)
	}
}

func TestAServerThatIsNotThere(t *testing.T) {
	s := newServer(t, nil)
	s.Close()
	status, stdout, stderr := result(t, loadgen("--url", s.URL, "--model", "m", "--num-clients", "1"))
	if status != 1 || stdout != "" || stderr != "loadgen: a first request: connecting: connection refused\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	defer full.Close()
	s := newServer(t, nil)
	cmd := loadgen("--url", s.URL, "--model", "m", "--num-clients", "1", "--stream")
	cmd.Stdout = full
	if status, _, stderr := result(t, cmd); status != 1 || !strings.Contains(stderr, "no space left on device") {
		t.Errorf("full: status %d, stderr %q", status, stderr)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := result(t, loadgen("--url", s.URL, "--model", "m", "--num-clients", "1", "--out-dir", blocked))
	if status != 1 || stdout != "" || !strings.Contains(stderr, "not a directory") || s.requests.Load() > 100 {
		t.Errorf("no folder: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// A reader that leaves ends the measurement at once, and is not a failure.
func TestReaderLeaves(t *testing.T) {
	s := newServer(t, nil)
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := loadgen("--url", s.URL, "--model", "m", "--num-clients", "2", "--num-requests", "100000", "--stream")
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	if _, err := io.ReadFull(in, make([]byte, 600)); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// An interrupt lets what is in flight end and writes it; status 130.
func TestInterrupt(t *testing.T) {
	started, release := make(chan struct{}, 100), make(chan struct{})
	s := newServer(t, func(string) int { started <- struct{}{}; <-release; return 0 })
	dir := t.TempDir()
	cmd := loadgen("--url", s.URL, "--model", "m", "--num-clients", "2", "--num-requests", "9", "--mean-prompt-length", "24",
		"--stream", "--warmup", "0", "--start-jitter", "0", "--out-dir", dir)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-started
	<-started
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	close(release)
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 {
		t.Errorf("status %d", status)
	}
	if !strings.Contains(stderr.String(), "; incomplete: the load ended early, after ") {
		t.Errorf("stderr %s", &stderr)
	}
	parts, _ := filepath.Glob(dir + "/*")
	if len(parts) != 1 || !strings.HasSuffix(parts[0], "clients2.csv.part") {
		t.Fatalf("files %q", parts)
	}
	text, err := os.ReadFile(parts[0])
	if rows := rowsOf(t, string(text)); err != nil || len(rows) < 2 || len(rows) > 9 || rows[0].Status != record.OK {
		t.Errorf("%d rows: %s", len(rows), text)
	}
}
