package serve

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
)

// until asks for the metrics until one of the lines is there; the test's own
// time limit is the only bound.
func (ts *testServer) until(t *testing.T, lines ...string) {
	t.Helper()
	for t.Context().Err() == nil {
		r, err := http.Get(ts.URL + openai.PathMetrics)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(string(text), line+"\n") }) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestDisconnectAborts(t *testing.T) {
	for _, stream := range []bool{true, false} {
		ts := start(t, drive.Pace{Rate: 10, Chunk: 1}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		body := fmt.Sprintf(`{"prompt":"x","max_tokens":4000,"stream":%v}`, stream)
		request, err := http.NewRequestWithContext(ctx, "POST", ts.URL+openai.PathCompletions, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		gone := make(chan error, 1)
		go func() {
			r, err := http.DefaultClient.Do(request)
			if err == nil {
				_, err = io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
			gone <- err
		}()
		ts.until(t, `vllm:num_requests_running{engine="0",model_name="sim/model"} 1.0`)
		cancel()
		if err := <-gone; err == nil {
			t.Error("the answer was whole")
		}
		ts.until(t, `vllm:request_success_total{engine="0",finished_reason="abort",model_name="sim/model"} 1.0`)
		ts.until(t, `vllm:num_requests_running{engine="0",model_name="sim/model"} 0.0`)
	}
}

// lazy opens a connection with a small window, asks for a stream and does not read it.
func (ts *testServer) lazy(t *testing.T, tokens int, header ...string) net.Conn {
	t.Helper()
	dialer := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	conn, err := dialer.Dial("tcp", strings.TrimPrefix(ts.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	body := fmt.Sprintf(`{"prompt":"x","max_tokens":%d,"stream":true}`, tokens)
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
		openai.PathCompletions, strings.Join(header, ""), len(body), body); err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestSlowReaderHoldsUpNobodyAndLosesNothing(t *testing.T) {
	ts := start(t, drive.Pace{Rate: 50000, Chunk: 1}, func(c *Config) { c.MaxModelLen = 1 << 20 })
	const tokens = 12000
	slow := ts.lazy(t, tokens)
	ts.until(t, fmt.Sprintf(`vllm:generation_tokens_total{engine="0",model_name="sim/model"} %d.0`, tokens))
	if chunks := ts.stream(t, openai.PathCompletions, `{"prompt":"x","max_tokens":50,"stream":true}`); len(chunks) != 50 {
		t.Errorf("beside the slow reader came %d of 50 chunks", len(chunks))
	}
	answer, err := io.ReadAll(slow)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(answer), "data: {"); got != tokens || !strings.HasSuffix(string(answer), "data: [DONE]\n\n\r\n0\r\n\r\n") {
		t.Errorf("%d of %d events, the end is %q", got, tokens, answer[max(0, len(answer)-60):])
	}
}

func TestReaderTooFarBehindIsCutOff(t *testing.T) {
	ts := start(t, drive.Pace{Rate: 500000, Chunk: 1}, func(c *Config) { c.MaxModelLen = 1 << 20 })
	slow := ts.lazy(t, 80000) // some 16 MB
	ts.until(t, `vllm:request_success_total{engine="0",finished_reason="abort",model_name="sim/model"} 1.0`,
		`vllm:request_success_total{engine="0",finished_reason="length",model_name="sim/model"} 1.0`)
	answer, _ := io.ReadAll(slow) // a reset is as good an end as any
	if strings.Contains(string(answer), openai.Done) {
		t.Error("the stream has its end mark")
	}
}

func TestStopEndsStreamsAtOnce(t *testing.T) {
	ts := start(t, drive.Pace{Rate: 10, Chunk: 1}, nil)
	r, err := http.Post(ts.URL+openai.PathCompletions, "application/json", strings.NewReader(`{"prompt":"x","max_tokens":4000,"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	ts.stop() // waits for the driver and, through the truth log, for its last row
	if data, err := events(r.Body); err == nil {
		t.Errorf("the stream ended well: %q", data)
	}
}

func TestConnectionServesOneRequestAfterAnother(t *testing.T) {
	ts := start(t, fast, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(ts.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		if conn == nil {
			return nil, fmt.Errorf("a second connection")
		}
		only := conn
		conn = nil
		return only, nil
	}}}
	for i := range 5 {
		body := fmt.Sprintf(`{"prompt":"x","max_tokens":9,"stream":%v}`, i%2 == 0)
		r, err := client.Post(ts.URL+openai.PathCompletions, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
	}
}
