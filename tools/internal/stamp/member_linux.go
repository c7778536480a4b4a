//go:build linux && !386 && !s390x

package stamp

import (
	"context"
	"net"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// member is a socket that a loop reads. It is the net.Conn that is left for
// writing, closing and its addresses. Its owner uses it as any connection, from
// one goroutine at a time.
type member struct {
	// What each read uses comes first: it is one line of the processor's cache, for
	// which a thousand connections compete. The loop's lock guards it.
	each   Taker // nil: nobody waits
	fd     int32
	closed bool
	began  int64 // when somebody began to wait, in nanoseconds since 1970
	reads  reads // from the base of the loop's clock

	done            chan error
	left            []byte   // came when nobody waited any more
	at              *Arrival // of left
	loop            *loop
	place           int32
	generation      int32
	local, remote   net.Addr
	writable, moved chan struct{}
	deadline        atomic.Int64 // of writes, in nanoseconds since 1970; 0 is none
	_               [16]byte     // to a whole number of lines
}

// Join has one of the loops read the connection from now on, when it is a TCP
// connection and there are loops. Its Read must not be called any more.
func (c *Conn) Join(l *Loops) error {
	tcp, ok := c.Conn.(*net.TCPConn)
	if !ok || l == nil {
		return nil
	}
	m := &member{local: tcp.LocalAddr(), remote: tcp.RemoteAddr(), reads: c.reads,
		done: make(chan error, 1), writable: make(chan struct{}, 1), moved: make(chan struct{}, 1)}
	fd, err := takeOver(tcp)
	if err != nil {
		return err
	}
	m.fd = int32(fd)
	err = l.join(m, c.clock.base)
	if err != nil {
		unix.Close(fd)
		return err
	}
	c.Conn, c.joined = m, m
	return nil
}

// takeOver returns the socket of a connection under a descriptor of its own and
// closes the other, so that the runtime's poller does not wake for it.
func takeOver(tcp *net.TCPConn) (fd int, err error) {
	defer tcp.Close()
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, err
	}
	failed := raw.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) })
	if failed != nil {
		return 0, failed
	}
	return fd, os.NewSyscallError("fcntl", err)
}

func (m *member) control(what int, events uint32) error {
	event := unix.EpollEvent{Events: events, Fd: m.place, Pad: m.generation}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(m.loop.fd, what, int(m.fd), &event))
}

// receive reads, if somebody waits; else what is there stays.
func (l *loop) receive(m *member, p []byte) (int, Arrival, error) {
	if m.closed || m.each == nil {
		return 0, Arrival{}, unix.EAGAIN
	}
	n, kernel, errno := l.message.receive(uintptr(m.fd), p)
	if err := ending(n, errno); err != nil {
		return 0, Arrival{}, err
	}
	l.pace.read(m.reads.kernel, m.began, kernel)
	at, looked := l.watch.arrival(kernel), l.looked
	at.Busy = !l.rested || l.late
	if looked.UnixNano() < m.began { // nobody waited, so what was there was left there
		looked = time.Time{}
	}
	return n, m.reads.number(l.watch.base, kernel, at, looked, n < len(p)), nil
}

// take hands on what was read and reports whether the wait has ended.
func (m *member) take(p []byte, at *Arrival, err error) (ended bool) {
	switch {
	case m.each == nil:
		kept := *at
		m.left, m.at = append(m.left, p...), &kept
		return false
	case err == nil && !m.each.Take(p, *at):
		return false
	}
	m.stop()
	m.done <- err
	return true
}

// stop ends the wait.
func (m *member) stop() {
	if m.each != nil {
		m.each = nil
		m.loop.waiting--
	}
}

// wait has what comes handed on until each has had enough.
func (m *member) wait(ctx context.Context, until time.Time, each Taker) error {
	if enough, err := m.begin(each); enough || err != nil {
		return err
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
		return m.callOff(ctx.Err())
	case <-timer.C:
		return m.callOff(os.ErrDeadlineExceeded)
	}
}

// begin has the set tell again of what is there already.
func (m *member) begin(each Taker) (enough bool, err error) {
	m.loop.mu.Lock()
	defer m.loop.mu.Unlock()
	if m.closed {
		return false, net.ErrClosed
	}
	if len(m.left) > 0 {
		enough = each.Take(m.left, *m.at)
		m.left = m.left[:0]
	}
	if enough {
		return true, nil
	}
	m.each, m.began = each, time.Now().UnixNano()
	if err := m.loop.expect(); err != nil {
		return false, err
	}
	return false, m.control(unix.EPOLL_CTL_MOD, interest)
}

func (m *member) callOff(err error) error {
	m.loop.mu.Lock()
	defer m.loop.mu.Unlock()
	if m.each == nil { // it has just ended
		return <-m.done
	}
	m.stop()
	return err
}

// lastRead is Conn.LastRead. A read that did not empty the socket is not the last.
func (m *member) lastRead() time.Time {
	m.loop.mu.Lock()
	defer m.loop.mu.Unlock()
	return m.loop.watch.base.Add(m.reads.empty)
}

// open is Conn.Open.
func (m *member) open(talkative bool) bool {
	var one [1]byte
	n, _, err := unix.Recvfrom(int(m.fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	silent := err == unix.EAGAIN && len(m.left) == 0
	return silent || talkative && (err == unix.EAGAIN || err == nil && n > 0)
}

// Close gives the socket up.
func (m *member) Close() error {
	m.loop.mu.Lock()
	defer m.loop.mu.Unlock()
	if m.closed {
		return net.ErrClosed
	}
	m.closed = true
	m.stop()
	m.loop.remove(m)
	return os.NewSyscallError("close", unix.Close(int(m.fd))) // the set forgets it by that
}

// Read is the loop's.
func (m *member) Read([]byte) (int, error) { return 0, os.ErrInvalid }

// Write writes all, or until the deadline.
func (m *member) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		var n int
		switch n, err = unix.Write(int(m.fd), p[written:]); err {
		case nil:
			written += n
		case unix.EINTR:
			err = nil
		case unix.EAGAIN:
			err = m.waitWritable()
		}
	}
	if err != nil {
		err = &net.OpError{Op: "write", Net: "tcp", Source: m.local, Addr: m.remote, Err: err}
	}
	return written, err
}

// waitWritable waits until the loop has seen room, or until the deadline.
func (m *member) waitWritable() error {
	if err := m.control(unix.EPOLL_CTL_MOD, interest|unix.EPOLLOUT); err != nil {
		return err
	}
	for {
		var late <-chan time.Time
		if deadline := m.deadline.Load(); deadline != 0 {
			timer := time.NewTimer(time.Until(time.Unix(0, deadline)))
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-m.writable:
			return nil
		case <-m.moved: // the deadline
		case <-late:
			return os.ErrDeadlineExceeded
		}
	}
}

func (m *member) signalWritable() { signal(m.writable) }

func signal(to chan struct{}) {
	select {
	case to <- struct{}{}:
	default: // a signal waits there
	}
}

// SetDeadline sets that of writes; wait has its own.
func (m *member) SetDeadline(t time.Time) error { return m.SetWriteDeadline(t) }

// SetReadDeadline does nothing: wait has its own.
func (m *member) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline may be called while a write waits.
func (m *member) SetWriteDeadline(t time.Time) error {
	deadline := int64(0)
	if !t.IsZero() {
		deadline = t.UnixNano()
	}
	m.deadline.Store(deadline)
	signal(m.moved)
	return nil
}

func (m *member) LocalAddr() net.Addr  { return m.local }
func (m *member) RemoteAddr() net.Addr { return m.remote }
