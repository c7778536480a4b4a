package stamp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// pair returns a stamped client and the server's end of one connection.
func pair(t testing.TB, network, address string) (*Conn, net.Conn) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	client, err := Dial(context.Background(), network, listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func send(t testing.TB, conn io.Writer, text string) time.Time {
	t.Helper()
	before := time.Now()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return before
}

// receive reads until the kernel stamps: a kernel turns stamping on when the
// first socket asks, a moment after it asked.
func receive(t testing.TB, client *Conn, server io.Writer) (before time.Time, got Arrival) {
	t.Helper()
	buffer := make([]byte, 64)
	for range 1000 {
		before = send(t, server, "token")
		if n, err := client.Read(buffer); err != nil || string(buffer[:n]) != "token" {
			t.Fatalf("read %q, %v", buffer[:n], err)
		}
		if got = client.Last(); got.Source == Kernel {
			break
		}
	}
	return before, got
}

func TestReadsOverTCPCarryTheKernelsStamp(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("kernel stamps are Linux's")
	}
	client, server := pair(t, "tcp", "127.0.0.1:0")
	before, got := receive(t, client, server)
	if got.Source != Kernel {
		t.Fatalf("no stamp came: %+v", got)
	}
	if got.At.Before(before) || got.At.After(got.Seen) || got.Lag() < 0 {
		t.Errorf("written at %v, arrived %v, seen %v", before, got.At, got.Seen)
	}
}

// What waited in the socket shows as lag, and the arrival does not move.
func TestLagIsTheTimeInTheSocket(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("kernel stamps are Linux's")
	}
	client, server := pair(t, "tcp", "127.0.0.1:0")
	receive(t, client, server)
	send(t, server, "token")
	sent := time.Now()
	const wait = 30 * time.Millisecond
	<-time.After(wait)
	if _, err := client.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	if got := client.Last(); got.Lag() < wait || got.At.After(sent) {
		t.Errorf("lag %v after waiting %v; arrived %v after it was sent", got.Lag(), wait, got.At.Sub(sent))
	}
}

func TestReadsUnderTLSCarryTheKernelsStamp(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("kernel stamps are Linux's")
	}
	secrets := httptest.NewUnstartedServer(nil)
	secrets.StartTLS()
	defer secrets.Close()
	client, server := pair(t, "tcp", "127.0.0.1:0")
	outer := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
	inner := tls.Server(server, &tls.Config{Certificates: secrets.TLS.Certificates})
	shaken := make(chan error, 1)
	go func() { shaken <- inner.Handshake() }()
	if err := errors.Join(outer.Handshake(), <-shaken); err != nil {
		t.Fatal(err)
	}
	before := send(t, inner, "token")
	buffer := make([]byte, 64)
	n, err := outer.Read(buffer)
	if err != nil || string(buffer[:n]) != "token" {
		t.Fatalf("read %q, %v", buffer[:n], err)
	}
	if got := client.Last(); got.Source == Kernel && got.At.Before(before) {
		t.Errorf("the token of %v arrived at %v", before, got.At)
	}
}

func TestUnixSocketsSayThatTheyAreNotStamped(t *testing.T) {
	client, server := pair(t, "unix", filepath.Join(t.TempDir(), "s"))
	send(t, server, "token")
	buffer := make([]byte, 64)
	n, err := client.Read(buffer)
	if got := client.Last(); err != nil || n != 5 || got.Source != User || got.Lag() != 0 {
		t.Errorf("read %d, %v, %+v", n, err, got)
	}
}

func TestAConnectionThatIsNoSocketIsRead(t *testing.T) {
	near, far := net.Pipe()
	client := wrap(near)
	go func() { io.WriteString(far, "token"); far.Close() }()
	got, err := io.ReadAll(client)
	if string(got) != "token" || err != nil || client.Last().Source != User {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestEndsAndDeadlinesAreReported(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	buffer := make([]byte, 64)
	client.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := client.Read(buffer); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("past the deadline: %v", err)
	}
	client.SetReadDeadline(time.Time{})
	send(t, server, "last words")
	server.Close()
	if n, err := client.Read(buffer); n != 10 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
	if _, err := client.Read(buffer); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestAResetIsAnError(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	server.(*net.TCPConn).SetLinger(0)
	server.Close()
	var netErr *net.OpError
	if _, err := client.Read(make([]byte, 1)); !errors.As(err, &netErr) {
		t.Errorf("after a reset: %v", err)
	}
}

func TestOpenSeesThatTheOtherEndLeft(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can tell")
	}
	client, server := pair(t, "tcp", "127.0.0.1:0")
	if !client.Open(false) {
		t.Error("an idle connection counts as closed")
	}
	receive(t, client, server)
	send(t, server, "unasked")
	server.Close()
	if _, err := io.Copy(io.Discard, client); err != nil || client.Open(true) {
		t.Error("a closed connection counts as open")
	}
}

func TestReadsAllocateNothing(t *testing.T) {
	client, server := pair(t, "tcp", "127.0.0.1:0")
	buffer, token := make([]byte, 64), []byte("token")
	if n := testing.AllocsPerRun(200, func() {
		if _, err := server.Write(token); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(buffer); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a read", n)
	}
}

func BenchmarkRead(b *testing.B) {
	client, server := pair(b, "tcp", "127.0.0.1:0")
	receive(b, client, server)
	buffer, token := make([]byte, 64), []byte("token")
	var lag time.Duration
	for b.Loop() {
		server.Write(token)
		client.Read(buffer)
		lag += client.Last().Lag()
	}
	b.ReportMetric(float64(lag.Nanoseconds())/float64(b.N), "lag-ns/op")
}
