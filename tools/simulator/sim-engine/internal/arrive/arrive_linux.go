package arrive

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Conn is a TCP connection whose reads also ask for the kernel's stamp.
type Conn struct {
	*net.TCPConn
	raw     syscall.RawConn
	arrived atomic.Int64 // nanoseconds since 1970
}

// prepare sets up a listening socket; what it accepts inherits it all.
func prepare(_, _ string, raw syscall.RawConn) error {
	var stamps, pacing error
	err := raw.Control(func(fd uintptr) {
		stamps = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
		// Some congestion controls, BBR among them, send when they think best.
		// Reno sends at once.
		pacing = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, "reno")
	})
	return errors.Join(err, stamps, pacing)
}

func share(raw syscall.RawConn) (err error) {
	return errors.Join(raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	}), err)
}

func newConn(tcp *net.TCPConn) (*Conn, error) {
	raw, err := tcp.SyscallConn()
	return &Conn{TCPConn: tcp, raw: raw}, err
}

// Read reads and notes the kernel's stamp.
func (c *Conn) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	var control [64]byte
	var controls int
	var failed error
	waiting := c.raw.Read(func(fd uintptr) bool {
		n, controls, _, _, failed = unix.Recvmsg(int(fd), p, control[:], unix.MSG_DONTWAIT)
		for failed == unix.EINTR {
			n, controls, _, _, failed = unix.Recvmsg(int(fd), p, control[:], unix.MSG_DONTWAIT)
		}
		return failed != unix.EAGAIN
	})
	switch {
	case waiting != nil:
		return 0, waiting // as TCPConn.Read would say it: deadlines and closing are in it
	case failed != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("recvmsg", failed)}
	case n == 0:
		return 0, io.EOF
	}
	c.arrived.Store(stamp(control[:controls]))
	return n, nil
}

// stamp finds the kernel's time among control messages, 0 if it is not there.
func stamp(control []byte) int64 {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= int(unsafe.Sizeof(unix.Timespec{})) {
			return (*unix.Timespec)(unsafe.Pointer(&m.Data[0])).Nano()
		}
	}
	return 0
}
