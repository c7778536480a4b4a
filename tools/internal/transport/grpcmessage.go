package transport

import (
	"encoding/binary"
	"errors"
)

// grpcHead is the length of the head of a message: a byte that says
// whether it is compressed, and its length.
const grpcHead = 5

// maxMessage bounds a message, in bytes: MII's servers send no more.
const maxMessage = 1 << 27

// appendMessage appends a message with its head.
func appendMessage(dst, message []byte) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, 0), uint32(len(message)))
	return append(dst, message...)
}

// messages cuts the data of a stream into messages. A message that lies whole
// in one piece of input is not copied.
type messages struct{ begun []byte }

func (m *messages) reset() { m.begun = m.begun[:0] }

// next takes input and returns the first message that it completes, and the
// input after it; ok is false when the input is used up and none is complete.
// The message is valid until the next call.
func (m *messages) next(p []byte) (message, rest []byte, ok bool, err error) {
	for len(m.begun) > 0 {
		missing, err := missingBytes(m.begun)
		switch {
		case err != nil || missing > len(p):
			m.begun = append(m.begun, p...)
			return nil, nil, false, err
		case missing > 0:
			m.begun, p = append(m.begun, p[:missing]...), p[missing:]
			continue
		}
		message, m.begun = m.begun[grpcHead:], m.begun[:0]
		return message, p, true, nil
	}
	if missing, err := missingBytes(p); err != nil || missing > 0 {
		m.begun = append(m.begun, p...)
		return nil, nil, false, err
	}
	size := grpcHead + int(binary.BigEndian.Uint32(p[1:]))
	return p[grpcHead:size], p[size:], true, nil
}

var errMessage = errors.New("the messages of the answer are malformed")

// missingBytes is how many bytes p needs at least to hold a message, 0 when it does.
func missingBytes(p []byte) (int, error) {
	if len(p) < grpcHead {
		return grpcHead - len(p), nil
	}
	size := binary.BigEndian.Uint32(p[1:])
	if p[0] != 0 || size > maxMessage { // compression was not offered
		return 0, errMessage
	}
	return max(0, grpcHead+int(size)-len(p)), nil
}
