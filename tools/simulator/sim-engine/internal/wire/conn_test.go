package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
)

// sockets returns both ends of a loopback connection.
func sockets(t testing.TB) (server, client *net.TCPConn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); c.Close() })
	return s.(*net.TCPConn), c.(*net.TCPConn)
}

func TestSendNeverBlocksAndDrainLosesNothing(t *testing.T) {
	server, client := sockets(t)
	if err := server.SetWriteBuffer(4096); err != nil {
		t.Fatal(err)
	}
	c, err := NewConn(server)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	line := make([]byte, 1000)
	send := func() {
		for i := range line {
			line[i] = byte(want.Len() + i)
		}
		want.Write(line)
		if err := c.Send(line); err != nil {
			t.Fatal(err)
		}
	}
	for stuck := false; !stuck; {
		send()
		select {
		case <-c.Stuck():
			stuck = true
		default:
		}
	}
	send() // is kept behind what is kept
	got := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(client)
		got <- all
	}()
	if err := c.Drain(); err != nil {
		t.Fatal(err)
	}
	send() // goes straight out again
	if err := c.Drain(); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if all := <-got; !bytes.Equal(all, want.Bytes()) {
		t.Errorf("%d bytes came of %d", len(all), want.Len())
	}
}

func TestBacklogIsBounded(t *testing.T) {
	server, _ := sockets(t)
	c, err := NewConn(server)
	if err != nil {
		t.Fatal(err)
	}
	drained := make(chan error, 1)
	go func() {
		for range c.Stuck() {
			// A socket whose buffer still grows takes all that was kept; the
			// next Send that it does not take asks again.
			if err := c.Drain(); err != nil {
				drained <- err
				return
			}
		}
	}()
	megabyte := make([]byte, 1<<20)
	for range 100 {
		if err = c.Send(megabyte); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrSlow) {
		t.Fatalf("100 MB nobody reads: %v", err)
	}
	if err := <-drained; !errors.Is(err, ErrSlow) {
		t.Errorf("drain says %v", err)
	}
	if err := c.Send(megabyte); !errors.Is(err, ErrSlow) {
		t.Errorf("after the end: %v", err)
	}
}

func TestSendToAClosedSocketFails(t *testing.T) {
	server, _ := sockets(t)
	c, err := NewConn(server)
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := c.Send([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func BenchmarkSend(b *testing.B) {
	server, client := sockets(b)
	c, err := NewConn(server)
	if err != nil {
		b.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, client) }()
	chunk := make([]byte, 250)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Send(chunk); err != nil {
			b.Fatal(err)
		}
		select {
		case <-c.Stuck():
			if err := c.Drain(); err != nil {
				b.Fatal(err)
			}
		default:
		}
	}
}
