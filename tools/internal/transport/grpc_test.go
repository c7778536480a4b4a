package transport

import (
	"bytes"
	"context"
	"errors"
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
	"fastgenbench/tools/internal/stamp"
)

// grpcCall is one call that a test's server got.
type grpcCall struct {
	http.ResponseWriter
	*http.Request
}

// say sends messages, and flushes after every so many bytes; 0 is at the end.
func (c grpcCall) say(every int, messages ...string) {
	var all []byte
	for _, message := range messages {
		all = appendMessage(all, []byte(message))
	}
	rawserver.Write(c.ResponseWriter, every, all)
}

func (c grpcCall) end(status, message string) {
	c.ResponseWriter.Header().Set(http.TrailerPrefix+"Grpc-Status", status)
	c.ResponseWriter.Header().Set(http.TrailerPrefix+"Grpc-Message", message)
}

// serveGRPC starts a gRPC server, and returns its address and how many
// connections were made.
func serveGRPC(t testing.TB, answer func(c grpcCall)) (url string, connections *atomic.Int32) {
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
		w.Header().Set("Content-Type", "application/grpc")
		answer(grpcCall{w, r})
	})}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { server.Close(); running.Wait() })
	return "grpc://" + listener.Addr().String(), connections
}

// read takes the whole request, of which it returns the message.
func (c grpcCall) read() string {
	body, _ := io.ReadAll(c.Body)
	return string(body[min(grpcHead, len(body)):])
}

func callOnce(t testing.TB, g *GRPC, message string) (*recorder, Sent, error) {
	t.Helper()
	var got recorder
	sent, err := g.Exchange(background(t), Call{Method: "/s.S/M", ID: "7", Message: []byte(message)}, 10*time.Second, nil, &got)
	return &got, sent, err
}

func TestMessagesOfAGRPCAnswer(t *testing.T) {
	for name, every := range map[string]int{"at once": 0, "byte by byte": 1, "split anywhere": 7} {
		url, _ := serveGRPC(t, func(c grpcCall) {
			if c.URL.Path != "/s.S/M" || c.Request.Header.Get("X-Request-Id") != "7" || c.Request.Header.Get("Authorization") != "Bearer k" || c.read() != "ask" {
				t.Errorf("asked %+v", c.Request)
			}
			c.say(every, "one", "", "three")
			c.end("0", "")
		})
		g := endpoint(t, url, func(c *Config) { c.Key = "k" }).GRPC()
		got, sent, err := callOnce(t, g, "ask")
		g.Close()
		if err != nil || strings.Join(got.parts, "|") != "one||three" || !sent.Connected || sent.End.Before(sent.Start) {
			t.Errorf("%s: %q, %+v, %v", name, got.parts, sent, err)
		}
	}
}

func TestGRPCFailures(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(c grpcCall)
		want   string
	}{
		"refused":            {func(c grpcCall) { c.end("2", "no%0Asuch option") }, "gRPC status 2: no\nsuch option"},
		"no status":          {func(c grpcCall) { c.say(0, "x") }, "without a gRPC status"},
		"an HTTP error":      {func(c grpcCall) { c.WriteHeader(503) }, "HTTP status 503"},
		"compressed":         {func(c grpcCall) { c.ResponseWriter.Write([]byte{1, 0, 0, 0, 0}); c.end("0", "") }, "malformed"},
		"too long a message": {func(c grpcCall) { c.ResponseWriter.Write([]byte{0, 255, 0, 0, 0}); c.end("0", "") }, "malformed"},
		"dies":               {func(c grpcCall) { c.say(0, "x"); panic(http.ErrAbortHandler) }, "the server reset the stream"},
	} {
		url, _ := serveGRPC(t, func(call grpcCall) { call.read(); c.answer(call) })
		g := endpoint(t, url, nil).GRPC()
		if _, _, err := callOnce(t, g, "x"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
		g.Close()
	}
	g := endpoint(t, strings.Replace(serve(t, func(q question) bool { return plain(q.conn, 400, "no") }), "http", "grpc", 1), nil).GRPC()
	defer g.Close()
	if _, _, err := callOnce(t, g, "x"); err == nil {
		t.Error("HTTP/1.1 passed for gRPC")
	}
}

// One connection serves the calls of a client, however long its messages are.
func TestAGRPCConnectionIsKept(t *testing.T) {
	url, connections := serveGRPC(t, func(c grpcCall) { c.read(); c.say(0, "x"); c.end("0", "") })
	g := endpoint(t, url, nil).GRPC()
	defer g.Close()
	for i, length := range []int{1, 100, 3_000_000, 20_000} { // more than any window
		if _, sent, err := callOnce(t, g, strings.Repeat("x", length)); err != nil || sent.Attempts != 1 || sent.Connected != (i == 0) {
			t.Errorf("call %d: %+v, %v", i, sent, err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A server may end a call of which it has not read all. What was not sent would
// leave the stream half open, so the connection is not used again.
func TestAGRPCAnswerBeforeTheRequestHasGone(t *testing.T) {
	url, connections := serveGRPC(t, func(c grpcCall) { c.end("8", "too large") })
	g := endpoint(t, url, nil).GRPC()
	defer g.Close()
	for range 2 {
		if _, _, err := callOnce(t, g, strings.Repeat("x", 3_000_000)); err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("%v", err)
		}
	}
	if n := connections.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestASilentGRPCServer(t *testing.T) {
	waiting := make(chan struct{})
	url, _ := serveGRPC(t, func(c grpcCall) { <-waiting })
	defer close(waiting)
	g := endpoint(t, url, nil).GRPC()
	defer g.Close()
	if _, err := g.Exchange(background(t), Call{Method: "/x"}, 20*time.Millisecond, nil, new(recorder)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(background(t))
	cancel()
	if _, err := g.Exchange(ctx, Call{Method: "/x"}, time.Minute, nil, new(recorder)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	g = endpoint(t, url, func(c *Config) { c.Silence = 20 * time.Millisecond }).GRPC()
	defer g.Close()
	var silent SilenceError
	if _, err := g.Exchange(background(t), Call{Method: "/x"}, time.Minute, nil, new(recorder)); !errors.As(err, &silent) {
		t.Errorf("%v", err)
	}
}

// However a stream is cut, its messages come out whole.
func FuzzMessages(f *testing.F) {
	f.Add([]byte("token"), 3)
	f.Add([]byte{1, 0, 0, 0, 0}, 0)
	f.Fuzz(func(t *testing.T, message []byte, at int) {
		framed := appendMessage(nil, message)
		at = max(0, min(at, len(framed)))
		var cut messages
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

// Whatever a server sends, a call ends, and does not panic.
func FuzzGRPC(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x04\x00\x00\x00\x00\x00"))
	f.Add([]byte("\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88"))
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	for _, frame := range []string{
		"\x00\x00\x08\x00\x00\x00\x00\x00\x01\x00\x01message",                  // a compressed message
		"\x00\x00\x08\x00\x08\x00\x00\x00\x0100000000",                         // padded data
		"\x00\x00\x04\x00\x00\x00\x00\x00\x010000",                             // a message's head alone
		"\x00\x00\x01\x01\x05\x00\x00\x00\x010",                                // fields that cannot be decoded
		"\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x08",                 // the stream is reset
		"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", // the server goes away
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00",                                 // data of no stream
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		near, far := net.Pipe()
		defer near.Close()
		defer far.Close()
		g := GRPC{conn: conn{link: link{socket: new(stamp.Conn), rw: scripted{near, bytes.NewReader(answer)}}}, to: discard{}}
		err := g.open()
		for g.stream = 1; err == nil; {
			err = g.next()
		}
	})
}

// scripted is a connection on which it is known what comes.
type scripted struct {
	net.Conn
	in io.Reader
}

func (s scripted) Read(p []byte) (int, error) { return s.in.Read(p) }

func (scripted) Write(p []byte) (int, error) { return len(p), nil }
