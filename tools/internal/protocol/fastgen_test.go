package protocol

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// captured are the messages of a file of testdata: the request, and what a MII
// server answered (deepspeed-mii 0.3.3, its GPU engine simulated).
func captured(t testing.TB, name string) (request []byte, answers [][]byte) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		asked, isRequest := strings.CutPrefix(line, "# request ")
		if strings.HasPrefix(line, "#") && !isRequest || line == "" {
			continue
		}
		message, err := hex.DecodeString(asked)
		if err != nil {
			t.Fatal(err)
		}
		if isRequest {
			request = message
		} else {
			answers = append(answers, message)
		}
	}
	return request, answers
}

// miiCall is one call that a test's server got.
type miiCall struct {
	http.ResponseWriter
	*http.Request
	message []byte
}

// say sends messages, and flushes after every so many bytes; 0 is at the end.
func (c miiCall) say(every int, messages ...[]byte) {
	var all []byte
	for _, message := range messages {
		all = appendGRPC(all, message)
	}
	if every == 0 {
		every = max(1, len(all))
	}
	for len(all) > 0 {
		n := min(every, len(all))
		c.ResponseWriter.Write(all[:n])
		c.ResponseWriter.(http.Flusher).Flush()
		all = all[n:]
	}
}

func (c miiCall) end(status, words string) {
	c.ResponseWriter.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
	c.ResponseWriter.Header().Set(http.TrailerPrefix+"Grpc-Message", words)
}

// serveMII starts a gRPC server, and returns its address and how many
// connections were made.
func serveMII(t testing.TB, answer func(c miiCall)) (url string, connections *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = new(atomic.Int32)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: protocols, ConnState: func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) < grpcHead {
			t.Errorf("a request of %d bytes: %v", len(body), err)
			return
		}
		w.Header().Set("Content-Type", "application/grpc")
		answer(miiCall{w, r, body[grpcHead:]})
	})}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { server.Close(); running.Wait() })
	return "grpc://" + listener.Addr().String(), connections
}

func askMII(t testing.TB, url string, stream bool, text string, tokens int) record.Request {
	t.Helper()
	p, err := newFastGen(Options{URL: url, Stream: stream, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Client()
	defer c.Close()
	_, row := c.Generate(background(t), Ask{ID: "x", Prompt: prompt.Prompt{Text: text}, MaxNewTokens: tokens})
	return row
}

func TestTokensOfMII(t *testing.T) {
	_, stream := captured(t, "mii-stream.txt")
	_, unary := captured(t, "mii-unary.txt")
	for name, every := range map[string]int{"at once": 0, "byte by byte": 1, "split anywhere": 7} {
		url, _ := serveMII(t, func(c miiCall) {
			if c.URL.Path == miiUnary {
				c.say(every, unary...)
			} else {
				c.say(every, stream...)
			}
			c.end("0", "")
		})
		row := askMII(t, url, true, "ba be bi", 4)
		if row.Status != record.OK || row.GeneratedTokens != 4 || row.PromptTokens != 4 || row.ChunkS.Tokens() != 4 || len(row.ChunkS) != 4 {
			t.Errorf("%s: streamed: %+v", name, row)
		}
		row = askMII(t, url, false, "ba be bi", 4)
		if row.Status != record.OK || row.GeneratedTokens != 4 || row.PromptTokens != 4 || len(row.ChunkS) != 0 {
			t.Errorf("%s: at once: %+v", name, row)
		}
	}
}

// The requests are those that MII's own client sends, but for the order of
// their options, which has no meaning.
func TestRequestsAreMIIs(t *testing.T) {
	want, _ := captured(t, "mii-stream.txt")
	got := appendMIIRequest(nil, prompt.Prompt{Text: "ba be bi"}, 4, true)
	options := func(message []byte) (all [][]byte) {
		if err := fields(message, func(_ protowire.Number, value []byte, _ uint64) error { all = append(all, value); return nil }); err != nil {
			t.Fatal(err)
		}
		return all
	}
	for _, option := range options(want) {
		found := false
		for _, ours := range options(got) {
			found = found || bytes.Equal(ours, option)
		}
		if !found {
			t.Errorf("%q is missing in %q", option, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}

func TestFailuresOfMII(t *testing.T) {
	_, stream := captured(t, "mii-stream.txt")
	for name, c := range map[string]struct {
		answer func(c miiCall)
		want   string
	}{
		"refused":            {func(c miiCall) { c.end("2", "Exception calling application: no%0Asuch option") }, "gRPC status 2: Exception calling application: no such option"},
		"no terminal":        {func(c miiCall) { c.say(0, stream[:3]...); c.end("0", "") }, "without a finish reason after 3 chunks"},
		"nothing at all":     {func(c miiCall) { c.end("0", "") }, "without a finish reason after no token"},
		"no status":          {func(c miiCall) { c.say(0, stream...) }, "without a gRPC status"},
		"an HTTP error":      {func(c miiCall) { c.WriteHeader(503) }, "HTTP status 503"},
		"garbage":            {func(c miiCall) { c.say(0, []byte("\xff\xff\xff")); c.end("0", "") }, "no message of MII's"},
		"compressed":         {func(c miiCall) { c.ResponseWriter.Write([]byte{1, 0, 0, 0, 0}); c.end("0", "") }, "malformed"},
		"too long a message": {func(c miiCall) { c.ResponseWriter.Write([]byte{0, 255, 0, 0, 0}); c.end("0", "") }, "malformed"},
		"dies": {func(c miiCall) {
			c.say(0, stream[:2]...)
			panic(http.ErrAbortHandler)
		}, "the server reset the stream"},
	} {
		url, _ := serveMII(t, c.answer)
		if row := askMII(t, url, true, "x", 4); row.Status != record.Failed || !strings.Contains(string(row.Error), c.want) {
			t.Errorf("%s: %s, %q; want %q", name, row.Status, row.Error, c.want)
		}
	}
}

// One connection serves a client's calls, whatever its prompts' length.
func TestAConnectionToMIIIsKept(t *testing.T) {
	_, stream := captured(t, "mii-stream.txt")
	url, connections := serveMII(t, func(c miiCall) { c.say(0, stream...); c.end("0", "") })
	p, err := newFastGen(Options{URL: url, Stream: true, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Client()
	defer c.Close()
	for i, length := range []int{1, 100, 3_000_000, 20_000} { // more than any window
		_, row := c.Generate(background(t), Ask{ID: "x", Prompt: prompt.Prompt{Text: strings.Repeat("x", length)}, MaxNewTokens: 4})
		if row.Status != record.OK || row.Attempts != 1 || row.ConnectS.Known() != (i == 0) {
			t.Errorf("call %d: %+v", i, row)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A stream that stays silent, as MII's do about a bad option, ends with the
// timeout or the interrupt.
func TestASilentMII(t *testing.T) {
	waiting := make(chan struct{})
	url, _ := serveMII(t, func(c miiCall) { <-waiting })
	defer close(waiting)
	p, err := newFastGen(Options{URL: url, Stream: true, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := p.Client()
	defer c.Close()
	ask := Ask{ID: "x", Prompt: prompt.Prompt{Text: "x"}, MaxNewTokens: 4}
	if _, row := c.Generate(background(t), ask); row.Status != record.Timeout {
		t.Errorf("%+v", row)
	}
	ctx, cancel := context.WithCancel(background(t))
	cancel()
	if _, row := c.Generate(ctx, ask); row.Status != record.Cancelled {
		t.Errorf("%+v", row)
	}
}

func FuzzMII(f *testing.F) {
	for _, name := range []string{"mii-stream.txt", "mii-unary.txt"} {
		_, answers := captured(f, name)
		for _, answer := range answers {
			f.Add(answer, 3)
		}
	}
	f.Fuzz(func(t *testing.T, message []byte, at int) {
		first, err := parseMII(message)
		if again, errAgain := parseMII(message); first != again || (err == nil) != (errAgain == nil) {
			t.Fatalf("%+v, then %+v", first, again)
		}
		// However the stream is cut, the message comes out whole.
		framed := appendGRPC(nil, message)
		at = max(0, min(at, len(framed)))
		var cut grpcMessages
		got, _, ok, err := cut.next(framed[:at])
		if !ok && err == nil {
			got, _, ok, err = cut.next(framed[at:])
		}
		if !ok || err != nil || !bytes.Equal(got, message) {
			t.Fatalf("cut at %d: %q, %v, %v; want %q", at, got, ok, err, message)
		}
		_, _, _, _ = cut.next(message) // foreign bytes
	})
}
