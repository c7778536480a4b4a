package arrive

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// These tests need Linux: elsewhere Arrived is always zero.
func pair(t *testing.T) (server *Conn, client net.Conn) {
	t.Helper()
	l, err := Listen("127.0.0.1:0", false, t.Errorf)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); client.Close() })
	return c.(*Conn), client
}

func TestReadsCarryTheKernelsStamp(t *testing.T) {
	server, client := pair(t)
	if !server.Arrived().IsZero() {
		t.Error("something arrived before anything was read")
	}
	// The kernel begins to stamp a moment after it is first asked to.
	for stamped := 0; stamped < 3 && t.Context().Err() == nil; {
		before := time.Now().Round(0)
		if _, err := client.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		written := time.Now().Round(0)
		if _, err := io.ReadFull(server, make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		at := server.Arrived()
		if at.IsZero() {
			continue
		}
		stamped++
		// On loopback the kernel receives within the sender's write.
		if at.Before(before) || at.After(written) {
			t.Errorf("written from %v to %v, arrived %v", before, written, at)
		}
	}
}

func TestReadEndsAsOthersDo(t *testing.T) {
	server, client := pair(t)
	if err := server.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("behind the deadline: %v", err)
	}
	if err := server.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	client.Close()
	if _, err := server.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("behind the end: %v", err)
	}
	server.Close()
	if _, err := server.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed here: %v", err)
	}
}
