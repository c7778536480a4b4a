package protocol

import (
	"encoding/binary"
	"errors"
	"net"

	"fastgenbench/tools/internal/stamp"
)

// grpcHead is the length of what stands in front of a message: a byte that says
// whether it is compressed, and its length.
const grpcHead = 5

// maxMessage bounds a message, in bytes: MII's servers send no more.
const maxMessage = 1 << 27

// appendGRPC appends a message with its head.
func appendGRPC(dst, message []byte) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, 0), uint32(len(message)))
	return append(dst, message...)
}

// grpcMessages cuts the data of a stream into messages. A message that lies
// whole in one piece of input is not copied.
type grpcMessages struct{ begun []byte }

func (m *grpcMessages) reset() { m.begun = m.begun[:0] }

// next takes input and returns the first message that it completes, and the
// input behind it; ok is false when the input is used up and none is complete.
// The message is valid until the next call.
func (m *grpcMessages) next(p []byte) (message, rest []byte, ok bool, err error) {
	for len(m.begun) > 0 {
		lacking, err := lacks(m.begun)
		switch {
		case err != nil || lacking > len(p):
			m.begun = append(m.begun, p...)
			return nil, nil, false, err
		case lacking > 0:
			m.begun, p = append(m.begun, p[:lacking]...), p[lacking:]
			continue
		}
		message, m.begun = m.begun[grpcHead:], m.begun[:0]
		return message, p, true, nil
	}
	if lacking, err := lacks(p); err != nil || lacking > 0 {
		m.begun = append(m.begun, p...)
		return nil, nil, false, err
	}
	size := grpcHead + int(binary.BigEndian.Uint32(p[1:]))
	return p[grpcHead:size], p[size:], true, nil
}

var errMessage = errors.New("the messages of the answer are malformed")

// lacks is how many bytes at least p lacks to hold a message, 0 when it does.
func lacks(p []byte) (int, error) {
	if len(p) < grpcHead {
		return grpcHead - len(p), nil
	}
	size := binary.BigEndian.Uint32(p[1:])
	if p[0] != 0 || size > maxMessage { // compression was not offered
		return 0, errMessage
	}
	return max(0, grpcHead+int(size)-len(p)), nil
}

// stampedReader buffers what a framer reads a few bytes at a time, so that one
// read of the socket, with its stamp, can bring several frames.
type stampedReader struct {
	rw     net.Conn
	socket *stamp.Conn
	ended  func(stamp.Arrival) // hears that what a read brought is used up
	unread []byte
	began  bool
	buffer [readBuffer]byte
}

func (r *stampedReader) Read(p []byte) (int, error) {
	if len(r.unread) == 0 {
		r.done()
		n, err := r.rw.Read(r.buffer[:])
		if n == 0 {
			return 0, err
		}
		r.unread, r.began = r.buffer[:n], true
	}
	n := copy(p, r.unread)
	r.unread = r.unread[n:]
	return n, nil
}

// done ends the read before.
func (r *stampedReader) done() {
	if r.began {
		r.began = false
		r.ended(r.socket.Last())
	}
}
