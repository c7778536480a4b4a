package dialect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"fastgenbench/tools/internal/rawserver"
	"fastgenbench/tools/internal/record"
)

// backlog is how many chunks wait for the client when it goes on. A receive buffer
// holds them all: beyond that the server waits, and its chunks come late.
const backlog = 60

// stop holds the client's reading side back: its first question about the
// program's pauses, which comes from there, is not answered before the server
// has sent its backlog. Its answers are those of a program that stood still
// meanwhile.
type stop struct {
	net.Listener              // of the server
	armed         atomic.Bool // the backlog is about to come
	once          sync.Once
	reached, sent chan struct{}
	from, to      time.Time

	mu    sync.Mutex
	conns []*net.TCPConn
}

func newStop(t testing.TB) *stop {
	return &stop{Listener: listen(t), reached: make(chan struct{}), sent: make(chan struct{})}
}

// Accept keeps the connection, for delivered.
func (s *stop) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.conns = append(s.conns, tcp)
	}
	return conn, err
}

// delivered waits until all that was sent lies at the client: the kernel sends no
// more than a few segments ahead of the acknowledgements, which may take 40 ms each.
func (s *stop) delivered(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for waiting := 1; waiting > 0 && ctx.Err() == nil; time.Sleep(time.Millisecond) {
		waiting = 0
		for _, conn := range s.conns {
			raw, err := conn.SyscallConn()
			if err != nil {
				continue // closed
			}
			_ = raw.Control(func(fd uintptr) {
				n, _ := unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
				waiting += n
			})
		}
	}
}

// stall is of Options. It is called by the client's goroutine alone.
func (s *stop) stall(from, to time.Time) time.Duration {
	if !s.armed.Load() {
		return 0
	}
	s.once.Do(func() {
		s.from = time.Now()
		close(s.reached)
		<-s.sent
		<-time.After(20 * time.Millisecond) // beyond any doubt late
		s.to = time.Now()
	})
	if from.Before(s.from) {
		from = s.from
	}
	if to.After(s.to) {
		to = s.to
	}
	return max(0, to.Sub(from))
}

// serves sends two tokens at once, which make the client ask, then the backlog,
// one by one, and the end when the client has gone on.
func (s *stop) serves(ctx context.Context, together func(n int), one func()) {
	s.armed.Store(true)
	together(2)
	select {
	case <-s.reached:
	case <-ctx.Done(): // the two came apart, which fails the test
	}
	for range backlog {
		one()
	}
	s.delivered(ctx)
	close(s.sent)
}

// stoppedHTTP asks a server over HTTP.
func stoppedHTTP(t testing.TB, secure *tls.Config, trusts *x509.CertPool) record.Outcome {
	s := newStop(t)
	listener, scheme := net.Listener(s), "http://"
	url := listener.Addr().String()
	if secure != nil {
		listener, scheme = tls.NewListener(listener, secure), "https://"
	}
	event := "data: " + token("x") + "\n\n"
	framed := fmt.Sprintf("%x\r\n%s\r\n", len(event), event)
	rawserver.Accept(t, listener, answering(func(c call) bool {
		if c.n == 0 { // the connection is made, and the kernel timestamps what comes
			return events(c.conn, last("x"), "[DONE]")
		}
		c.conn.Write([]byte(streamHead))
		s.serves(background(t), func(n int) {
			var all []byte
			for range n {
				all = append(all, framed...)
			}
			c.conn.Write(all)
		}, func() { c.conn.Write([]byte(framed)) })
		chunked(c.conn, last("x"))
		chunked(c.conn, "[DONE]")
		chunked(c.conn, "")
		return true
	}))
	return stopped(t, newServer(t, "openai", scheme+url, func(o *Options) {
		o.Stall = s.stall
		o.Transport.TLS = &tls.Config{RootCAs: trusts}
	}))
}

// stoppedMII asks a server over gRPC in the clear.
func stoppedMII(t testing.TB) record.Outcome {
	s := newStop(t)
	answers := captured(t, "mii-stream.txt")
	tokens, terminal := answers[0], answers[len(answers)-1]
	var calls atomic.Int32
	url := serveMIIOn(t, s, func(c miiCall) {
		if calls.Add(1) == 1 {
			c.say(0, tokens, terminal)
			c.end("0", "")
			return
		}
		s.serves(background(t), func(int) { c.say(0, tokens, tokens) }, func() { c.say(0, tokens) })
		c.say(0, tokens, terminal)
		c.end("0", "")
	})
	return stopped(t, newServer(t, "mii", url, func(o *Options) { o.Stall = s.stall }))
}

func stopped(t testing.TB, s Server) record.Outcome {
	c := s.Client()
	defer c.Close()
	c.Generate(background(t), ask(1))
	return checked(t, c.Generate(background(t), ask(backlog+3)))
}

// A client that stands still finds what came meanwhile late, and with it in
// doubt the same number of chunks, whatever is above the socket.
func TestAStoppedClientFindsTheSameChunksBlurred(t *testing.T) {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	inTheClear := stoppedHTTP(t, nil, nil)
	uncertain := func(o record.Outcome) (n int) {
		for _, c := range o.Chunks {
			if c.Early > 0 {
				n++
			}
		}
		return n
	}
	for name, o := range map[string]record.Outcome{
		"in the clear": inTheClear, "TLS": stoppedHTTP(t, &tls.Config{Certificates: s.TLS.Certificates}, roots), "gRPC": stoppedMII(t),
	} {
		if o.Status != record.OK || len(o.Chunks) != backlog+3 {
			t.Fatalf("%s: %s %q, %d chunks", name, o.Status, o.Error, len(o.Chunks))
		}
		n, clear := uncertain(o), uncertain(inTheClear)
		if n < backlog*9/10 || n > backlog+3 || n*10 < clear*9 || n*9 > clear*10 {
			t.Errorf("%s: %d chunks of %d may have come earlier, in the clear %d", name, n, backlog, clear)
		}
		if !(o.Lag.Float() > 0.019) || o.Clock == "user" {
			t.Errorf("%s: lag %v by the clock %s", name, o.Lag, o.Clock)
		}
		t.Logf("%s: %d early, lag %v, clock %s", name, n, o.Lag.Float(), o.Clock)
	}
}
