package stamp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// taking is a Taker.
type taking func(p []byte, at Arrival) (enough bool)

func (t taking) Take(p []byte, at Arrival) bool { return t(p, at) }

func (taking) Warm() int { return 0 }

// gather reads until enough bytes have come.
func gather(ctx context.Context, c *Conn, until time.Time, enough int) (string, error) {
	var got strings.Builder
	err := c.Each(ctx, until, taking(func(p []byte, at Arrival) bool {
		got.Write(p)
		return at.At.After(at.Seen) || got.Len() >= enough
	}))
	return got.String(), err
}

func TestEachBringsWhatComes(t *testing.T) {
	for _, text := range []string{"one token after another", strings.Repeat("more than there is room for in one read. ", 2000)} {
		client, server := pair(t, "tcp", "127.0.0.1:0")
		go func() {
			for at := 0; at < len(text); {
				n := min(1+at/2, len(text)-at)
				io.WriteString(server, text[at:at+n])
				at += n
			}
		}()
		if got, err := gather(context.Background(), client, time.Now().Add(time.Minute), len(text)); err != nil || got != text {
			t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
		}
	}
}

// What is no socket is read without stamps.
func TestEachReadsAPipe(t *testing.T) {
	near, far := net.Pipe()
	go func() { io.WriteString(far, "token"); far.Close() }()
	if got, err := gather(context.Background(), wrap(near), time.Now().Add(time.Minute), 6); got != "token" || err != io.EOF {
		t.Errorf("%q, %v", got, err)
	}
}

// A hang-up that comes together with the last bytes is reported with them, once,
// and nobody must wait for it until the deadline.
func TestEachHearsAHangUpBehindTheBytes(t *testing.T) {
	for _, abort := range []bool{false, true} {
		client, server := pair(t, "tcp", "127.0.0.1:0")
		send(t, server, "token")
		if abort {
			server.(interface{ SetLinger(int) error }).SetLinger(0)
		}
		server.Close()
		got, err := gather(context.Background(), client, time.Now().Add(time.Minute), 6)
		if got != "token" || err == nil || errors.Is(err, os.ErrDeadlineExceeded) || !abort && err != io.EOF {
			t.Errorf("abort %v: got %q, %v", abort, got, err)
		}
	}
}

func TestEachKeepsItsDeadline(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	send(t, server, "token")
	if got, err := gather(context.Background(), client, time.Now().Add(20*time.Millisecond), 6); got != "token" || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEachEndsWithItsContext(t *testing.T) {
	client, _ := pair(t, "tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { client.SetDeadline(time.Unix(1, 0)) })
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := gather(ctx, client, time.Now().Add(time.Minute), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
