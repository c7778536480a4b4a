package wire

import "strconv"

// frameRoom is kept free in front of a chunk's body for its length: eight hex
// digits, CR and LF.
const frameRoom = 10

// Frame builds one chunk of HTTP/1.1's chunked transfer coding in a buffer that
// is used again and again: Begin, append to Body, then Bytes.
type Frame struct {
	// Body is what goes into the chunk. Append to it.
	Body []byte
}

// Begin empties the frame.
func (f *Frame) Begin() {
	if cap(f.Body) < frameRoom {
		f.Body = make([]byte, frameRoom, 4096)
	}
	f.Body = f.Body[:frameRoom]
}

// Len is the size of the body.
func (f *Frame) Len() int { return len(f.Body) - frameRoom }

// Bytes returns the whole chunk; it is valid until the next Begin. An empty
// body gives no bytes, since an empty chunk would end the answer.
func (f *Frame) Bytes() []byte {
	size := f.Len()
	if size == 0 {
		return nil
	}
	f.Body = append(f.Body, '\r', '\n')
	var digits [16]byte
	hex := strconv.AppendInt(digits[:0], int64(size), 16)
	start := frameRoom - 2 - len(hex)
	copy(f.Body[start:], hex)
	f.Body[frameRoom-2], f.Body[frameRoom-1] = '\r', '\n'
	return f.Body[start:]
}
