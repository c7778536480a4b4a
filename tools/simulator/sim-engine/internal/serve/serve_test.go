package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
	"fastgenbench/tools/simulator/sim-engine/internal/truth"
	"fastgenbench/tools/simulator/sim-engine/internal/vocab"
)

// fast is a pace that keeps tests short.
var fast = drive.Pace{Rate: 5000, Chunk: 1}

// testServer is a server on a real loopback port.
type testServer struct {
	*Server
	URL  string
	logs *bytes.Buffer // the truth log, whole after stop
	stop func()
}

func start(t testing.TB, pace drive.Pace, change func(*Config)) *testServer {
	t.Helper()
	v, err := vocab.New(32000)
	if err != nil {
		t.Fatal(err)
	}
	clock, m := drive.NewClock(time.Now(), 1), meter.New("sim/model", 1)
	driver, err := drive.NewPaced(clock, m, drive.Stall{}, pace)
	if err != nil {
		t.Fatal(err)
	}
	ts := &testServer{logs: &bytes.Buffer{}}
	config := Config{
		Model: "sim/model", MaxModelLen: 4096, Vocab: v, Clock: clock, Driver: driver, Meter: m,
		Version: openai.Version{Version: "1", Speed: 1, Engine: "sim-engine/pace", Hardware: "none"},
		Truth:   truth.New(ts.logs), Started: 1700000000, Warn: t.Logf,
	}
	if change != nil {
		change(&config)
	}
	ts.Server = New(config)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = driver.Run(ctx) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := ts.HTTP()
	running.Go(func() { _ = h.Serve(listener) })
	ts.URL = "http://" + listener.Addr().String()
	ts.stop = sync.OnceFunc(func() {
		_ = h.Close()
		cancel()
		running.Wait()
		if err := config.Truth.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(ts.stop)
	return ts
}

// post sends a body and returns the status and the answer's body.
func (ts *testServer) post(t testing.TB, path, body string) (int, string) {
	t.Helper()
	r, err := http.Post(ts.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(answer)
}

// events reads a stream into the data of its events; err is how it ended.
func events(body io.Reader) (data []string, err error) {
	lines := bufio.NewReader(body)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return data, nil
		}
		if err != nil {
			return data, err
		}
		if text, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "data: "); ok {
			data = append(data, text)
		}
	}
}

// stream posts a body and decodes the completion chunks of the answer, but for
// the end mark, which must be there.
func (ts *testServer) stream(t testing.TB, path, body string) []openai.CompletionChunk {
	t.Helper()
	r, err := http.Post(ts.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if got := r.Header.Get("Content-Type"); r.StatusCode != 200 || got != "text/event-stream; charset=utf-8" {
		t.Fatalf("status %d, content type %s", r.StatusCode, got)
	}
	data, err := events(r.Body)
	if err != nil || len(data) == 0 || data[len(data)-1] != openai.Done {
		t.Fatalf("stream %q ended with %v", data, err)
	}
	var chunks []openai.CompletionChunk
	for _, text := range data[:len(data)-1] {
		var chunk openai.CompletionChunk
		if err := json.Unmarshal([]byte(text), &chunk); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		chunks = append(chunks, chunk)
	}
	return chunks
}
