package wire

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptest"
	"testing"
)

// Below TLS a stream keeps what the socket does not take, as in the clear, and all of
// it comes in order, what TLS writes by itself before and after too.
func TestSendBelowTLSNeverBlocks(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	defer certified.Close()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := Secure(plain, &tls.Config{Certificates: certified.TLS.Certificates})
	defer listener.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.WriteString(conn, "head ") // with the handshake
			accepted <- conn
		}
	}()
	client, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	conn := <-accepted
	c, err := NewConn(conn)
	if err != nil {
		t.Fatal(err)
	}
	c.Backlog = 64 << 20
	want := []byte("head ")
	for stuck := false; !stuck; {
		line := bytes.Repeat([]byte{byte(len(want))}, 10000)
		want = append(want, line...)
		if err := c.Send(line); err != nil {
			t.Fatal(err)
		}
		select {
		case <-c.Stuck():
			stuck = true
		default:
		}
	}
	got := make(chan []byte)
	go func() {
		all, _ := io.ReadAll(client)
		got <- all
	}()
	if err := c.Drain(); err != nil {
		t.Fatal(err)
	}
	c.Release()
	_, _ = io.WriteString(conn, " tail")
	conn.Close()
	if all := <-got; !bytes.Equal(all, append(want, " tail"...)) {
		t.Errorf("%d bytes came of %d", len(all), len(want)+5)
	}
}

func TestNoSocket(t *testing.T) {
	one, other := net.Pipe()
	defer one.Close()
	defer other.Close()
	if _, err := NewConn(one); err == nil {
		t.Error("a stream over a pipe")
	}
}
