package transport

import (
	"bytes"
	"context"
	"io"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// readBuffer is the room for one read under TLS, and for what is read until the
// connection ends. A token's chunk takes 200 to 500 bytes.
const readBuffer = 4 << 10

// maxFailure is how much is kept of the body of an answer that is not a success.
const maxFailure = 8 << 10

// HTTP is one HTTP/1.1 connection, carrying one request at a time. It is for
// one goroutine.
type HTTP struct {
	conn
	to      Listener
	answer  response
	wrong   error // with what came in readSocket
	request []byte
	failure []byte // body of an answer that is not a success
	buffer  []byte
}

// Exchange sends a request that Post has written and reads its answer, within
// limit. It calls hold, when that is not nil, just before the first byte is
// written; an error of hold calls the request off.
func (h *HTTP) Exchange(ctx context.Context, request []byte, limit time.Duration, hold func() error, to Listener) (Sent, error) {
	h.request, h.to = request, to
	defer func() { h.request, h.to = nil, nil }()
	h.answer.reset()
	sent, err := h.exchange(ctx, limit, hold, h.attempt)
	sent.Header = h.answer.header
	return sent, err
}

func (h *HTTP) attempt(ctx context.Context, start, until time.Time) (keep bool, err error) {
	h.to.Begin(start)
	h.answer.reset()
	h.failure = nil
	_, err = h.rw.Write(h.request)
	keep = err == nil
	if err == nil || IsHangUp(err) {
		// A server may refuse a request before it has read all of it.
		if readErr := h.receive(ctx, until); err == nil || h.answer.done() {
			err = readErr
		}
	}
	return keep && h.answer.keep && h.answer.done(), err
}

// receive reads until the answer is complete.
func (h *HTTP) receive(ctx context.Context, until time.Time) (err error) {
	if h.socket.Joined() || h.rw == h.socket && !h.endpoint.config.Lockstep {
		err = h.readSocket(ctx, until)
	}
	if err == nil && !h.answer.done() {
		err = h.readOn(ctx, until)
	}
	for err == nil && !h.answer.done() {
		var n int
		n, err = h.rw.Read(h.room())
		if n > 0 {
			if wrong := h.take(h.buffer[:n], h.socket.Last()); wrong != nil {
				return wrong
			}
		}
	}
	if err == io.EOF {
		err = h.answer.ended()
	}
	if err == nil && !h.answer.success() {
		err = h.statusError()
	}
	return err
}

func (h *HTTP) room() []byte {
	if h.buffer == nil {
		h.buffer = make([]byte, readBuffer)
	}
	return h.buffer
}

// readOn prepares for reads that end at until, whatever deadline was set
// before. Whoever ends ctx moves the deadline after that, so it is asked last.
func (h *HTTP) readOn(ctx context.Context, until time.Time) error {
	if err := h.rw.SetReadDeadline(until); err != nil {
		return err
	}
	return ctx.Err()
}

// readSocket has a loop read until the answer is complete. Without one it reads in
// the cheapest way what comes without TLS, until the answer turns out to be one
// that only the connection's end will end.
func (h *HTTP) readSocket(ctx context.Context, until time.Time) error {
	h.wrong = nil
	err := h.socket.Each(ctx, until, (*taker)(h))
	switch {
	case h.wrong != nil:
		return h.wrong
	case err == io.EOF && h.feed != nil:
		return h.sealedEnd()
	}
	return err
}

// taker is what takes the reads of a connection.
type taker HTTP

// Take hands the bytes of one read on and reports whether that is enough.
func (t *taker) Take(p []byte, at stamp.Arrival) (enough bool) {
	h := (*HTTP)(t)
	var wrong error
	if h.feed != nil {
		wrong = h.takeSealed(p, at)
	} else {
		wrong = h.take(p, at)
	}
	if wrong != nil {
		h.wrong = wrong
		return true
	}
	return h.answer.done() || h.answer.endless() && !h.socket.Joined()
}

// Warm is stamp.Taker's.
func (t *taker) Warm() int {
	sum := len(t.answer.line) + int(t.answer.remain) + t.to.Warm()
	if t.feed != nil {
		sum++
	}
	return sum
}

// take hands the bytes of one read on.
func (h *HTTP) take(p []byte, at stamp.Arrival) error {
	h.answered, h.end = true, at.At
	for len(p) > 0 {
		body, rest, err := h.answer.next(p)
		if err != nil {
			return err
		}
		p = rest
		switch {
		case len(body) == 0:
		case h.answer.success():
			if err := h.to.Body(body, at); err != nil {
				return err
			}
		default:
			h.failure = append(h.failure, body[:min(len(body), maxFailure-len(h.failure))]...)
		}
	}
	return nil
}

func (h *HTTP) statusError() error {
	line, _, _ := bytes.Cut(h.request, []byte(" HTTP/"))
	method, target, _ := bytes.Cut(line, []byte(" "))
	if err := encoded(h.answer.header); err != nil {
		h.failure = []byte(err.Error())
	}
	return &StatusError{
		Status: h.answer.status, Body: h.failure,
		Location: h.answer.header.Get("Location"), RetryAfter: retryAfter(h.answer.header),
		place: h.place, method: string(method), target: string(target),
	}
}
