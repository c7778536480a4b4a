// Package stamp says when bytes arrived, as exactly as the system
// allows: on Linux the kernel timestamps each segment of a TCP connection when it
// arrives, and every Read here returns that timestamp. The time from there until
// the program has the bytes is the program's own lag, which is thus measured with
// each read, not estimated.
//
// Elsewhere, and on unix sockets, the arrival is the clock right after the
// read, and the lag is unknown.
package stamp

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// Arrival says when the bytes of one read were there.
type Arrival struct {
	// At is when the last of the bytes came in.
	At time.Time
	// Seen is when the program had them in hand; not before At.
	Seen time.Time
	// Source says who stamped At.
	Source Source
	// Busy reports that a loop read this, and that it was at work, or kept from it, all
	// the time after Since: whatever came then waited until the loop came to it.
	Busy bool
	// Read numbers the reads of the socket: what carries the same number waited
	// together. The kernel joins segments and keeps the last one's timestamp, so
	// several reads with one kernel timestamp are one read. Without a kernel
	// timestamp every read of the socket is a new one.
	Read uint64
	// Since is when the socket was last known to be empty: all bytes of the read
	// came after that.
	Since time.Time
}

// Lag is how long the last of the bytes had waited for the program; 0 where
// the kernel did not say.
func (a Arrival) Lag() time.Duration { return a.Seen.Sub(a.At) }

// Source is where an arrival time comes from.
type Source uint8

const (
	// User is the clock right after the read.
	User Source = iota
	// Kernel is the kernel's receive timestamp.
	Kernel
	// Stepped is the clock right after the read, taken because the wall clock,
	// in which the kernel stamps, was set since the read before.
	Stepped
	// Virtual is a simulated engine's own time, which came with the bytes.
	Virtual
)

// Conn is a connection whose every Read is stamped. Reads must not be
// concurrent; they may be with writes, as on any net.Conn.
type Conn struct {
	net.Conn
	reads   reads
	clock   clock
	receive receiver
	last    Arrival
	ended   atomic.Int64 // when the last read ended, from the clock's base
	joined  *member      // of a loop; nil: reads are the caller's
}

// Dial connects to address, "tcp" or "unix". The stamps are asked for before
// the connection is made, so that no segment can come too early for them.
func Dial(ctx context.Context, network, address string) (*Conn, error) {
	dialer := net.Dialer{Control: enable}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return wrap(conn), nil
}

// wrap stamps the reads of a connection. What it cannot get from the kernel it takes
// from the clock.
func wrap(conn net.Conn) *Conn {
	c := &Conn{Conn: conn, clock: newClock()}
	c.receive.bind(conn)
	return c
}

// Read reads as net.Conn does, without an allocation, and stamps what it read.
func (c *Conn) Read(p []byte) (int, error) {
	n, kernel, err := c.receive.read(c.Conn, p)
	c.arrived(kernel, n < len(p))
	return n, err
}

func (c *Conn) arrived(kernel int64, emptied bool) {
	c.last = c.reads.number(c.clock.base, kernel, c.clock.arrival(kernel), time.Time{}, emptied)
	c.ended.Store(int64(c.last.Seen.Sub(c.clock.base)))
}

// reads is what is remembered of the reads of a socket. Times count from a base.
type reads struct {
	count  uint64
	kernel int64         // timestamp of the last read, 0 when there was none
	since  time.Duration // of it
	empty  time.Duration // when a read last left room, and so emptied the socket
}

// number completes the arrival of a read that was just made. looked is when the
// socket was seen to be empty, besides by the reads before; emptied says that this
// one left room.
func (r *reads) number(base time.Time, kernel int64, at Arrival, looked time.Time, emptied bool) Arrival {
	if kernel == 0 || kernel != r.kernel {
		r.count++
		r.since = max(r.empty, looked.Sub(base))
	}
	if r.kernel = kernel; emptied {
		r.empty = at.Seen.Sub(base)
	}
	at.Read, at.Since = r.count, base.Add(r.since)
	return at
}

// move changes the base.
func (r *reads) move(by time.Duration) {
	r.since -= by
	r.empty -= by
}

// LastRead is when the last read ended, or when the connection was made. It may
// be asked for while reads are under way.
func (c *Conn) LastRead() time.Time {
	if c.joined != nil {
		return c.joined.lastRead()
	}
	return c.clock.base.Add(time.Duration(c.ended.Load()))
}

// Taker takes what comes.
type Taker interface {
	// Take takes the bytes of one read, which it may not keep, and reports whether
	// that is enough.
	Take(p []byte, at Arrival) (enough bool)
	// Warm reads a value of each line of memory that the next Take will use, which
	// brings it into the processor's cache. The loop warms several Takers before one
	// takes: the processor asks for the memory of all, and waits once. The sum that
	// it returns means nothing, but the compiler would leave out what has no use.
	Warm() int
}

// Each reads until take has had enough. It ends with io.EOF when the other end has
// hung up, with os.ErrDeadlineExceeded at the time until, and with the error of
// ctx when that has ended and the deadline was moved to the past. It moves the
// deadline of reads itself. A hang-up right after the bytes of a read may be
// noticed a second late, unless the connection has joined a loop. Then it is the
// loop's goroutine that calls take.
func (c *Conn) Each(ctx context.Context, until time.Time, take Taker) error {
	if c.joined != nil {
		return c.joined.wait(ctx, until, take)
	}
	return c.receive.each(ctx, c.Conn, until, func(p []byte, kernel int64, emptied bool) bool {
		c.arrived(kernel, emptied)
		return take.Take(p, c.last)
	})
}

// readEach is Each where there is no socket to ask.
func readEach(conn net.Conn, take func(p []byte, kernel int64, emptied bool) (enough bool)) error {
	room := make([]byte, 4<<10)
	for {
		n, err := conn.Read(room)
		if n > 0 && take(room[:n], 0, n < len(room)) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Last is the arrival of what the last Read returned, or what Each read last
// without a loop.
func (c *Conn) Last() Arrival { return c.last }

// Open reports whether an idle connection can be used again: the other end
// has not closed it and, unless talkative, has sent nothing unasked. TLS is
// talkative. Where the system cannot tell, the answer is yes.
func (c *Conn) Open(talkative bool) bool {
	if c.joined != nil {
		return c.joined.open(talkative)
	}
	return c.receive.open(talkative)
}

// Joined reports whether a loop reads the connection.
func (c *Conn) Joined() bool { return c.joined != nil }
