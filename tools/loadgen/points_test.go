package main

import (
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/plan"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

func TestFilesAreWrittenOnceAndPendingIsWhatIsLeft(t *testing.T) {
	s := newServer(t, nil)
	dir := t.TempDir()
	sweep := []string{"--url", s.URL, "--model", "org/m", "--num-clients", "1,2", "--num-requests", "4", "--mean-prompt-length", "24", "--stream", "--start-jitter", "0", "--out-dir", dir}
	one := filepath.Join(dir, "org_m-tp1-bs0-replicas1-prompt24-gen60-clients1.csv")
	two := strings.Replace(one, "clients1", "clients2", 1)
	pending := func() string {
		status, stdout, stderr := result(t, loadgen(append(sweep, "--pending")...))
		if status != 0 || stderr != "" {
			t.Errorf("pending: status %d, stderr %q", status, stderr)
		}
		return stdout
	}
	if got := pending(); got != one+"\n"+two+"\n" || s.requests.Load() != 0 {
		t.Errorf("pending at first: %q; %d requests", got, s.requests.Load())
	}
	second := slices.Clone(sweep)
	second[slices.Index(second, "1,2")] = "2"
	before := measureAnd(t, two, second)
	if err := os.WriteFile(one+".part", []byte("truncated"), 0o644); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := result(t, loadgen(sweep...))
	if status != 0 || stdout != "" || pending() != "" {
		t.Errorf("status %d, stdout %q, stderr %s", status, stdout, stderr)
	}
	text, err := os.ReadFile(one)
	if rows := rowsOf(t, string(text)); err != nil || len(rows) != 4 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if text, err := os.ReadFile(two); string(text) != before || err != nil {
		t.Errorf("a point that existed became %q, %v", text, err)
	}
	if !strings.Contains(stderr, "1 of 2 points exist in "+dir) {
		t.Errorf("existing points are not told: %s", stderr)
	}
	if parts, _ := filepath.Glob(dir + "/*.part"); len(parts) > 0 {
		t.Errorf("left over: %q", parts)
	}
	sent := s.requests.Load()
	if status, _, _ := result(t, loadgen(sweep...)); status != 0 || s.requests.Load() != sent {
		t.Errorf("status %d, %d requests for a sweep that is done", status, s.requests.Load()-sent)
	}
	if status, _, _ := result(t, loadgen(append(sweep, "--overwrite")...)); status != 0 {
		t.Errorf("overwriting: status %d", status)
	}
	if text, _ := os.ReadFile(two); len(rowsOf(t, string(text))) != 4 {
		t.Error("--overwrite left a point as it was")
	}
}

// measureAnd runs loadgen and returns what it wrote to a file.
func measureAnd(t *testing.T, file string, args []string) string {
	t.Helper()
	if status, _, stderr := result(t, loadgen(args...)); status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A file of other settings or of another server is not taken for the point.
func TestFilesOfOtherSettingsAreRefused(t *testing.T) {
	s := newServer(t, nil)
	dir := t.TempDir()
	sweep := []string{"--url", s.URL, "--model", "org/m", "--num-clients", "2", "--num-requests", "4", "--mean-prompt-length", "24", "--start-jitter", "0", "--out-dir", dir}
	file := filepath.Join(dir, "org_m-tp1-bs0-replicas1-prompt24-gen60-clients2.csv")
	before := measureAnd(t, file, append(sweep, "--stream"))
	for more, want := range map[string]string{
		"--stream --seed 2":           "another --seed",
		"--stream --num-requests 5":   "it has 4 requests, now there are 5",
		"":                            "its requests were streamed: true, now: false",
		"--stream --backend vllm":     "its backend is openai, now it is vllm",
		"--stream --pending --seed 3": "another --seed",
	} {
		status, stdout, stderr := result(t, loadgen(append(slices.Clone(sweep), strings.Fields(more)...)...))
		if status != 1 || stdout != "" || !strings.Contains(stderr, want) || !strings.Contains(stderr, "--overwrite") {
			t.Errorf("%q: status %d, stdout %q, stderr %q; want %q", more, status, stdout, stderr, want)
		}
	}
	if text, err := os.ReadFile(file); string(text) != before || err != nil {
		t.Error("the file was touched")
	}
}

func TestPendingNamesTheFilesOfServeLaunchsRow(t *testing.T) {
	s := newServer(t, nil)
	dir := t.TempDir()
	sweep := []string{"--num-clients", "1", "--num-requests", "2", "--mean-prompt-length", "24", "--mean-max-new-tokens", "6", "--stream", "--out-dir", dir}
	cmd := loadgen(sweep...)
	cmd.Stdin = strings.NewReader(s.row(t))
	if status, _, stderr := result(t, cmd); status != 0 {
		t.Fatal(stderr)
	}
	_, left, _ := result(t, loadgen(append(sweep, "--pending", "--backend", "sim-vllm", "--model", "a/model", "--tp-size", "2", "--max-ragged-batch-size", "768")...))
	if left != "" {
		files, _ := filepath.Glob(dir + "/*")
		t.Errorf("left: %s, there: %q", left, files)
	}
}

func TestSweepsAreTheOriginals(t *testing.T) {
	o := options{repeat: 1, draws: plan.Draws{Turns: 1}}
	points, err := o.points(record.ServerKey{Model: "microsoft/phi-2"})
	if err != nil || len(points) != 2*2*11 {
		t.Fatalf("%d points, %v", len(points), err)
	}
	first, last := points[0], points[len(points)-1]
	if first.key.MeanPromptLength != 1200 || first.key.MeanMaxNewTokens != 60 || first.requests != 36 || first.draws.Lengths.MaxPrompt != 2000 {
		t.Errorf("first %+v", first)
	}
	if last.key.MeanPromptLength != 1900 || last.key.MeanMaxNewTokens != 128 || last.requests != 160 || last.key.NumClients != 32 {
		t.Errorf("last %+v", last)
	}
}

func TestATraceIsReadAndSorted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(file, []byte("note,due_s,max_new_tokens,prompt_tokens\nx,2.5,10,100\ny,0,20,300\nz,1,30,200\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	schedule, err := plan.Open(file, plan.Options{Timed: true, Scale: 1, Until: math.Inf(1), BlockSize: 512})
	if err != nil {
		t.Fatal(err)
	}
	defer schedule.Close()
	o := options{repeat: 1, schedule: schedule}
	points, err := o.points(record.ServerKey{})
	if err != nil || len(points) != 1 {
		t.Fatal(points, err)
	}
	p := points[0]
	if p.key.MeanPromptLength != 200 || p.key.MeanMaxNewTokens != 20 || p.key.RateRPS != 0.8 || p.key.Workload != "trace.csv" || p.requests != 3 || !p.open {
		t.Errorf("%+v", p)
	}
	jobs, failure := p.plan()
	for i, want := range []load.Job{{Due: 0, Size: prompt.Size{Prompt: 300, New: 20}}, {Due: 1, Size: prompt.Size{Prompt: 200, New: 30}}, {Due: 2.5, Size: prompt.Size{Prompt: 100, New: 10}}} {
		if job, ok := jobs.Next(); !ok || job.Request != i || job.Due != want.Due || job.Size != want.Size {
			t.Errorf("request %d: %+v, want %+v", i, job, want)
		}
	}
	if _, ok := jobs.Next(); ok || failure() != nil {
		t.Errorf("it has no end, or %v", failure())
	}
}

// stuck is an output that nobody reads for a while.
type stuck struct {
	release chan struct{}
	written int
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.release
	s.written += strings.Count(string(p), "\n")
	return len(p), nil
}

func TestASlowReaderKeepsNoClientWaiting(t *testing.T) {
	out := &stuck{release: make(chan struct{})}
	seen := 0
	s := newSink(csvio.NewWriter[record.Request](out), func(record.Request) { seen++ }, func(err error) { t.Error(err) })
	for range 5000 {
		s.put(record.Request{})
	}
	close(out.release)
	if err := s.close(); err != nil || seen != 5000 || out.written != 5001 {
		t.Errorf("%d rows written, %d seen, %v", out.written, seen, err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestALostOutputIsToldOnce(t *testing.T) {
	told := 0
	s := newSink(csvio.NewWriter[record.Request](broken{}), func(record.Request) { t.Error("a row was seen") }, func(error) { told++ })
	for range 10 {
		s.put(record.Request{})
	}
	if err := s.close(); !errors.Is(err, io.ErrShortWrite) || told != 1 {
		t.Errorf("%v, told %d times", err, told)
	}
}
