package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// ErrSlow is the end of a stream whose reader fell too far behind.
var ErrSlow = errors.New("the client does not read its answer")

// How many bytes of one stream may wait for its reader. In virtual time all of
// an answer can come at once, and how fast a reader is must not matter.
const (
	Backlog        = 4 << 20
	VirtualBacklog = 64 << 20
)

// Socket is what a stream is written to: a TCP connection, maybe below TLS.
type Socket interface {
	io.Writer
	SetWriteDeadline(time.Time) error
	SyscallConn() (syscall.RawConn, error)
}

// Conn writes to a socket without ever blocking the caller of Send. What the
// socket does not take is kept, and Stuck asks the owner to call
// Drain, which blocks in the caller's stead. While kept bytes remain, Send
// only adds to them.
type Conn struct {
	// Backlog is how many bytes may wait for the reader; set it before the
	// first Send.
	Backlog int

	secure *tls.Conn // encrypts what is sent; nil is none
	socket Socket
	raw    syscall.RawConn
	try    func(fd uintptr) bool // made once: a closure a write would be an allocation a token
	stuck  chan struct{}

	mu      sync.Mutex
	out     []byte // what try writes
	kept    []byte
	keeping bool // Drain has not yet emptied kept
	err     error
}

// errNoSocket is of a connection that a stream cannot write to.
var errNoSocket = errors.New("the connection has no socket")

// NewConn returns a Conn over a TCP connection or one that Secure has accepted.
// Nobody else may write through it until the last Send has returned, Drain found
// nothing left, and Release was called.
func NewConn(conn net.Conn) (*Conn, error) {
	socket, ok := Bottom(conn).(Socket)
	if !ok {
		return nil, errNoSocket
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &Conn{Backlog: Backlog, socket: socket, raw: raw, stuck: make(chan struct{}, 1)}
	c.secure, _ = conn.(*tls.Conn)
	c.try = c.write
	return c, nil
}

// write writes as much of out as the socket takes now. It always reports true:
// false would make the runtime wait for the socket.
func (c *Conn) write(fd uintptr) bool {
	for len(c.out) > 0 {
		n, err := syscall.Write(int(fd), c.out)
		if n > 0 {
			c.out = c.out[n:]
		}
		switch err {
		case nil, syscall.EINTR:
		case syscall.EAGAIN:
			return true
		default:
			c.err = err
			return true
		}
	}
	return true
}

// Send writes b, or keeps what the socket does not take. An error is final.
func (c *Conn) Send(b []byte) error {
	if c.secure == nil {
		return c.put(b)
	}
	c.secure.NetConn().(*Under).stream.Store(c)
	_, err := c.secure.Write(b) // calls put
	return err
}

// Release lets others write through the connection again.
func (c *Conn) Release() {
	if c.secure != nil {
		c.secure.NetConn().(*Under).stream.Store(nil)
	}
}

// put writes b to the socket, or keeps what it does not take.
func (c *Conn) put(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	if !c.keeping {
		c.out = b
		if err := c.raw.Write(c.try); err != nil && c.err == nil {
			c.err = err
		}
		b, c.out = c.out, nil
		if c.err != nil || len(b) == 0 {
			return c.err
		}
	}
	if len(c.kept)+len(b) > c.Backlog {
		c.err = ErrSlow
		// Drain waits in a write that may never end.
		return errors.Join(c.err, c.socket.SetWriteDeadline(time.Now()))
	}
	c.kept = append(c.kept, b...)
	if !c.keeping {
		c.keeping = true
		c.signal()
	}
	return nil
}

func (c *Conn) signal() {
	select {
	case c.stuck <- struct{}{}:
	default:
	}
}

// Stuck receives when Drain is needed.
func (c *Conn) Stuck() <-chan struct{} { return c.stuck }

// Drain writes what was kept, blocking as long as the reader makes it wait,
// and returns the stream's error if it has one.
func (c *Conn) Drain() error {
	var out []byte
	for {
		c.mu.Lock()
		if c.err != nil || len(c.kept) == 0 {
			c.keeping = false
			err := c.err
			c.mu.Unlock()
			return err
		}
		out, c.kept = c.kept, out[:0]
		c.mu.Unlock()
		if _, err := c.socket.Write(out); err != nil {
			c.mu.Lock()
			if c.err == nil {
				c.err = err
			}
			c.mu.Unlock()
		}
	}
}

// Err is the stream's error, nil while it has none.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}
