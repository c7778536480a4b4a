package wire

import (
	"crypto/tls"
	"net"
	"sync/atomic"
)

// Under lies between a TLS connection and its socket, so that a Conn can write
// records without ever blocking, too.
type Under struct {
	net.Conn
	stream atomic.Pointer[Conn] // writes to the socket; nil: TLS writes itself
}

// Write sends what TLS has encrypted.
func (u *Under) Write(b []byte) (int, error) {
	stream := u.stream.Load()
	if stream == nil {
		return u.Conn.Write(b)
	}
	if err := stream.put(b); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Secure returns a listener whose connections speak TLS by config, each over an
// Under.
func Secure(listener net.Listener, config *tls.Config) net.Listener {
	return tls.NewListener(underListener{listener}, config)
}

type underListener struct{ net.Listener }

func (l underListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &Under{Conn: conn}, nil
}

// Bottom is the connection below TLS, or conn itself where it does not speak TLS.
func Bottom(conn net.Conn) net.Conn {
	if secure, ok := conn.(*tls.Conn); ok {
		if under, ok := secure.NetConn().(*Under); ok {
			return under.Conn
		}
	}
	return conn
}
