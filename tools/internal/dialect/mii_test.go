package dialect

import (
	"context"
	"encoding/binary"
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

	"fastgenbench/tools/internal/rawserver"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stream"
)

// captured are what a MII server answered (deepspeed-mii 0.3.3, its GPU engine
// simulated), message by message.
func captured(t testing.TB, name string) (answers [][]byte) {
	t.Helper()
	text, err := os.ReadFile("../stream/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		message, err := hex.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, message)
	}
	return answers
}

// miiCall is one call that a test's server got.
type miiCall struct {
	http.ResponseWriter
	*http.Request
	message []byte
}

// framed puts the head of gRPC in front of each message.
func framed(messages ...[]byte) (all []byte) {
	for _, message := range messages {
		all = binary.BigEndian.AppendUint32(append(all, 0), uint32(len(message)))
		all = append(all, message...)
	}
	return all
}

// say sends messages, and flushes after every so many bytes; 0 is at the end.
func (c miiCall) say(every int, messages ...[]byte) {
	all := framed(messages...)
	rawserver.Write(c.ResponseWriter, every, all)
}

func (c miiCall) end(status, words string) {
	c.ResponseWriter.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
	c.ResponseWriter.Header().Set(http.TrailerPrefix+"Grpc-Message", words)
}

// serveMII starts a gRPC server and returns its address.
func serveMII(t testing.TB, answer func(c miiCall)) string {
	t.Helper()
	return serveMIIOn(t, listen(t), answer)
}

func serveMIIOn(t testing.TB, listener net.Listener, answer func(c miiCall)) string {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Protocols: protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) < len(framed(nil)) {
			return // given up
		}
		w.Header().Set("Content-Type", "application/grpc")
		answer(miiCall{w, r, body[len(framed(nil)):]})
	})}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { server.Close(); running.Wait() })
	return "grpc://" + listener.Addr().String()
}

func askMII(t testing.TB, url string, streamed bool) record.Outcome {
	t.Helper()
	return once(t, newServer(t, "mii", url, func(o *Options) { o.Stream = streamed }), 4)
}

func TestTokensOfMII(t *testing.T) {
	streamed, unary := captured(t, "mii-stream.txt"), captured(t, "mii-unary.txt")
	for name, every := range map[string]int{"at once": 0, "byte by byte": 1, "split anywhere": 7} {
		url := serveMII(t, func(c miiCall) {
			if c.Request.Header.Get("X-Request-Id") == "" || c.Request.Header.Get("Authorization") != "" {
				t.Errorf("asked with %v", c.Request.Header)
			}
			if c.URL.Path == stream.MIIUnary {
				c.say(every, unary...)
			} else {
				c.say(every, streamed...)
			}
			c.end("0", "")
		})
		o := askMII(t, url, true)
		if o.Status != record.OK || count(o.Generated) != "4" || count(o.Prompt) != "4" || sizes(o.Chunks) != "1 1 1 1" || o.Latency.Float() != o.Chunks[3].At {
			t.Errorf("%s: streamed: %+v", name, o)
		}
		o = askMII(t, url, false)
		if o.Status != record.OK || count(o.Generated) != "4" || count(o.Prompt) != "4" || len(o.Chunks) != 0 {
			t.Errorf("%s: at once: %+v", name, o)
		}
		s := newServer(t, "mii", url, func(o *Options) { o.Transport.Key = "sk-1" })
		n, err := s.Count(background(t), "ba be bi")
		if ready := s.Ready(background(t)); n != 4 || err != nil || ready != nil || s.TokenIDs(background(t)) != nil {
			t.Errorf("%s: counted %d, %v; %v", name, n, err, ready)
		}
		if err := s.Learn(background(t), func(note string) { t.Errorf("note %q", note) }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFailuresOfMII(t *testing.T) {
	streamed := captured(t, "mii-stream.txt")
	for name, c := range map[string]struct {
		answer func(c miiCall)
		want   string
	}{
		"refused":        {func(c miiCall) { c.end("2", "Exception calling application: no%0Asuch option") }, "gRPC status 2: Exception calling application: no such option"},
		"refused behind": {func(c miiCall) { c.say(0, streamed...); c.end("2", "boom") }, "boom"},
		"no terminal":    {func(c miiCall) { c.say(0, streamed[:3]...); c.end("0", "") }, "without a finish reason after 3 chunks"},
		"nothing at all": {func(c miiCall) { c.end("0", "") }, "without a finish reason after no token"},
		"no token":       {func(c miiCall) { c.say(0, streamed[len(streamed)-1]); c.end("0", "") }, "had no token"},
		"no status":      {func(c miiCall) { c.say(0, streamed...) }, "without a gRPC status"},
		"an HTTP error":  {func(c miiCall) { c.WriteHeader(503) }, "HTTP status 503"},
		"garbage":        {func(c miiCall) { c.say(0, []byte("\xff\xff\xff")); c.end("0", "") }, "not a message of MII's"},
		"compressed":     {func(c miiCall) { c.ResponseWriter.Write([]byte{1, 0, 0, 0, 0}); c.end("0", "") }, "malformed"},
		"dies":           {func(c miiCall) { c.say(0, streamed[:2]...); panic(http.ErrAbortHandler) }, "the server reset the stream"},
	} {
		if o := askMII(t, serveMII(t, c.answer), true); o.Status != record.Failed || !strings.Contains(string(o.Error), c.want) {
			t.Errorf("%s: %s, %q; want %q", name, o.Status, o.Error, c.want)
		}
	}
	url := serveMII(t, func(c miiCall) { c.say(0, streamed...); c.end("0", "") })
	if o := askMII(t, url, false); o.Status != record.Failed || o.Error == "" {
		t.Errorf("a token for the whole answer: %+v", o)
	}
}

// What a server does not like about an option it tells in a single answer only,
// which Learn asks for first.
func TestLearnOfMII(t *testing.T) {
	var streams atomic.Int32
	url := serveMII(t, func(c miiCall) {
		if c.URL.Path == stream.MIIStream {
			streams.Add(1)
		}
		c.end("2", "unexpected keyword argument ignore_eos")
	})
	err := newServer(t, "mii", url, nil).Learn(background(t), func(string) {})
	if err == nil || !strings.Contains(err.Error(), "ignore_eos") || streams.Load() != 0 {
		t.Errorf("%v, %d streams", err, streams.Load())
	}
}

// The prompt of a request that was evicted grows, and its count begins anew:
// the first and the number of messages are right.
func TestARequestThatMIIEvicted(t *testing.T) {
	answers := captured(t, "mii-stream.txt")
	terminal := answers[len(answers)-1]
	o := askMII(t, serveMII(t, func(c miiCall) {
		c.say(0, joined(answers[:3], answers[1:3], [][]byte{terminal})...)
		c.end("0", "")
	}), true)
	if o.Status != record.OK || count(o.Generated) != "5" || count(o.Prompt) != "4" || sizes(o.Chunks) != "1 1 1 1 1" {
		t.Errorf("%+v", o)
	}
}

func joined(lists ...[][]byte) (all [][]byte) {
	for _, one := range lists {
		all = append(all, one...)
	}
	return all
}

// A server may end a call after its last token: that is the answer's end, not
// the latency.
func TestTheEndOfAnAnswerOfMII(t *testing.T) {
	streamed := captured(t, "mii-stream.txt")
	endsLater(t, func() record.Outcome {
		return askMII(t, serveMII(t, func(c miiCall) {
			c.say(0, streamed...)
			hangUp()
			c.end("0", "")
		}), true)
	})
}

// A stream that stays silent, as MII's do about a bad option, ends with the
// timeout, the limit to silence, or the interrupt.
func TestASilentMII(t *testing.T) {
	waiting := make(chan struct{})
	url := serveMII(t, func(miiCall) { <-waiting })
	defer close(waiting)
	for want, change := range map[string]func(*Options){
		"no end within 50ms":    func(o *Options) { o.Timeout = 50 * time.Millisecond },
		"nothing came for 50ms": func(o *Options) { o.Transport.Silence = 50 * time.Millisecond },
	} {
		if o := once(t, newServer(t, "mii", url, change), 4); o.Status != record.Timeout || !strings.Contains(string(o.Error), want) {
			t.Errorf("%+v", o)
		}
	}
	ctx, cancel := context.WithCancel(background(t))
	cancel()
	c := newServer(t, "mii", url, nil).Client()
	defer c.Close()
	if o := c.Generate(ctx, ask(4)); o.Status != record.Cancelled {
		t.Errorf("%+v", o)
	}
}

// One connection serves a client's calls, whatever the length of prompts, and a
// Hold that refuses sends nothing.
func TestAConnectionToMIIIsKept(t *testing.T) {
	streamed := captured(t, "mii-stream.txt")
	var calls atomic.Int32
	c := newServer(t, "mii", serveMII(t, func(c miiCall) { calls.Add(1); c.say(0, streamed...); c.end("0", "") }), nil).Client()
	defer c.Close()
	for i, length := range []int{1, 100, 3_000_000, 20_000} { // more than any window
		asked := ask(4)
		asked.Prompt.Text = strings.Repeat("x", length)
		if o := checked(t, c.Generate(background(t), asked)); o.Status != record.OK || o.Attempts != 1 || o.Connect.Known() != (i == 0) {
			t.Errorf("call %d: %+v", i, o)
		}
	}
	asked := ask(4)
	asked.Hold = func() error { return context.Canceled }
	if o := c.Generate(background(t), asked); o.Attempts != 0 || o.Status != record.Cancelled || calls.Load() != 4 {
		t.Errorf("%d calls, %+v", calls.Load(), o)
	}
}
