package transport

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// socketBuffer is the room for one read of a socket, as large as the one in
// which package stamp reads without TLS: a late read then finds as much.
const socketBuffer = 16 << 10

// bufferedConn reads through a buffer, so that the TLS records or HTTP/2 frames
// that one read of the socket brought carry that read's arrival.
type bufferedConn struct {
	net.Conn
	in *bufio.Reader
}

func newBufferedConn(conn net.Conn) *bufferedConn {
	return &bufferedConn{conn, bufio.NewReaderSize(conn, socketBuffer)}
}

func (b *bufferedConn) Read(p []byte) (int, error) { return b.in.Read(p) }

// link is the connection that a request is sent on.
type link struct {
	socket *stamp.Conn // nil: not connected
	rw     net.Conn    // the socket, or TLS on it
	feed   *feed       // of TLS above a socket that a loop reads; else nil
}

// dial connects. The timestamps are those of the socket; what is read and
// written goes through rw, which is the socket itself where HTTP/1.1 needs
// nothing above it.
func (e *Endpoint) dial(ctx context.Context, to *place) (made link, err error) {
	select {
	case e.dials <- struct{}{}:
		defer func() { <-e.dials }()
	case <-ctx.Done():
		return link{}, ctx.Err()
	}
	network, address := "tcp", to.address.HostPort()
	if to.address.Scheme() == "unix" {
		network = "unix"
	} else if to.proxy != nil {
		address = hostPort(to.proxy, schemes[to.proxy.Scheme])
	}
	if made.socket, err = stamp.Dial(ctx, network, address); err != nil {
		return link{}, err
	}
	socket := made.socket
	unwatch := context.AfterFunc(ctx, func() { socket.SetDeadline(time.Unix(1, 0)) })
	err = e.layers(&made, to)
	if !unwatch() {
		err = ctx.Err()
	}
	if err == nil && e.joins(to) {
		err = made.join(e.config.Loops)
	}
	if err != nil {
		socket.Close()
		return link{}, err
	}
	return made, nil
}

// joins reports whether a loop is to read the connections there.
func (e *Endpoint) joins(to *place) bool {
	return e.config.Loops != nil && !e.config.Lockstep && to.address.Scheme() != "grpc"
}

// join gives the reads of the socket to a loop.
func (l *link) join(loops *stamp.Loops) error {
	err := l.socket.Join(loops)
	if l.feed != nil {
		l.feed.fed = l.socket.Joined()
	}
	return err
}

// layers puts TLS and a proxy's tunnel above the socket where they are needed.
func (e *Endpoint) layers(l *link, to *place) (err error) {
	overTLS := to.proxy != nil && to.proxy.Scheme == "https"
	tunnel := to.proxy != nil && to.prefix == ""
	scheme := to.address.Scheme()
	l.rw = l.socket
	if scheme != "https" && scheme != "grpc" && !overTLS {
		return nil
	}
	l.feed = &feed{Conn: l.socket}
	l.rw = l.feed
	if !e.joins(to) {
		l.rw = newBufferedConn(l.rw)
	}
	if overTLS {
		if l.rw, err = e.handshake(l, to.proxy.Hostname(), true); err != nil {
			return err
		}
	}
	if tunnel {
		buffered := newBufferedConn(l.rw)
		l.rw = buffered
		if err = connectThrough(buffered, to); err != nil {
			return err
		}
	}
	if scheme == "https" {
		l.rw, err = e.handshake(l, to.address.url.Hostname(), false)
	}
	return err
}

// connectThrough asks a proxy for a tunnel. What the server sends at once stays
// in the buffer.
func connectThrough(proxy *bufferedConn, to *place) error {
	server := to.address.HostPort()
	fields := "CONNECT " + server + " HTTP/1.1\r\nHost: " + server + "\r\nUser-Agent: loadgen\r\n"
	if user := basic(to.proxy.User); user != "" {
		fields += "Proxy-Authorization: " + user + "\r\n"
	}
	if _, err := proxy.Write([]byte(fields + "\r\n")); err != nil {
		return err
	}
	answer, err := http.ReadResponse(proxy.in, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return fmt.Errorf("the proxy %s://%s: %w", to.proxy.Scheme, to.proxy.Host, err)
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the proxy %s://%s refuses a tunnel: HTTP %s", to.proxy.Scheme, to.proxy.Host, answer.Status)
	}
	return nil
}
