package transport

import (
	"context"
	"errors"
	"testing"
	"time"
)

// What is to be sent once is not sent again, and not counted without a connection.
func TestOnce(t *testing.T) {
	once := func(c *Config) { c.Lockstep = true }
	e := endpoint(t, serve(t, func(q question) bool { return q.n == 0 && stream(q.conn, "token") }), once)
	h := e.HTTP()
	defer h.Close()
	if _, _, err := post(t, e, h); err != nil {
		t.Fatal(err)
	}
	if _, sent, err := post(t, e, h); !IsHangUp(err) || sent.Attempts != 1 || sent.Resent {
		t.Errorf("%+v, %v", sent, err)
	}
	nobody := endpoint(t, "http://127.0.0.1:1", once)
	held := func() error { t.Error("held without a connection"); return nil }
	n := nobody.HTTP()
	defer n.Close()
	sent, err := n.Exchange(background(t), nobody.Post(nil, "", "", nil), time.Second, held, new(recorder))
	if connect := (*ConnectError)(nil); !errors.As(err, &connect) || sent.Attempts != 1 {
		t.Errorf("%+v, %v", sent, err)
	}
}

// The header is that of this answer, not of the one before.
func TestTheHeaderOfAnAnswer(t *testing.T) {
	e := endpoint(t, serve(t, func(q question) bool {
		return q.n < 2 && plain(q.conn, []int{200, 500}[q.n], "{}", "X-Time: "+[]string{"a", "b"}[q.n])
	}), nil)
	h := e.HTTP()
	defer h.Close()
	for _, want := range []string{"a", "b", ""} {
		if _, sent, err := post(t, e, h); sent.Header.Get("X-Time") != want || (err == nil) != (want == "a") {
			t.Errorf("%q, %v; want %q", sent.Header.Get("X-Time"), err, want)
		}
	}
}

// A limit that the caller keeps is reported as the one that the connection keeps.
func TestTheCauseOfAContext(t *testing.T) {
	waiting := make(chan struct{})
	e := endpoint(t, serve(t, func(question) bool { <-waiting; return false }), nil)
	t.Cleanup(func() { close(waiting) })
	other := errors.New("other")
	for cause, want := range map[error]error{context.DeadlineExceeded: context.DeadlineExceeded, SilenceError(time.Second): SilenceError(time.Second),
		other: context.Canceled, context.Canceled: context.Canceled} {
		h := e.HTTP()
		ctx, cancel := context.WithCancelCause(background(t))
		hold := func() error { cancel(cause); return nil }
		if _, err := h.Exchange(ctx, e.Post(nil, "", "", nil), time.Minute, hold, new(recorder)); err != want {
			t.Errorf("%v, want %v", err, want)
		}
		h.Close()
	}
}

// Several questions may go over one connection.
func TestCallOnAConnection(t *testing.T) {
	var first any
	e := endpoint(t, serve(t, func(q question) bool {
		if first == nil {
			first = q.conn
		}
		if first != any(q.conn) {
			t.Error("another connection was made")
		}
		return plain(q.conn, 200, q.text)
	}), nil)
	h := e.HTTP()
	defer h.Close()
	for _, text := range []string{`{"a":1}`, `{"a":2}`} {
		if got, err := h.Call(background(t), "POST", "/x", []byte(text), time.Minute); string(got) != text || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}
