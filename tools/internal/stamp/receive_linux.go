//go:build linux && !386 && !s390x

package stamp

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
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

func rawConn(conn net.Conn) syscall.RawConn {
	if has, ok := conn.(syscall.Conn); ok {
		if raw, err := has.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

// message is what recvmsg needs, with room for the bytes and for the stamp. It
// is borrowed for a read: shared by thousands of connections it stays in the
// processor's cache, where their own would not.
type message struct {
	header unix.Msghdr
	iov    unix.Iovec
	oob    [64]byte
	room   [16 << 10]byte
}

var messages = sync.Pool{New: func() any { return new(message) }}

// receive reads into p and returns the kernel's stamp in nanoseconds since 1970,
// 0 when there is none. The socket never blocks, so the scheduler needs no word.
func (m *message) receive(fd uintptr, p []byte) (n int, kernel int64, errno syscall.Errno) {
	m.iov.Base = &p[0]
	m.iov.SetLen(len(p))
	m.header.Iov = &m.iov
	m.header.SetIovlen(1)
	for {
		m.header.Control = &m.oob[0]
		m.header.SetControllen(len(m.oob))
		got, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&m.header)), 0)
		switch errno {
		case unix.EINTR:
			continue
		case 0:
			return int(got), m.stamp(), 0
		}
		return 0, 0, errno
	}
}

// stamp reads the one control message that was asked for: three timespecs, of
// which the first is the software stamp.
func (m *message) stamp() int64 {
	if int(m.header.Controllen) < unix.CmsgLen(int(unsafe.Sizeof(unix.Timespec{}))) {
		return 0
	}
	header := (*unix.Cmsghdr)(unsafe.Pointer(&m.oob[0]))
	if header.Level != unix.SOL_SOCKET || header.Type != unix.SCM_TIMESTAMPING {
		return 0
	}
	return (*unix.Timespec)(unsafe.Pointer(&m.oob[unix.CmsgLen(0)])).Nano()
}

// receiver reads from one connection, without an allocation for a read.
type receiver struct {
	raw    syscall.RawConn // nil: the connection is no socket
	try    func(fd uintptr) bool
	into   []byte // of read
	n      int
	kernel int64
	errno  syscall.Errno
}

func (r *receiver) bind(conn net.Conn) {
	r.raw = rawConn(conn)
	r.try = r.tryRead
}

// read returns the bytes read and their kernel stamp.
func (r *receiver) read(conn net.Conn, p []byte) (int, int64, error) {
	if r.raw == nil || len(p) == 0 {
		n, err := conn.Read(p)
		return n, 0, err
	}
	r.into = p
	err := r.raw.Read(r.try)
	r.into = nil
	if err == nil {
		err = r.failure(conn)
	}
	if err != nil {
		return 0, 0, err
	}
	return r.n, r.kernel, nil
}

// tryRead runs under the runtime's poller, which calls it again when there is
// something to read.
func (r *receiver) tryRead(fd uintptr) (done bool) {
	m := messages.Get().(*message)
	r.n, r.kernel, r.errno = m.receive(fd, r.into)
	m.iov.Base = nil
	messages.Put(m)
	return r.errno != unix.EAGAIN
}

// relook is how long each waits at the most before it asks the socket again.
const relook = time.Second

// each reads until take has had enough. A read that leaves room has emptied the
// socket: each then waits for a report of more instead of asking for it in vain
// first, which spares one of two system calls per token. What it must not miss is
// a hang-up that came, and was reported, together with the bytes just read; so it
// asks again after a while.
func (r *receiver) each(ctx context.Context, conn net.Conn, until time.Time, take func(p []byte, kernel int64, emptied bool) (enough bool)) error {
	if r.raw == nil {
		return readEach(conn, take)
	}
	drain := func(fd uintptr) (stop bool) { return r.drain(fd, take) }
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

// drain reads what is there and reports whether that is the end.
func (r *receiver) drain(fd uintptr, take func(p []byte, kernel int64, emptied bool) (enough bool)) (stop bool) {
	m := messages.Get().(*message)
	defer messages.Put(m)
	for {
		r.n, r.kernel, r.errno = m.receive(fd, m.room[:])
		switch {
		case r.errno == unix.EAGAIN:
			return false
		case r.errno != 0 || r.n == 0 || take(m.room[:r.n], r.kernel, r.n < len(m.room)):
			return true
		case r.n < len(m.room):
			return false
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
