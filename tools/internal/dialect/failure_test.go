package dialect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

func TestFailuresInOneLine(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for name, c := range map[string]struct {
		answer func(call) bool
		status record.Status
		want   string
		chunks int
	}{
		"hangs up":        {func(c call) bool { return false }, record.Failed, "the server closed the connection after no token", 0},
		"garbage":         {func(c call) bool { io.WriteString(c.conn, "\x00\x01\x02"); return false }, record.Failed, `the answer is not HTTP: it begins with  \x00\x01\x02`, 0},
		"garbage chunk":   {func(c call) bool { return events(c.conn, token("a"), `{"choices`) }, record.Failed, "the answer cannot be read", 1},
		"dies mid-stream": {func(c call) bool { open(c.conn, token("a")); return hangUp() }, record.Failed, "the server closed the connection after 1 chunk of tokens", 1},
		"aborts":          {func(c call) bool { return events(c.conn, token("a"), strings.Replace(last(""), "length", "abort", 1)) }, record.Failed, "the server aborted the request after 1 chunk", 1},
		"one piece":       {func(c call) bool { return plain(c.conn, 200, `{"choices":[{"text":"a"}]}`) }, record.OK, "", 0},
		"does not stream": {func(c call) bool { return plain(c.conn, 200, `<html>welcome</html>`) }, record.Failed, "it does not stream", 0},
		"error after 200": {func(c call) bool {
			return events(c.conn, token("a"), `{"error":{"message":"boom","code":500}}`, "[DONE]")
		}, record.Failed, "the server reports boom", 1},
		"error instead of a stream": {func(c call) bool { return plain(c.conn, 200, `{"error":{"message":"boom","code":500}}`) }, record.Failed, "the server reports boom", 0},
		"repeats the key":           {func(c call) bool { return plain(c.conn, 401, `{"error":"bad key sk-secret"}`) }, record.Failed, "HTTP 401 Unauthorized: bad key ***", 0},
		"repeats it in a stream":    {func(c call) bool { return events(c.conn, `{"error":"bad key sk-secret"}`) }, record.Failed, "the server reports bad key ***", 0},
		"overloaded":                {func(c call) bool { return plain(c.conn, 503, ``) }, record.Failed, "HTTP 503 Service Unavailable: nothing further", 0},
		"stalls": {func(c call) bool {
			open(c.conn, token("a"))
			<-release
			return false
		}, record.Timeout, "no end within 150ms; 1 chunk of tokens came", 1},
		"breaks at the end": {func(c call) bool { open(c.conn, last("a")); return hangUp() }, record.OK, "", 1},
		"reset":             {func(c call) bool { c.conn.(*net.TCPConn).SetLinger(0); return false }, record.Failed, "the server reset the connection after no token", 0},
		"compressed": {func(c call) bool { return plain(c.conn, 200, "\x1f\x8b", "Content-Encoding: gzip") }, record.Failed,
			"compressed (gzip)", 0},
		"compressed refusal": {func(c call) bool { return plain(c.conn, 400, "\x1f\x8b", "Content-Encoding: br") }, record.Failed,
			"HTTP 400 Bad Request: the answer is compressed (br)", 0},
		"redirects": {func(c call) bool { return plain(c.conn, 307, "", "Location: /x") }, record.Failed, "HTTP 307", 0},
	} {
		p := openAIFor(t, serve(t, c.answer), func(o *Options) {
			o.Transport.Key = "sk-secret"
			if c.status == record.Timeout {
				o.Timeout = 150 * time.Millisecond
			}
		})
		o := once(t, p, 8)
		if o.Status != c.status || !strings.Contains(string(o.Error), c.want) || len(o.Chunks) != c.chunks || strings.Contains(string(o.Error), "sk-secret") {
			t.Errorf("%s: %s %q with %d chunks; want %s %q with %d", name, o.Status, o.Error, len(o.Chunks), c.status, c.want, c.chunks)
		}
		if o.Attempts < 1 || o.Start.IsZero() || !o.Latency.Known() || c.chunks > 0 && o.Generated.Int() != c.chunks {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// A compressed answer names its cause where it is not streamed, too, and so does
// a page of another program.
func TestWholeAnswersThatAreNone(t *testing.T) {
	for want, answer := range map[string]func(call) bool{
		"compressed (gzip)": func(c call) bool { return plain(c.conn, 200, "\x1f\x8b", "Content-Encoding: gzip") },
		"<html>":            func(c call) bool { return plain(c.conn, 200, "<html> It works </html>") },
		"[1 2]":             func(c call) bool { return plain(c.conn, 200, "[1 2]") },
		"boom":              func(c call) bool { return plain(c.conn, 200, `{"error":{"message":"boom"}}`) },
		"cannot be read":    func(c call) bool { return plain(c.conn, 200, `{"choices":[{"te`) },
		"had no token":      func(c call) bool { return plain(c.conn, 200, `{"choices":[]}`) },
	} {
		for _, protocol := range []string{"openai", "responses", "messages", "tgi"} {
			o := once(t, newServer(t, protocol, serve(t, answer), whole), 8)
			if (protocol == "openai" || want != "had no token") && !strings.Contains(string(o.Error), want) || o.Status != record.Failed {
				t.Errorf("%s: %s %q; want %q", protocol, o.Status, o.Error, want)
			}
		}
	}
}

func TestNobodyListens(t *testing.T) {
	listener := listen(t)
	listener.Close()
	o := once(t, openAIFor(t, "http://"+listener.Addr().String(), nil), 8)
	if o.Status != record.Failed || o.Error != "connecting: connection refused" {
		t.Errorf("%s %q", o.Status, o.Error)
	}
}

// A request that is held back after the connection failed has waited for no
// server: its latency counts from its start.
func TestAFailedConnectionThatIsHeldBack(t *testing.T) {
	listener := listen(t)
	listener.Close()
	for _, protocol := range []string{"openai", "mii"} {
		url := "http://" + listener.Addr().String()
		if protocol == "mii" {
			url = strings.Replace(url, "http", "grpc", 1)
		}
		c := newServer(t, protocol, url, nil).Client()
		held := ask(1)
		held.Hold = func() error { <-time.After(20 * time.Millisecond); return nil }
		o := c.Generate(background(t), held)
		ended := o.Start.Add(time.Duration(o.Latency.Float() * float64(time.Second)))
		if now := time.Now(); o.Status != record.Failed || ended.After(now) {
			t.Errorf("%s: it ended %v after now: %+v", protocol, ended.Sub(now), o)
		}
	}
}

func TestInterruptedRequestsEndAtOnceAsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(background(t))
	release := make(chan struct{})
	defer close(release)
	p := openAIFor(t, serve(t, func(c call) bool {
		open(c.conn, token("a"))
		cancel()
		<-release
		return false
	}), nil)
	c := p.Client()
	defer c.Close()
	o := checked(t, c.Generate(ctx, ask(8)))
	if o.Status != record.Cancelled || !strings.HasPrefix(string(o.Error), "interrupted after") {
		t.Errorf("%s %q", o.Status, o.Error)
	}
}

func TestAClosedIdleConnectionIsNoFailure(t *testing.T) {
	p := openAIFor(t, serve(t, func(c call) bool {
		events(c.conn, last("a"), "[DONE]")
		return c.n%2 == 0 // close behind every other answer
	}), nil)
	client := p.Client()
	defer client.Close()
	for i := range 20 {
		o := checked(t, client.Generate(background(t), ask(1)))
		if o.Status != record.OK || o.Connect.Known() != (i%2 == 0) && o.Attempts == 1 || o.Retry.Known() != (o.Attempts == 2) {
			t.Fatalf("request %d: %+v", i, o)
		}
	}
}

func TestHoldMayWaitAndMayRefuse(t *testing.T) {
	var sent atomic.Int32
	p := openAIFor(t, serve(t, func(c call) bool { sent.Add(1); return events(c.conn, last("a")) }), nil)
	client := p.Client()
	defer client.Close()
	held := ask(1)
	held.Hold = func() error { return errors.New("not now") }
	if o := client.Generate(background(t), held); o.Attempts != 0 || o.Status != record.Cancelled || sent.Load() != 0 {
		t.Errorf("refused: %+v, %d sent", o, sent.Load())
	}
	var released time.Time
	held.Hold = func() error { released = time.Now(); return nil }
	o := client.Generate(background(t), held)
	if o.Start.Before(released) || o.Status != record.OK || o.Connect.Known() {
		t.Errorf("held until %v: %+v", released, o)
	}
}

// How long a server asks to wait comes with the refusal, for whoever asks next.
func TestAPauseThatTheServerAsksFor(t *testing.T) {
	url := serve(t, func(c call) bool { return plain(c.conn, 429, `{"error":"slow down"}`, "Retry-After: 7") })
	o := once(t, openAIFor(t, url, nil), 2)
	if o.RetryAfter != 7*time.Second || o.Status != record.Failed {
		t.Errorf("%+v", o)
	}
}

// A server that sends nothing for too long is given up, before its first token
// or behind some.
func TestASilentServerIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	for want, tokens := range map[string]int{"nothing came for 50ms; no token came": 0, "nothing came for 50ms; 3 chunks of tokens came": 3} {
		url := serve(t, func(got call) bool {
			open(got.conn, repeat(token("a"), tokens)...)
			<-release
			return false
		})
		o := once(t, openAIFor(t, url, func(o *Options) { o.Transport.Silence = 50 * time.Millisecond }), 8)
		if o.Status != record.Timeout || string(o.Error) != want || len(o.Chunks) != tokens {
			t.Errorf("%s: %q, %d chunks", o.Status, o.Error, len(o.Chunks))
		}
	}
}

// Whatever a server says that is not as it should be, and whoever asks, no key
// and no password stands in the words.
func TestNoSecretStandsInAnError(t *testing.T) {
	for status, body := range map[int]string{401: `{"error":{"message":"no such key: sk-secret, pass%20word, pass word"}}`, 404: "sk-secret", 200: `"sk-secret`, 400: `{"detail":"sk-secret"}`} {
		url := serve(t, func(c call) bool { return plain(c.conn, status, body) })
		for _, protocol := range []string{"openai", "responses", "messages", "aml", "tgi", "generate"} {
			s := newServer(t, protocol, url, func(o *Options) {
				o.Model, o.Transport.Key, o.Stream = "", "sk-secret", false
				o.Transport.Secrets = []string{"pass word", "pass%20word"}
			})
			_, identify := s.Identify(background(t))
			_, counted := s.Count(background(t), "x")
			for what, err := range map[string]error{
				"Ready": s.Ready(background(t)), "Identify": identify, "Count": counted,
				"Learn": s.Learn(background(t), func(note string) {
					if strings.Contains(note, "secret") {
						t.Errorf("note %q", note)
					}
				}),
			} {
				if err == nil && what != "Identify" {
					t.Errorf("%s of %s with status %d passed", what, protocol, status)
				}
				if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "word")) {
					t.Errorf("%s of %s with status %d: %v", what, protocol, status, err)
				}
			}
		}
	}
}

// The cause of an error stays in its chain, whatever its words.
func TestErrorsKeepTheirCause(t *testing.T) {
	url := serve(t, func(c call) bool { return plain(c.conn, 401, "sk-secret") })
	s := newServer(t, "openai", url, func(o *Options) { o.Transport.Key = "sk-secret" })
	_, identify := s.Identify(background(t))
	for _, err := range []error{s.Ready(background(t)), s.Learn(background(t), func(string) {}), identify} {
		if status := (*transport.StatusError)(nil); !errors.As(err, &status) || status.Status != http.StatusUnauthorized {
			t.Errorf("%v", err)
		}
	}
}
