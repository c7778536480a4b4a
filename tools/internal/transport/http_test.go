package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/stamp"
)

func TestAnAnswerIsHandedOnAsItComes(t *testing.T) {
	url := serve(t, func(q question) bool {
		if q.RequestURI != "/v1/completions" || q.text != "{}" || q.Header.Get("Accept-Encoding") != "identity" || q.UserAgent() != "loadgen" {
			t.Errorf("asked %+v with %q", q.Request, q.text)
		}
		io.WriteString(q.conn, "HTTP/1.1 102 Processing\r\n\r\n")
		return stream(q.conn, "to", "ken")
	})
	e := endpoint(t, url, nil)
	h := e.HTTP()
	defer h.Close()
	for i := range 3 {
		got, sent, err := post(t, e, h)
		if err != nil || got.text() != "token" || got.begins != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		if sent.Connected != (i == 0) || (sent.Connect > 0) != (i == 0) || sent.Attempts != 1 || sent.Resent || sent.Retry != 0 {
			t.Errorf("request %d: %+v", i, sent)
		}
		if last := got.arrivals[len(got.arrivals)-1].At; sent.End.Before(last) || last.Before(sent.Start) {
			t.Errorf("sent at %v, the last byte came at %v, the end at %v", sent.Start, last, sent.End)
		}
	}
}

func TestOverAUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	accept(t, "unix", path, answering(func(q question) bool { return q.Host == "localhost" && stream(q.conn, "token") }))
	e := endpoint(t, "unix://"+path, nil)
	h := e.HTTP()
	defer h.Close()
	if got, _, err := post(t, e, h); err != nil || got.text() != "token" {
		t.Errorf("%+v, %v", got, err)
	}
}

// Without a byte of an answer a request on a kept connection is sent again;
// with one it is not.
func TestAConnectionClosedOnReuse(t *testing.T) {
	for _, answered := range []bool{false, true} {
		read := make(chan struct{}, 3)
		e := endpoint(t, serve(t, func(q question) bool {
			if q.n != 1 {
				return stream(q.conn, "token")
			}
			if answered {
				io.WriteString(q.conn, streamHead)
				chunked(q.conn, "a")
				<-read // the first request's
				<-read // a hang-up behind bytes that are read is noticed at once
			}
			return false
		}), nil)
		h := e.HTTP()
		got := recorder{read: read}
		ask := func() (Sent, error) {
			return h.Exchange(background(t), e.Post(nil, "", "", nil), time.Minute, nil, &got)
		}
		if _, err := ask(); err != nil {
			t.Fatal(err)
		}
		sent, err := ask()
		h.Close()
		if !answered && (err != nil || got.begins != 3 || got.text() != "token" || sent.Attempts != 2 || !sent.Resent || sent.Retry <= 0 || !sent.Connected) {
			t.Errorf("%+v, %+v, %v", got, sent, err)
		}
		if answered && (!IsHangUp(err) || got.begins != 2 || sent.Attempts != 1 || sent.Resent || !sent.End.IsZero()) {
			t.Errorf("after a byte: %+v, %v", sent, err)
		}
	}
}

func TestANewConnectionThatIsClosedIsAFailure(t *testing.T) {
	e := endpoint(t, serve(t, func(question) bool { return false }), nil)
	h := e.HTTP()
	defer h.Close()
	if _, sent, err := post(t, e, h); !IsHangUp(err) || sent.Attempts != 1 {
		t.Errorf("%+v, %v", sent, err)
	}
}

func TestHoldCallsARequestOff(t *testing.T) {
	e := endpoint(t, serve(t, func(question) bool { t.Error("the request was sent"); return false }), nil)
	h := e.HTTP()
	defer h.Close()
	off := errors.New("called off")
	var got recorder
	sent, err := h.Exchange(background(t), nil, time.Minute, func() error { return off }, &got)
	if err != off || sent.Attempts != 0 || got.begins != 0 || !sent.Connected {
		t.Errorf("%+v, %v", sent, err)
	}
}

func TestStatusErrors(t *testing.T) {
	long := strings.Repeat("x", 3*maxFailure)
	for _, c := range []struct {
		status     int
		body       string
		fields     []string
		want       string
		kept       int
		retryAfter time.Duration
	}{
		{429, `{"error":{"message":"slow down"}}`, []string{"Retry-After: 7"}, `HTTP 429 Too Many Requests: {"error":{"message":"slow down"}}`, 33, 7 * time.Second},
		{503, "", []string{"Date: Mon, 02 Jan 2006 15:04:05 GMT", "Retry-After: Mon, 02 Jan 2006 15:04:25 GMT"}, "HTTP 503 Service Unavailable", 0, 20 * time.Second},
		{503, "", []string{"Retry-After: soon"}, "HTTP 503 Service Unavailable", 0, 0},
		{503, "", []string{"Retry-After: 99999999999999999999"}, "HTTP 503 Service Unavailable", 0, 0},
		{500, long, nil, "HTTP 500 Internal Server Error: " + long[:300], maxFailure, 0},
		{500, "\x1f\x8b", []string{"Content-Encoding: gzip"}, "HTTP 500 Internal Server Error: the answer is compressed (gzip) although identity was asked for", len(EncodingError("gzip").Error()), 0},
	} {
		e := endpoint(t, serve(t, func(q question) bool { return plain(q.conn, c.status, c.body, c.fields...) }), nil)
		h := e.HTTP()
		_, sent, err := post(t, e, h)
		var status *StatusError
		if !errors.As(err, &status) || status.Error() != c.want || len(status.Body) != c.kept || status.RetryAfter != c.retryAfter || !sent.End.IsZero() {
			t.Errorf("%d: %.200v, %+v", c.status, err, sent)
		}
		if _, sent, _ = post(t, e, h); sent.Connected {
			t.Errorf("%d: the connection was not kept", c.status)
		}
		h.Close()
	}
}

func TestACompressedAnswerIsAnError(t *testing.T) {
	for encoding, want := range map[string]bool{"gzip": true, "br": true, "identity": false, "": false, "none": false} {
		e := endpoint(t, serve(t, func(q question) bool { return plain(q.conn, 200, "x", "Content-Encoding: "+encoding) }), nil)
		h := e.HTTP()
		_, _, err := post(t, e, h)
		h.Close()
		var compressed EncodingError
		if errors.As(err, &compressed) != want || want && string(compressed) != encoding || !want && err != nil {
			t.Errorf("%q: %v", encoding, err)
		}
	}
}

// A server may refuse a request before it has read all of it.
func TestARefusalBeforeTheRequestHasGone(t *testing.T) {
	addr := accept(t, "tcp", "127.0.0.1:0", answeringHead(func(conn io.Writer) { plain(conn, 413, "too large") }))
	e := endpoint(t, "http://"+addr.String(), nil)
	h := e.HTTP()
	defer h.Close()
	var got recorder
	_, err := h.Exchange(background(t), e.Post(nil, "", "", make([]byte, 1<<20)), time.Minute, nil, &got)
	var status *StatusError
	if !errors.As(err, &status) || status.Status != 413 {
		t.Errorf("%v", err)
	}
}

func TestConnecting(t *testing.T) {
	e := endpoint(t, "http://127.0.0.1:1", nil)
	h := e.HTTP()
	defer h.Close()
	_, sent, err := post(t, e, h)
	var connecting *ConnectError
	if !errors.As(err, &connecting) || !strings.HasPrefix(err.Error(), "connecting: ") || sent.Attempts != 1 || sent.Connected {
		t.Errorf("%+v, %v", sent, err)
	}
}

func TestTheLimitAndTheContextEndAnExchange(t *testing.T) {
	waiting := make(chan struct{})
	e := endpoint(t, serve(t, func(question) bool { <-waiting; return false }), nil)
	t.Cleanup(func() { close(waiting) })
	h := e.HTTP()
	defer h.Close()
	request := e.Post(nil, "", "", nil)
	if _, err := h.Exchange(background(t), request, 20*time.Millisecond, nil, new(recorder)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(background(t))
	if _, err := h.Exchange(ctx, request, time.Minute, func() error { cancel(); return nil }, new(recorder)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestHeaderFields(t *testing.T) {
	asked := make(chan *http.Request, 1)
	url := serve(t, func(q question) bool { asked <- q.Request; return plain(q.conn, 200, "") })
	withUser := strings.Replace(url, "http://", "http://u:p%40ss@", 1)
	for name, c := range map[string]struct {
		url    string
		config Config
		want   http.Header
	}{
		"key":        {url, Config{Key: "k"}, http.Header{"Authorization": {"Bearer k"}, "X-Request-Id": {"7"}}},
		"key header": {url, Config{Key: "k", KeyHeader: "api-key"}, http.Header{"Api-Key": {"k"}, "Authorization": nil}},
		"userinfo":   {withUser, Config{}, http.Header{"Authorization": {"Basic dTpwQHNz"}}},
		"user's own": {url, Config{Key: "k", Header: http.Header{"authorization": {"mine"}, "User-Agent": {"me"}, "Host": {"h"}, "X-Request-Id": {"own"}}},
			http.Header{"Authorization": {"mine"}, "User-Agent": {"me"}, "X-Request-Id": {"own"}}},
	} {
		e := endpoint(t, c.url, func(to *Config) { c.config.Address = to.Address; *to = c.config })
		h := e.HTTP()
		if _, err := h.Exchange(background(t), e.Post(nil, "", "X-Request-Id: 7\r\n", nil), time.Minute, nil, new(recorder)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		h.Close()
		got := <-asked
		for field, want := range c.want {
			if !slices.Equal(got.Header[field], want) {
				t.Errorf("%s: %s: %q", name, field, got.Header[field])
			}
		}
		if host := c.config.Header.Get("Host"); host != "" && got.Host != host {
			t.Errorf("%s: Host: %s", name, got.Host)
		}
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	user := address(t, "http://u:secret@h")
	plain := address(t, "http://h")
	for _, c := range []Config{
		{}, {Address: user, Key: "k"}, {Address: user, Header: http.Header{"Authorization": {"secret"}}},
		{Address: plain, Key: "secret\n"}, {Address: plain, Key: "k", KeyHeader: "a b"}, {Address: plain, Header: http.Header{"A:": {"secret"}}},
		{Address: plain, Header: http.Header{"A": {"secret\r\nB: c"}}}, {Address: plain, Header: http.Header{"Content-Length": {"1"}}},
	} {
		if _, err := NewEndpoint(c); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestRedact(t *testing.T) {
	e := endpoint(t, "http://u:p%40ss@h/?sig=a%2Fb&x=plain", func(c *Config) {
		c.Secrets = []string{"fourth", "fourth and more"}
		c.Header = http.Header{"X-Api-Token": {"fifth"}, "Cookie": {"sid sixth"}, "X-Team": {"red"}}
	})
	for text, want := range map[string]string{
		"p@ss p%40ss dTpwQHNz": "*** *** ***", "a%2Fb or a/b": "*** or ***", "plain u red": "plain u red",
		"fourth and more, fourth": "***, ***", "fifth sixth": "*** ***", "": "",
	} {
		if got := e.Redact(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if e := endpoint(t, "http://token@h", nil); e.Redact("a token") != "a ***" {
		t.Error("a user name without a password is not hidden")
	}
}

func TestCall(t *testing.T) {
	e := endpoint(t, serve(t, func(q question) bool {
		switch q.RequestURI {
		case "/v1/models":
			return q.Method == "GET" && q.ContentLength == 0 && plain(q.conn, 200, "models")
		case "/tokenize":
			return plain(q.conn, 200, q.Method+q.text)
		case "/large":
			return stream(q.conn, strings.Repeat("x", maxAnswer), "y")
		case "/full":
			return stream(q.conn, strings.Repeat("x", maxAnswer))
		}
		return plain(q.conn, 404, "no such route")
	}), nil)
	for _, c := range []struct{ method, route, body, want, wrong string }{
		{"GET", "/v1/models", "", "models", ""},
		{"POST", "/tokenize", "text", "POSTtext", ""},
		{"GET", "/x", "", "", "HTTP 404 Not Found: no such route"},
		{"GET", "/large", "", strings.Repeat("x", maxAnswer), "the answer is longer than 1 MB"},
		{"GET", "/full", "", strings.Repeat("x", maxAnswer), ""},
	} {
		got, err := e.Call(background(t), c.method, c.route, []byte(c.body), time.Minute)
		if string(got) != c.want || fmt.Sprint(err) != cmp.Or(c.wrong, "<nil>") {
			t.Errorf("%s: %.40q, %v", c.route, got, err)
		}
	}
}

// A chunk's way from the read to the listener costs no allocation.
func TestAChunkAllocatesNothing(t *testing.T) {
	h := HTTP{to: discard{}}
	if err := h.take([]byte(streamHead), stamp.Arrival{}); err != nil {
		t.Fatal(err)
	}
	event := `data: {"choices":[{"index":0,"text":" token","finish_reason":null}]}` + "\n\n"
	halves := [][]byte{fmt.Appendf(nil, "%x\r\n%s", len(event), event[:20]), fmt.Appendf(nil, "%s\r\n", event[20:])}
	if n := testing.AllocsPerRun(300, func() {
		for _, half := range halves {
			if err := h.take(half, stamp.Arrival{Source: stamp.Kernel}); err != nil {
				t.Fatal(err)
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations per chunk", n)
	}
}

type discard struct{}

func (discard) Warm() int { return 0 }

func (discard) Begin(time.Time) {}

func (discard) Body([]byte, stamp.Arrival) error { return nil }
