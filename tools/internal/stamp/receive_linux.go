//go:build linux && !386 && !s390x

package stamp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stampFlags asks for the time at which the network stack took a segment in.
const stampFlags = unix.SOF_TIMESTAMPING_RX_SOFTWARE | unix.SOF_TIMESTAMPING_SOFTWARE

// enable asks for stamps on a socket that is not connected yet. A kernel that
// refuses leaves the reads without stamps, which the arrivals then say.
func enable(_, _ string, raw syscall.RawConn) error {
	return raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPING, stampFlags)
	})
}

func enableOn(conn net.Conn) {
	if raw := rawConn(conn); raw != nil {
		_ = enable("", "", raw) // as above: the arrivals say
	}
}

func rawConn(conn net.Conn) syscall.RawConn {
	if has, ok := conn.(syscall.Conn); ok {
		if raw, err := has.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// receiver calls recvmsg with everything laid out beforehand, so that a read
// allocates nothing: the message, its one buffer, and the room for the stamp.
type receiver struct {
	raw   syscall.RawConn // nil: the connection is no socket
	try   func(fd uintptr) bool
	msg   unix.Msghdr
	iov   unix.Iovec
	oob   [64]byte
	n     int
	errno syscall.Errno
}

func (r *receiver) bind(conn net.Conn) {
	r.raw = rawConn(conn)
	r.try = r.recvmsg
}

// relook is how long each waits at the most before it asks the socket again.
const relook = time.Second

// each reads into p until take has had enough. A read that leaves room in p has
// emptied the socket: each then waits to be told of more instead of asking for
// it in vain first, which spares one of two system calls a token. What it must
// not miss is a hang-up that came together with the bytes just read and was
// told together with them; so it asks again after a while.
func (r *receiver) each(ctx context.Context, conn net.Conn, until time.Time, p []byte, take func(n int, kernel int64) (enough bool)) error {
	r.iov.Base = &p[0]
	r.iov.SetLen(len(p))
	defer func() { r.iov.Base = nil }()
	drain := func(fd uintptr) (stop bool) {
		for r.recvmsg(fd) {
			if r.errno != 0 || r.n == 0 || take(r.n, r.stamp()) {
				return true
			}
			if r.n < len(p) {
				return false
			}
		}
		return false
	}
	for {
		if err := conn.SetReadDeadline(earlier(until, time.Now().Add(relook))); err != nil {
			return err
		}
		if ctx.Err() != nil { // whoever ends ctx moves the deadline after that, not before
			return ctx.Err()
		}
		err := r.raw.Read(drain)
		if err == nil {
			return r.failure(conn)
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) || !time.Now().Before(until) {
			return err
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// failure is what was wrong with the last read, nil if nothing.
func (r *receiver) failure(conn net.Conn) error {
	switch {
	case r.errno != 0:
		return &net.OpError{Op: "read", Net: conn.LocalAddr().Network(), Source: conn.LocalAddr(),
			Addr: conn.RemoteAddr(), Err: os.NewSyscallError("recvmsg", r.errno)}
	case r.n == 0:
		return io.EOF
	}
	return nil
}

// read returns the bytes read and their kernel stamp in nanoseconds since
// 1970, 0 when there is none.
func (r *receiver) read(conn net.Conn, p []byte) (int, int64, error) {
	if r.raw == nil || len(p) == 0 {
		n, err := conn.Read(p)
		return n, 0, err
	}
	r.iov.Base = &p[0]
	r.iov.SetLen(len(p))
	err := r.raw.Read(r.try)
	r.iov.Base = nil
	if err == nil {
		err = r.failure(conn)
	}
	if err != nil {
		return 0, 0, err
	}
	return r.n, r.stamp(), nil
}

// recvmsg runs under the runtime's poller, which calls it again when there is
// something to read. The socket never blocks, so the scheduler needs no word.
func (r *receiver) recvmsg(fd uintptr) bool {
	r.msg.Iov = &r.iov
	r.msg.SetIovlen(1)
	for {
		r.msg.Control = &r.oob[0]
		r.msg.SetControllen(len(r.oob))
		n, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&r.msg)), 0)
		if errno == unix.EINTR {
			continue
		}
		r.n, r.errno = int(n), errno
		return errno != unix.EAGAIN
	}
}

// stamp reads the one control message that was asked for: three timespecs, of
// which the first is the software stamp.
func (r *receiver) stamp() int64 {
	if int(r.msg.Controllen) < unix.CmsgLen(int(unsafe.Sizeof(unix.Timespec{}))) {
		return 0
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&r.oob[0]))
	if header.Level != unix.SOL_SOCKET || header.Type != unix.SCM_TIMESTAMPING {
		return 0
	}
	return (*unix.Timespec)(unsafe.Pointer(&r.oob[unix.CmsgLen(0)])).Nano()
}

// open reports whether the other end still holds the connection and, unless
// talkative, whether it has kept silent.
func (r *receiver) open(talkative bool) bool {
	if r.raw == nil {
		return true
	}
	alive := false
	err := r.raw.Control(func(fd uintptr) {
		var one [1]byte
		n, _, err := unix.Recvfrom(int(fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		alive = err == unix.EAGAIN || err == nil && n > 0 && talkative
	})
	return err == nil && alive
}
