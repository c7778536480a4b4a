package stamp

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// gather reads until enough bytes have come.
func gather(ctx context.Context, c *Conn, until time.Time, room, enough int) (string, error) {
	var got strings.Builder
	p := make([]byte, room)
	err := c.Each(ctx, until, p, func(n int, at Arrival) bool {
		got.Write(p[:n])
		return at.At.After(at.Seen) || got.Len() >= enough
	})
	return got.String(), err
}

func TestEachBringsWhatComes(t *testing.T) {
	const text = "one token after another"
	for _, room := range []int{1, 3, 64} { // of which two are filled by a read
		client, server := pair(t, "tcp", "127.0.0.1:0")
		go func() {
			for i := range text {
				io.WriteString(server, text[i:i+1])
			}
		}()
		if got, err := gather(context.Background(), client, time.Now().Add(time.Minute), room, len(text)); err != nil || got != text {
			t.Errorf("room %d: %q, %v", room, got, err)
		}
	}
}

// A hang-up that comes together with the last bytes is told with them, once,
// and nobody must wait for it until the deadline.
func TestEachHearsAHangUpBehindTheBytes(t *testing.T) {
	for _, abort := range []bool{false, true} {
		client, server := pair(t, "tcp", "127.0.0.1:0")
		send(t, server, "token")
		if abort {
			server.(interface{ SetLinger(int) error }).SetLinger(0)
		}
		server.Close()
		got, err := gather(context.Background(), client, time.Now().Add(time.Minute), 64, 6)
		if got != "token" || err == nil || errors.Is(err, os.ErrDeadlineExceeded) || !abort && err != io.EOF {
			t.Errorf("abort %v: got %q, %v", abort, got, err)
		}
	}
}

func TestEachKeepsItsDeadline(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	send(t, server, "token")
	if got, err := gather(context.Background(), client, time.Now().Add(20*time.Millisecond), 64, 6); got != "token" || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEachEndsWithItsContext(t *testing.T) {
	client, _ := pair(t, "tcp", "127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	context.AfterFunc(ctx, func() { client.SetDeadline(time.Unix(1, 0)) })
	time.AfterFunc(10*time.Millisecond, cancel)
	if _, err := gather(ctx, client, time.Now().Add(time.Minute), 64, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
