package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// readBuffer is the room for one read. A token's chunk takes 200 to 500 bytes.
const readBuffer = 4 << 10

// maxFailure is how much of an answer that is no success is kept for its words.
const maxFailure = 8 << 10

// wire is one connection to an HTTP server, carrying one request at a time.
// The goroutine that asks also reads, stamps and parses: nothing stands
// between the arrival of a token and its being noted but that goroutine.
type wire struct {
	at      *endpoint
	socket  *stamp.Conn // nil: not connected
	rw      net.Conn
	answer  response
	failure []byte // body of an answer that is no success
	buffer  [readBuffer]byte
}

// listener hears the body of an answer.
type listener interface {
	// begin says when the first byte is about to be written.
	begin(start time.Time)
	// body brings the next bytes and the arrival of the read they came with.
	body(p []byte, at stamp.Arrival) error
	// read ends a read that brought part of the body.
	read(at stamp.Arrival)
}

// sending is what is known of a request besides its answer.
type sending struct {
	start    time.Time     // just before the first byte was written
	connect  time.Duration // to make the connection, -1 when there was one
	attempts int           // 0: it was not sent
}

// statusError is an answer that is no success.
type statusError struct {
	status int
	words  string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("HTTP %d %s: %s", e.status, http.StatusText(e.status), e.words)
}

// exchange sends a request and reads the answer to its end. Before the first
// byte it calls hold, which may wait, and may refuse by an error. A server may
// close an idle connection just when it is used again: then, and only when no
// byte of an answer has come, the request is sent once more.
func (w *wire) exchange(ctx context.Context, request []byte, limit time.Duration, hold func() error, to listener) (sending, error) {
	sent := sending{connect: -1}
	reused, err := w.ready(ctx, limit, &sent)
	if hold != nil {
		if held := hold(); held != nil {
			return sent, held
		}
	}
	sent.start = time.Now()
	sent.attempts = 1
	if err != nil {
		return sent, err
	}
	err = w.ask(ctx, request, sent.start, limit, to)
	if err != nil && reused && !w.answer.seen && isHangUp(err) && ctx.Err() == nil {
		if _, err = w.ready(ctx, limit, &sent); err == nil {
			sent.attempts++
			err = w.ask(ctx, request, sent.start, limit, to)
		}
	}
	return sent, err
}

// ready sees to it that there is a connection that can be used.
func (w *wire) ready(ctx context.Context, limit time.Duration, sent *sending) (reused bool, err error) {
	if w.socket != nil && w.socket.Open(w.at.secure != nil) {
		return true, nil
	}
	w.close()
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	w.socket, w.rw, err = w.at.dial(ctx)
	if err != nil {
		w.socket = nil
		return false, fmt.Errorf("connecting: %w", err)
	}
	sent.connect = time.Since(began)
	return false, nil
}

func (w *wire) close() {
	if w.socket != nil {
		w.rw.Close() // nothing written is waiting
		w.socket, w.rw = nil, nil
	}
}

// ask writes the request and reads the answer; whatever goes wrong, the
// connection is given up.
func (w *wire) ask(ctx context.Context, request []byte, start time.Time, limit time.Duration, to listener) error {
	to.begin(start)
	w.answer.reset()
	w.failure = w.failure[:0]
	rw := w.rw
	if err := rw.SetDeadline(start.Add(limit)); err != nil {
		w.close()
		return err
	}
	unwatch := context.AfterFunc(ctx, func() { rw.SetDeadline(start) })
	_, err := rw.Write(request)
	if err == nil || isHangUp(err) {
		// A server may refuse a request before it has read all of it.
		if readErr := w.receive(to); err == nil || w.answer.done() {
			err = readErr
		}
	}
	if watched := unwatch(); err != nil || !w.answer.keep || !watched {
		w.close()
	}
	if ctx.Err() != nil && err != nil {
		return ctx.Err()
	}
	return err
}

// receive reads until the answer is complete.
func (w *wire) receive(to listener) error {
	for {
		n, err := w.rw.Read(w.buffer[:])
		if n > 0 {
			if err := w.hear(w.buffer[:n], w.socket.Last(), to); err != nil {
				return err
			}
		}
		if err == io.EOF {
			err = w.answer.ended()
		}
		switch {
		case err == nil && w.answer.done():
			return w.refusal()
		case err != nil:
			return err
		}
	}
}

func (w *wire) hear(p []byte, at stamp.Arrival, to listener) error {
	heard := false
	for len(p) > 0 {
		body, rest, err := w.answer.next(p)
		if err != nil {
			return err
		}
		p = rest
		switch {
		case len(body) == 0:
		case w.answer.status/100 != 2:
			w.failure = append(w.failure, body[:min(len(body), maxFailure-len(w.failure))]...)
		default:
			heard = true
			if err := to.body(body, at); err != nil {
				return err
			}
		}
	}
	if heard {
		to.read(at)
	}
	return nil
}

func (w *wire) refusal() error {
	if w.answer.status/100 == 2 {
		return nil
	}
	return &statusError{w.answer.status, errorText(w.failure)}
}

// isHangUp reports whether the other end closed the connection.
func isHangUp(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
