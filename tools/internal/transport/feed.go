package transport

import (
	"errors"
	"io"
	"net"
	"sync"

	"fastgenbench/tools/internal/stamp"
)

// feed is a socket as TLS reads it. Once a loop has the reads of the socket, TLS
// is given the bytes of one read after the other, and asked what it makes of them.
type feed struct {
	net.Conn
	shaking bool // a handshake computes
	fed     bool
	bytes   []byte // of the read
	ended   bool   // no more will come
}

// consumed says that TLS has had all bytes of a read. TLS keeps a part of a record
// and goes on after such an error, as after a deadline.
type consumed struct{}

func (consumed) Error() string   { return "the bytes that came are consumed" }
func (consumed) Timeout() bool   { return true }
func (consumed) Temporary() bool { return true }

func (f *feed) Read(p []byte) (int, error) {
	switch {
	case f.shaking:
		return f.readShaking(p)
	case !f.fed:
		return f.Conn.Read(p)
	case len(f.bytes) > 0:
		n := copy(p, f.bytes)
		f.bytes = f.bytes[n:]
		return n, nil
	case f.ended:
		return 0, io.EOF
	}
	return 0, consumed{}
}

// rooms are for what TLS makes of a read, until that is taken: a connection has one
// for as long.
var rooms = sync.Pool{New: func() any { return new([readBuffer]byte) }}

// takeSealed hands on what TLS makes of the bytes of one read.
func (h *HTTP) takeSealed(p []byte, at stamp.Arrival) error {
	room := rooms.Get().(*[readBuffer]byte)
	defer rooms.Put(room)
	h.feed.bytes = p
	for {
		n, err := h.rw.Read(room[:])
		if n > 0 {
			if wrong := h.take(room[:n], at); wrong != nil {
				return wrong
			}
		}
		if errors.Is(err, consumed{}) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sealedEnd is what TLS makes of the end of the connection: a record that is cut
// is another end than one after a whole record.
func (h *HTTP) sealedEnd() error {
	h.feed.ended = true
	_, err := h.rw.Read(h.room())
	return err
}
