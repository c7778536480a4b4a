package protocol

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// readBuffer is the room for one read. A token's chunk takes 200 to 500 bytes.
const readBuffer = 4 << 10

// maxFailure is how much of an answer that is no success is kept for its words.
const maxFailure = 8 << 10

// wire is one connection to an HTTP/1.1 server, carrying one request at a time.
// The goroutine that asks also reads, stamps and parses: nothing stands
// between the arrival of a token and its being noted but that goroutine.
type wire struct {
	link
	out     []byte // the request
	to      listener
	answer  response
	failure []byte // body of an answer that is no success
	buffer  []byte // for reads under TLS
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

// statusError is an answer that is no success.
type statusError struct {
	status int
	words  string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("HTTP %d %s: %s", e.status, http.StatusText(e.status), e.words)
}

// exchange sends a request and has its answer heard.
func (w *wire) exchange(ctx context.Context, request []byte, limit time.Duration, hold func() error, to listener) (sending, error) {
	w.out, w.to = request, to
	defer func() { w.out, w.to = nil, nil }()
	return exchange(ctx, limit, hold, w)
}

func (w *wire) answered() bool { return w.answer.seen }

func (w *wire) ask(ctx context.Context, start time.Time, limit time.Duration) error {
	w.to.begin(start)
	w.answer.reset()
	w.failure = w.failure[:0]
	until := start.Add(limit)
	return w.within(ctx, until, func(ctx context.Context) (keep bool, err error) {
		_, err = w.rw.Write(w.out)
		if err == nil || isHangUp(err) {
			// A server may refuse a request before it has read all of it.
			if readErr := w.receive(ctx, until); err == nil || w.answer.done() {
				err = readErr
			}
		}
		return w.answer.keep, err
	})
}

// receive reads until the answer is complete.
func (w *wire) receive(ctx context.Context, until time.Time) (err error) {
	if w.rw == w.socket {
		err = w.each(ctx, until)
	}
	if err == nil && !w.answer.done() {
		err = w.readOn(ctx, until)
	}
	for err == nil && !w.answer.done() {
		var n int
		n, err = w.rw.Read(w.buffer)
		if n > 0 {
			if wrong := w.hear(w.buffer[:n], w.socket.Last()); wrong != nil {
				return wrong
			}
		}
	}
	if err == io.EOF {
		err = w.answer.ended()
	}
	if err == nil {
		err = w.refusal()
	}
	return err
}

// readOn makes ready for reads that end at until, whatever deadline was set
// before. Whoever ends ctx moves the deadline after that, so it is asked last.
func (w *wire) readOn(ctx context.Context, until time.Time) error {
	if w.buffer == nil {
		w.buffer = make([]byte, readBuffer)
	}
	if err := w.rw.SetReadDeadline(until); err != nil {
		return err
	}
	return ctx.Err()
}

// each reads in the cheapest way what comes without TLS, until the answer is
// complete, or turns out to be one that only the connection's end will end.
func (w *wire) each(ctx context.Context, until time.Time) error {
	var wrong error
	err := w.socket.Each(ctx, until, func(p []byte, at stamp.Arrival) bool {
		wrong = w.hear(p, at)
		return wrong != nil || w.answer.done() || w.answer.endless()
	})
	if wrong != nil {
		return wrong
	}
	return err
}

func (w *wire) hear(p []byte, at stamp.Arrival) error {
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
			if err := w.to.body(body, at); err != nil {
				return err
			}
		}
	}
	if heard {
		w.to.read(at)
	}
	return nil
}

func (w *wire) refusal() error {
	if w.answer.status/100 == 2 {
		return nil
	}
	return &statusError{w.answer.status, errorText(w.failure)}
}
