//go:build !linux

package arrive

import (
	"errors"
	"net"
	"sync/atomic"
	"syscall"
)

// Conn is a TCP connection; only Linux stamps what it reads.
type Conn struct {
	*net.TCPConn
	arrived atomic.Int64
}

func prepare(_, _ string, _ syscall.RawConn) error { return errors.New("only Linux stamps them") }

func share(syscall.RawConn) error {
	return errors.New("only Linux deals connections out to servers on one port")
}

func newConn(tcp *net.TCPConn) (*Conn, error) { return &Conn{TCPConn: tcp}, nil }
