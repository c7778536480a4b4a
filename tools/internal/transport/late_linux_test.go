package transport

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// sendBacklog writes 50 chunks one by one, each a TLS record where conn is TLS,
// and waits until the client's socket holds them all.
func sendBacklog(conn net.Conn, socket *net.TCPConn) error {
	io.WriteString(conn, streamHead)
	for i := range 50 {
		chunked(conn, fmt.Sprintf("data: %064d\n\n", i))
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	for unacknowledged := 1; unacknowledged > 0 && err == nil; runtime.Gosched() {
		controlErr := raw.Control(func(fd uintptr) { unacknowledged, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) })
		if err == nil {
			err = controlErr
		}
	}
	return err
}

// backlog returns what a client reads that is let on only when the server has
// written a backlog, and how many reads of the socket that took.
func backlog(t *testing.T, server, client *tls.Config) (got *recorder, reads int) {
	t.Helper()
	written := make(chan error, 1)
	addr := accept(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		socket := conn.(*net.TCPConn)
		if server != nil {
			secure := tls.Server(conn, server)
			if err := secure.Handshake(); err != nil {
				written <- err
				return
			}
			conn = secure
		}
		written <- sendBacklog(conn, socket)
		bufio.NewReader(conn).ReadString('}') // the request
		io.WriteString(conn, "0\r\n\r\n")
	})
	scheme := "http://"
	if server != nil {
		scheme = "https://"
	}
	e := endpoint(t, scheme+addr.String(), func(c *Config) { c.TLS = client })
	h := e.HTTP()
	defer h.Close()
	got = new(recorder)
	_, err := h.Exchange(background(t), e.Post(nil, "", "", []byte("{}")), time.Minute, func() error { return <-written }, got)
	if err != nil || strings.Count(got.text(), "data: ") != 50 {
		t.Fatalf("%v, %d parts", err, len(got.parts))
	}
	seen := map[uint64]bool{}
	for _, at := range got.arrivals {
		seen[at.Read] = true
	}
	return got, len(seen)
}

// What waited in the socket came with one read of it, as records of TLS too.
func TestALateReadIsOneReadUnderTLSToo(t *testing.T) {
	server, client := certified(t)
	_, clear := backlog(t, nil, nil)
	got, secure := backlog(t, server, client)
	if len(got.parts) < 50 || secure != clear {
		t.Errorf("%d parts came with %d reads under TLS, and with %d in the clear", len(got.parts), secure, clear)
	}
	for _, at := range got.arrivals {
		if at != got.arrivals[0] {
			t.Errorf("records of one read carry %+v and %+v", got.arrivals[0], at)
		}
	}
}
