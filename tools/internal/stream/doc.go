// Package stream turns the bytes of a server's answer into messages, and each
// message into an event, which is independent of the protocol. A caller pushes
// bytes in and takes messages out. The package never
// waits, does no I/O and reads no clock.
//
// An answer that is not streamed is one message without a name.
package stream

import "errors"

// Message is one unit of a stream. Its memory is valid until the next call of the
// Splitter that returned it, and as long as the input is.
type Message struct {
	Name []byte // the SSE event's name, empty for an unnamed one
	Data []byte
	// At is the virtual instant that a comment line ":t=12.5" in front of the data
	// gives, as simulated engines do.
	At Span
}

// Splitter cuts a stream into messages. The input may be split at any byte.
type Splitter interface {
	// Next returns the first message that p completes and the input after it.
	// When ok is false, p is used up. A message of more than 16 MB is an error.
	Next(p []byte) (m Message, rest []byte, ok bool, err error)
	// Reset makes the splitter ready for another stream.
	Reset()
	// Warm reads what Next will use, as stamp.Taker's does.
	Warm() int
}

// maxMessage bounds one message, in bytes: a server that never ends one must
// not fill the memory.
const maxMessage = 16 << 20

var errTooLong = errors.New("a message of the stream is longer than 16 MB")

// emptied returns an empty buffer. It gives up memory that one long message needed.
func emptied(buffer []byte) []byte {
	if cap(buffer) > 4<<10 {
		return nil
	}
	return buffer[:0]
}
