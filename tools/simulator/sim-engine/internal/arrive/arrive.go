// Package arrive listens on connections that know when the kernel received
// what was last read from them. A request that waits for a busy server has
// arrived all the same, and its first token is due from then on.
package arrive

import (
	"context"
	"net"
	"syscall"
	"time"
)

// Listener accepts connections that stamp arrivals.
type Listener struct{ *net.TCPListener }

// Listen listens on a TCP address. Where the system does not let connections
// be set up as they should be, it calls warn and they are as others. With shared,
// several servers may listen on the address, and the kernel deals connections out.
func Listen(address string, shared bool, warn func(format string, args ...any)) (*Listener, error) {
	config := net.ListenConfig{Control: func(network, address string, raw syscall.RawConn) error {
		if shared {
			if err := share(raw); err != nil {
				return err
			}
		}
		if err := prepare(network, address, raw); err != nil {
			warn("arrival times and tokens may be late: %v", err)
		}
		return nil
	}}
	l, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	return &Listener{TCPListener: l.(*net.TCPListener)}, nil
}

// Accept waits for a connection, a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	tcp, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return newConn(tcp)
}

// Arrived is when the kernel received the last bytes that Read returned, by
// the real-time clock; zero where it does not say.
func (c *Conn) Arrived() time.Time {
	if at := c.arrived.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Time{}
}
