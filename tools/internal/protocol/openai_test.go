package protocol

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// What the engines send is counted as they count it, whatever the count is by.
func TestRecordedAnswersOfEnginesAreCountedExactly(t *testing.T) {
	for _, c := range []struct {
		name              string
		by                counting
		chunks            string // tokens of each chunk
		prompt, generated record.Count
		err               string
	}{
		{"vllm-stream-return-token-ids", byUsage, "1 1 1 1 1 1", 6, 6, ""},
		{"vllm-stream-return-token-ids", byIDs, "1 1 1 1 1 1", 6, 6, ""},
		{"vllm-stream-ids", byChunk, "1 1 1 1 1 1", 6, 6, ""},
		{"vllm-stream-no-usage", byChunk, "1 1 1", record.NoCount, 3, ""},
		{"vllm-chat-stream", byChunk, "1 1 1 1", 17, 4, ""},
		{"vllm-error-bad-id", byUsage, "", record.NoCount, 0, "the server reports Token id 99999 is out of vocabulary"},
		{"vllm-error-context", byUsage, "", record.NoCount, 0, "HTTP 400 Bad Request: max_tokens=3000 cannot be greater"},
		{"llamacpp-stream-timings", byTimings, "1 1 1", 5, 3, ""},
		{"llamacpp-stream-utf8", byTimings, "3 1 1 1 1 2 2 2 2 2 2 2 2 1", 51, 24, ""},
		{"llamacpp-stream-eos", byChunk, "1 1 1 1 1 1 1 1 1 1 1 1 1", 12, 13, ""},
		{"llamacpp-stream-no-usage", byChunk, "1 1 1 1", 5, 4, ""},
		{"llamacpp-chat-stream", byChunk, "1 1 1 1", 33, 4, ""},
		{"llamacpp-raw-http", byChunk, "1 1 1", 5, 3, ""},
		{"llamacpp-sigterm-midstream", byChunk, "*", record.NoCount, -2, "without a finish reason after"},
		{"llamacpp-error-401", byChunk, "", record.NoCount, 0, "HTTP 401 Unauthorized: Invalid API Key"},
	} {
		answer := recorded(t, c.name)
		p := protocolFor(t, serve(t, func(got call) bool { got.conn.Write(answer); return false }), nil)
		p.can.by = c.by
		client := p.client()
		_, row := client.Generate(background(t), ask(64))
		client.Close()
		sizes := ""
		for _, chunk := range row.ChunkS {
			sizes += fmt.Sprint(" ", chunk.Tokens)
		}
		if sizes = strings.TrimSpace(sizes); sizes != c.chunks && c.chunks != "*" {
			t.Errorf("%s by %v: chunks of %s, want %s", c.name, c.by, sizes, c.chunks)
		}
		if row.PromptTokens != c.prompt || row.GeneratedTokens != c.generated && c.generated >= 0 {
			t.Errorf("%s by %v: %d prompt and %d generated tokens, want %d and %d", c.name, c.by, row.PromptTokens, row.GeneratedTokens, c.prompt, c.generated)
		}
		if (c.err == "") != (row.Status == record.OK) || !strings.Contains(string(row.Error), c.err) {
			t.Errorf("%s by %v: %s, %q, want %q", c.name, c.by, row.Status, row.Error, c.err)
		}
	}
}

func TestAnswersThatAreNotStreamed(t *testing.T) {
	for _, name := range []string{"vllm-json", "llamacpp-json"} {
		answer := recorded(t, name)
		p := protocolFor(t, serve(t, func(c call) bool { c.conn.Write(answer); return false }), func(o *Options) { o.Stream = false })
		_, row := p.Client().Generate(background(t), ask(8))
		if row.Status != record.OK || row.GeneratedTokens < 3 || row.PromptTokens < 4 || len(row.ChunkS) > 0 || row.MergedReads.Known() || row.LatencyS <= 0 {
			t.Errorf("%s: %+v", name, row)
		}
	}
}

func TestARequestSaysWhatItMust(t *testing.T) {
	var got []call
	var mu sync.Mutex
	url := serve(t, func(c call) bool {
		mu.Lock()
		got = append(got, c)
		mu.Unlock()
		return stream(c.conn, token("a"), last("b"), "[DONE]")
	})
	p := protocolFor(t, url+"/prefix/v1", func(o *Options) { o.Key = "sk-secret" })
	p.can = abilities{ignoreEOS: true, totals: true, running: true, timings: true}
	client := p.Client()
	defer client.Close()
	client.Generate(background(t), ask(7))
	client.Generate(background(t), Ask{ID: "r\r\nX: y", Prompt: prompt.Prompt{IDs: []int{7, 8, 9}}, MaxNewTokens: 2})
	p.Chat = true
	client.Generate(background(t), ask(3))
	want := []string{
		`{"model":"m","prompt":"say \"hi\"","max_tokens":7,"ignore_eos":true,"min_tokens":7,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"timings_per_token":true}`,
		`{"model":"m","prompt":[7,8,9],"max_tokens":2,"ignore_eos":true,"min_tokens":2,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"timings_per_token":true}`,
		`{"model":"m","messages":[{"role":"user","content":"say \"hi\""}],"max_tokens":3,"ignore_eos":true,"min_tokens":3,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"timings_per_token":true}`,
	}
	mu.Lock()
	defer mu.Unlock()
	if len(got) != len(want) {
		t.Fatalf("%d requests", len(got))
	}
	for i, c := range got {
		if c.text != want[i] || !json.Valid([]byte(c.text)) {
			t.Errorf("body\n%s\nwant\n%s", c.text, want[i])
		}
		if c.conn.RemoteAddr().String() != got[0].conn.RemoteAddr().String() {
			t.Error("the connection was not kept")
		}
	}
	first := got[0]
	if first.URL.Path != "/prefix/v1/completions" || first.Header.Get("X-Request-Id") != "run-1-0" || first.Header.Get("Authorization") != "Bearer sk-secret" {
		t.Errorf("path %s, header %v", first.URL.Path, first.Header)
	}
	if got[1].Header.Get("X") != "" || got[2].URL.Path != "/prefix/v1/chat/completions" {
		t.Errorf("an id wrote the header %v; chat went to %s", got[1].Header, got[2].URL.Path)
	}
}

func TestServersThatFailAreSaidToInOneLine(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, c := range map[string]struct {
		answer func(call) bool
		status record.Status
		want   string
		chunks int
	}{
		"hangs up":      {func(c call) bool { return false }, record.Failed, "the server closed the connection after no token", 0},
		"garbage":       {func(c call) bool { io.WriteString(c.conn, "\x00\x01\x02"); return false }, record.Failed, `the answer is no HTTP: it begins with  \x00\x01\x02`, 0},
		"garbage chunk": {func(c call) bool { return stream(c.conn, token("a"), "<html>") }, record.Failed, "the answer cannot be read", 1},
		"dies mid-stream": {func(c call) bool {
			io.WriteString(c.conn, streamHead)
			chunked(c.conn, "data: "+token("a")+"\n\n")
			return false
		}, record.Failed, "the server closed the connection after 1 chunk of tokens", 1},
		"ends early":      {func(c call) bool { return stream(c.conn, token("a"), token("b"), "[DONE]") }, record.Failed, "the answer ended without a finish reason after 2 chunks of tokens", 2},
		"aborts":          {func(c call) bool { return stream(c.conn, token("a"), strings.Replace(last(""), "length", "abort", 1)) }, record.Failed, "the server aborted the request after 1 chunk", 1},
		"does not stream": {func(c call) bool { return plain(c.conn, 200, `{"choices":[]}`) }, record.Failed, "it does not stream", 0},
		"error after 200": {func(c call) bool {
			return stream(c.conn, token("a"), `{"error":{"message":"boom","code":500}}`, "[DONE]")
		}, record.Failed, "the server reports boom", 1},
		"repeats the key": {func(c call) bool { return plain(c.conn, 401, `{"error":"bad key sk-secret"}`) }, record.Failed, "HTTP 401 Unauthorized: bad key ***", 0},
		"overloaded":      {func(c call) bool { return plain(c.conn, 503, ``) }, record.Failed, "HTTP 503 Service Unavailable: nothing further", 0},
		"stalls": {func(c call) bool {
			io.WriteString(c.conn, streamHead)
			chunked(c.conn, "data: "+token("a")+"\n\n")
			<-release
			return false
		}, record.Timeout, "no end within 150ms; 1 chunk of tokens came", 1},
		"breaks at the end": {func(c call) bool {
			io.WriteString(c.conn, streamHead)
			chunked(c.conn, "data: "+last("a")+"\n\n")
			return false
		}, record.OK, "", 1},
		"reset": {func(c call) bool { c.conn.(*net.TCPConn).SetLinger(0); return false }, record.Failed, "the server reset the connection after no token", 0},
	} {
		p := protocolFor(t, serve(t, c.answer), func(o *Options) {
			o.Key = "sk-secret"
			if c.status == record.Timeout {
				o.Timeout = 150 * time.Millisecond
			}
		})
		start, row := p.Client().Generate(background(t), ask(8))
		if row.Status != c.status || !strings.Contains(string(row.Error), c.want) || len(row.ChunkS) != c.chunks {
			t.Errorf("%s: %s %q with %d chunks; want %s %q with %d", name, row.Status, row.Error, len(row.ChunkS), c.status, c.want, c.chunks)
		}
		if row.Attempts < 1 || start.IsZero() || !(row.LatencyS >= 0) || row.GeneratedTokens != record.Count(c.chunks) {
			t.Errorf("%s: %+v", name, row)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	p := protocolFor(t, "http://"+listener.Addr().String(), nil)
	_, row := p.Client().Generate(background(t), ask(8))
	if row.Status != record.Failed || row.Error != "connecting: connection refused" {
		t.Errorf("%s %q", row.Status, row.Error)
	}
}

func TestInterruptedRequestsEndAtOnceAsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(background(t))
	release := make(chan struct{})
	defer close(release)
	p := protocolFor(t, serve(t, func(c call) bool {
		io.WriteString(c.conn, streamHead)
		chunked(c.conn, "data: "+token("a")+"\n\n")
		cancel()
		<-release
		return false
	}), nil)
	_, row := p.Client().Generate(ctx, ask(8))
	if row.Status != record.Cancelled || !strings.HasPrefix(string(row.Error), "interrupted after") {
		t.Errorf("%s %q", row.Status, row.Error)
	}
}

func TestAClosedIdleConnectionIsNoFailure(t *testing.T) {
	p := protocolFor(t, serve(t, func(c call) bool {
		stream(c.conn, last("a"), "[DONE]")
		return c.n%2 == 0 // close behind every other answer
	}), nil)
	client := p.Client()
	defer client.Close()
	for i := range 20 {
		if _, row := client.Generate(background(t), ask(1)); row.Status != record.OK || row.ConnectS.Known() != (i%2 == 0) && row.Attempts == 1 {
			t.Fatalf("request %d: %+v", i, row)
		}
	}
}

func TestHoldMayWaitAndMayRefuse(t *testing.T) {
	var sent atomic.Int32
	p := protocolFor(t, serve(t, func(c call) bool { sent.Add(1); return stream(c.conn, last("a")) }), nil)
	client := p.Client()
	defer client.Close()
	held := ask(1)
	held.Hold = func() error { return errors.New("not now") }
	if _, row := client.Generate(background(t), held); row.Attempts != 0 || row.Status != record.Cancelled || sent.Load() != 0 {
		t.Errorf("refused: %+v, %d sent", row, sent.Load())
	}
	var released time.Time
	held.Hold = func() error { released = time.Now(); return nil }
	start, row := client.Generate(background(t), held)
	if start.Before(released) || row.Status != record.OK || row.ConnectS.Known() {
		t.Errorf("held until %v, started %v, %+v", released, start, row)
	}
}

func TestTLSAndUnixSockets(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, event := range []string{token("a"), last("b"), "[DONE]"} {
			io.WriteString(w, "data: "+event+"\n\n")
			w.(http.Flusher).Flush()
		}
	})
	secure := httptest.NewTLSServer(answer)
	defer secure.Close()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	local := &httptest.Server{Listener: listener, Config: &http.Server{Handler: answer}}
	local.Start()
	defer local.Close()
	for _, url := range []string{secure.URL, "unix://" + listener.Addr().String()} {
		p := protocolFor(t, url, nil)
		if p.at.secure != nil {
			p.at.secure = &tls.Config{RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com"}
		}
		client := p.Client()
		for range 2 {
			if _, row := client.Generate(background(t), ask(2)); row.Status != record.OK || len(row.ChunkS) != 2 {
				t.Errorf("%s: %+v", url, row)
			}
		}
		client.Close()
	}
}

// An answer without a length lasts until the server hangs up, which is heard at once.
func TestAnAnswerUntilTheConnectionEnds(t *testing.T) {
	const requests = 20 // with hang-ups that come with the last bytes and apart from them
	p := protocolFor(t, serve(t, func(c call) bool {
		io.WriteString(c.conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
		for i, event := range []string{token("a"), token("b"), last("c"), "[DONE]"} {
			if c.n == requests-1 && i == 1 {
				<-time.After(1100 * time.Millisecond) // longer than a read waits before it looks again
			}
			fmt.Fprintf(c.conn, "data: %s\n\n", event)
		}
		return false
	}), nil)
	client := p.Client()
	defer client.Close()
	for i := range requests {
		if _, row := client.Generate(background(t), ask(3)); row.Status != record.OK || len(row.ChunkS) != 3 {
			t.Fatalf("request %d: %+v", i, row)
		}
	}
}
