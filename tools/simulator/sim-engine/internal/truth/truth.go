// Package truth logs what was really sent when, so that a client's figures can
// be judged. Times are nanoseconds of the real-time clock, comparable with the
// stamps that the kernel puts on what it receives; those of a load in lockstep
// are nanoseconds of its virtual time.
package truth

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"sync"
)

// Header names the columns.
//
//	request_id   the request's X-Request-Id, or the id the server made up
//	choice       which of the request's choices, from 0
//	arrived_ns   when the request's last bytes came in
//	token        index of the event's first token, from 0
//	tokens       how many tokens the event brought
//	due_ns       when it should have been sent
//	sent_ns      when it was, taken just before the write
//	write_bytes  size of that write; events of one write share sent_ns
const Header = "request_id,choice,arrived_ns,token,tokens,due_ns,sent_ns,write_bytes\n"

// Row is one streamed event.
type Row struct {
	RequestID     string
	Choice        int
	ArrivedNS     int64
	Token, Tokens int
	DueNS, SentNS int64
	WriteBytes    int
}

// Log is a CSV of rows. Add only formats; a goroutine does the writing, so
// that a slow disk delays no token. It is safe for concurrent use.
type Log struct {
	mu     sync.Mutex
	buffer []byte
	closed bool
	full   chan []byte
	free   chan []byte
	done   chan error
}

const bufferSize = 1 << 18

// New starts a log that writes to w.
func New(w io.Writer) *Log {
	l := &Log{
		buffer: append(make([]byte, 0, bufferSize), Header...),
		full:   make(chan []byte, 64),
		free:   make(chan []byte, 64),
		done:   make(chan error, 1),
	}
	go l.write(bufio.NewWriter(w))
	return l
}

// Add logs rows. RequestID must need no quotes.
func (l *Log) Add(r Row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := append(l.buffer, r.RequestID...)
	for _, v := range [...]int64{int64(r.Choice), r.ArrivedNS, int64(r.Token), int64(r.Tokens), r.DueNS, r.SentNS, int64(r.WriteBytes)} {
		b = append(b, ',')
		b = strconv.AppendInt(b, v, 10)
	}
	l.buffer = append(b, '\n')
	if len(l.buffer) >= bufferSize-512 {
		l.hand()
	}
}

// Flush hands over what was logged so far; it waits only for a disk that is
// far behind.
func (l *Log) Flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hand()
}

func (l *Log) hand() {
	if l.closed || len(l.buffer) == 0 {
		return
	}
	l.full <- l.buffer
	select {
	case l.buffer = <-l.free:
	default:
		l.buffer = make([]byte, 0, bufferSize)
	}
}

// Close writes the rest and returns the first error of all writing.
func (l *Log) Close() error {
	l.Flush()
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.full)
	}
	l.mu.Unlock()
	if err := <-l.done; err != nil {
		return fmt.Errorf("writing the truth log: %w", err)
	}
	return nil
}

func (l *Log) write(w *bufio.Writer) {
	var first error
	for buffer := range l.full {
		_, err := w.Write(buffer)
		if err == nil && len(l.full) == 0 {
			err = w.Flush()
		}
		if first == nil {
			first = err
		}
		select {
		case l.free <- buffer[:0]:
		default:
		}
	}
	if err := w.Flush(); first == nil {
		first = err
	}
	l.done <- first
}
