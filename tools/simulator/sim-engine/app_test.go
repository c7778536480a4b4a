package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/openai"
)

// read reads options as the command line would have them.
func read(args ...string) (o *options, err error) {
	app := &cli.App{Flags: flags(), Writer: io.Discard, ErrWriter: io.Discard, ExitErrHandler: func(*cli.Context, error) {},
		Action: func(c *cli.Context) error { o, err = readOptions(c); return err }}
	if e := app.Run(append([]string{"sim-engine"}, args...)); err == nil {
		err = e
	}
	return o, err
}

// serveApp serves with the given options; stop ends it as an interrupt does.
func serveApp(t testing.TB, args ...string) (url string, stop func() error) {
	t.Helper()
	o, err := read(append([]string{"--port", "0", "--port-file", filepath.Join(t.TempDir(), "port")}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(o, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	port, err := os.ReadFile(o.portFile)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- a.serve(ctx) }()
	return "http://127.0.0.1:" + strings.TrimSpace(string(port)), func() error { cancel(); return <-served }
}

func TestServesEachPolicy(t *testing.T) {
	for _, policy := range []string{"fastgen", "vllm-0.2", "vllm", "pace"} {
		url, stop := serveApp(t, "--policy", policy, "--speed", "200", "--pace-ttft", "1ms", "--tp-size", "2", "--hardware", "A100-80GB")
		r, err := http.Get(url + openai.PathVersion)
		if err != nil {
			t.Fatal(err)
		}
		var version openai.Version
		if err := json.NewDecoder(r.Body).Decode(&version); err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if version.Speed != 200 || !strings.HasSuffix(version.Engine, "-"+policy) || !strings.HasPrefix(version.Engine, openai.SimEngine) || version.TPSize != 2 {
			t.Errorf("%+v", version)
		}
		if want := map[bool]string{true: "none", false: "2xA100-80GB"}[policy == "pace"]; version.Hardware != want {
			t.Errorf("%s on %s", policy, version.Hardware)
		}
		r, err = http.Post(url+openai.PathCompletions, "application/json", strings.NewReader(`{"prompt":"hello","max_tokens":20}`))
		if err != nil {
			t.Fatal(err)
		}
		var answer openai.Completion
		if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || answer.Usage.CompletionTokens != 20 {
			t.Errorf("%s: %+v, %v", policy, answer, err)
		}
		r.Body.Close()
		if err := stop(); err != nil {
			t.Errorf("%s: %v", policy, err)
		}
	}
}

func TestInterruptEndsRunningStreamsAndTheTruthLogIsWhole(t *testing.T) {
	truth := filepath.Join(t.TempDir(), "truth.csv")
	url, stop := serveApp(t, "--policy", "pace", "--pace", "1000", "--pace-ttft", "1ms", "--truth", truth)
	var bodies []*bufio.Reader
	for range 20 {
		r, err := http.Post(url+openai.PathCompletions, "application/json", strings.NewReader(`{"prompt":"x","max_tokens":100000,"stream":true}`))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body := bufio.NewReader(r.Body)
		if _, err := body.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		bodies = append(bodies, body)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	for _, body := range bodies {
		if _, err := io.ReadAll(body); err == nil {
			t.Error("a stream that was cut off ended well")
		}
	}
	text, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if last := lines[len(lines)-1]; last != "" || len(lines) < 20 || strings.Count(lines[len(lines)-2], ",") != 7 {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-2:])
	}
}

func TestUnknownModelsAreReadFromTheirConfig(t *testing.T) {
	dir := t.TempDir()
	config := `{"hidden_size":2048,"num_hidden_layers":16,"num_attention_heads":16,"vocab_size":40000,"max_position_embeddings":8192,"intermediate_size":8192}`
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	o, err := read("--model", dir, "--hardware", "Mine", "--tflops", "50", "--gbps", "500", "--gb", "16")
	if err != nil || o.vocab != 40000 || o.maxModelLen != 8192 || o.hardware != "Mine" || o.model != dir {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err = read("--model", "anything", "--policy", "pace"); err != nil || o.maxModelLen != paceContext {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestLongSequencesAreRefusedBeforeTheyStart(t *testing.T) {
	o, err := read("--model", "llama-2-13b-hf", "--max-model-len", "60000")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.fits(o.kvTokens-10, 10); err != nil {
		t.Error(err)
	}
	if err := o.fits(o.kvTokens-10, 11); err == nil {
		t.Errorf("%d tokens fit into a cache of %d", o.kvTokens+1, o.kvTokens)
	}
}

func TestBadOptionsAreRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--speed 0":           "--speed",
		"--speed NaN":         "--speed",
		"--tp-size 0":         "--tp-size",
		"--num-replicas 0":    "--num-replicas",
		"--port 70000":        "--port",
		"--policy nonsense":   "policy",
		"--model nonsense":    "model",
		"--hardware nonsense": "hardware",
		"--hardware x --tflops 1 --gbps 1 --gb 100 --tp-size 2": "--link-gbps",
		"--gb -1":                            "above 0",
		"--model llama-2-70b-hf":             "does not fit",
		"--policy pace --pace 0":             "--pace",
		"--policy pace --tokens-per-chunk 9": "--tokens-per-chunk",
		"--policy pace --pace-ttft -1s":      "--pace-ttft",
		"--stall -1s":                        "--stall",
		"--fault nonsense":                   "fault",
		"--fault stall --fault-rate 2":       "fault rate",
		"--api-key-file " + empty:            "empty",
		"--api-key-file /nonexistent/key":    "API key",
		"--max-ragged-batch-size -1":         "--max-ragged-batch-size",
		"--max-model-len -1":                 "--max-model-len",
	} {
		if _, err := read(strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
}

func TestPortTaken(t *testing.T) {
	url, stop := serveApp(t, "--policy", "pace")
	var port int
	if _, err := fmt.Sscanf(url, "http://127.0.0.1:%d", &port); err != nil {
		t.Fatal(err)
	}
	truth := filepath.Join(t.TempDir(), "truth")
	o, err := read("--policy", "pace", "--port", fmt.Sprint(port), "--truth", truth)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newApp(o, t.Logf); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(truth); err == nil {
		t.Error("a truth log was begun")
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// Without --speed the server offers lockstep, and an ordinary client is paced
// in real time: no faster than the pace, at least.
func TestOrdinaryClientsAreServedInRealTime(t *testing.T) {
	url, stop := serveApp(t, "--policy", "pace", "--pace", "200", "--pace-ttft", "20ms")
	version := ask[openai.Version](t, http.Get, url+openai.PathVersion)
	if !version.Lockstep || version.Speed != 1 {
		t.Errorf("%+v", version)
	}
	began := time.Now()
	post := func(url string) (*http.Response, error) {
		return http.Post(url, "application/json", strings.NewReader(`{"prompt":"x","max_tokens":5}`))
	}
	answer := ask[openai.Completion](t, post, url+openai.PathCompletions)
	if took := time.Since(began); took < 40*time.Millisecond || answer.Usage.CompletionTokens != 5 {
		t.Errorf("%+v after %v", answer, took)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	if o, err := read("--speed", "1"); err != nil || o.lockstep || o.version().Lockstep {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestLoadsMoveVirtualTime(t *testing.T) {
	for _, policy := range []string{"fastgen", "pace"} {
		url, stop := serveApp(t, "--policy", policy, "--num-replicas", "2")
		step := func(path, body string) openai.LockstepNow {
			post := func(url string) (*http.Response, error) {
				return http.Post(url, "application/json", strings.NewReader(body))
			}
			return ask[openai.LockstepNow](t, post, url+path)
		}
		step(openai.PathLockstepBegin, `{"load":"a"}`)
		if now := step(openai.PathLockstepAdvance, `{"load":"a","until":1e6}`); now.Now != 1e6 {
			t.Errorf("%s: %+v", policy, now)
		}
		step(openai.PathLockstepEnd, `{"load":"a"}`)
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

// ask decodes what comes from an address.
func ask[T any](t *testing.T, get func(string) (*http.Response, error), url string) (answer T) {
	t.Helper()
	r, err := get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || r.StatusCode != 200 {
		t.Fatalf("status %d, %v", r.StatusCode, err)
	}
	return answer
}
