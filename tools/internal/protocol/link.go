package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"fastgenbench/tools/internal/stamp"
)

// sending is what is known of a request besides its answer.
type sending struct {
	start    time.Time     // just before the first byte was written
	connect  time.Duration // to make the connection, -1 when there was one
	attempts int           // 0: it was not sent
	retry    time.Duration // from start to when the last attempt was sent, -1 when that was the first
	end      time.Time     // arrival of the last bytes of an answer that was read to its end
}

// carrier is a connection that can carry one request and its answer.
type carrier interface {
	// ready sees to it that there is a connection, and says whether it was
	// there before.
	ready(ctx context.Context, limit time.Duration, sent *sending) (reused bool, err error)
	// ask writes the request and reads the answer to its end.
	ask(ctx context.Context, start time.Time, limit time.Duration) error
	// answered reports whether any byte of an answer came.
	answered() bool
	// end is when the last bytes came of the answer that was read last.
	end() time.Time
}

// exchange sends a request and reads the answer. Before the first byte it calls
// hold, which may wait, and may refuse by an error. A server may close an idle
// connection just when it is used again: then, and only when no byte of an
// answer has come, the request is sent once more.
func exchange(ctx context.Context, limit time.Duration, hold func() error, c carrier) (sending, error) {
	sent := sending{connect: -1, retry: -1}
	reused, err := c.ready(ctx, limit, &sent)
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
	err = c.ask(ctx, sent.start, limit)
	if err != nil && reused && !c.answered() && isHangUp(err) && ctx.Err() == nil {
		if _, err = c.ready(ctx, limit, &sent); err == nil {
			sent.attempts++
			sent.retry = time.Since(sent.start)
			err = c.ask(ctx, sent.start, limit)
		}
	}
	if err == nil {
		sent.end = c.end()
	}
	return sent, err
}

// isHangUp reports whether the other end closed the connection.
func isHangUp(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// link is a connection to an endpoint, made when it is needed.
type link struct {
	at      *endpoint
	silence time.Duration // how long the server may say nothing, 0 is for ever
	socket  *stamp.Conn   // nil: not connected
	rw      net.Conn      // the socket, or TLS over it
	ended   time.Time     // arrival of the last bytes of an answer
}

func (l *link) end() time.Time { return l.ended }

func (l *link) ready(ctx context.Context, limit time.Duration, sent *sending) (reused bool, err error) {
	if l.socket != nil && l.socket.Open(l.at.talkative) {
		return true, nil
	}
	l.close()
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	l.socket, l.rw, err = l.at.dial(ctx)
	if err != nil {
		l.socket = nil
		return false, fmt.Errorf("connecting: %w", err)
	}
	sent.connect = time.Since(began)
	return false, nil
}

func (l *link) close() {
	if l.socket != nil {
		l.rw.Close() // nothing written is waiting
		l.socket, l.rw = nil, nil
	}
}

// within does something with the connection until it is done, the limit is
// over, ctx ends or the server has been silent for too long. Unless that went
// well, and the connection may be kept, it is given up.
func (l *link) within(ctx context.Context, until time.Time, do func(ctx context.Context) (keep bool, err error)) error {
	rw := l.rw
	if err := rw.SetDeadline(until); err != nil {
		l.close()
		return err
	}
	ctx, enough := l.listen(ctx)
	defer enough()
	unwatch := context.AfterFunc(ctx, func() { rw.SetDeadline(time.Unix(1, 0)) })
	keep, err := do(ctx)
	l.ended = l.socket.Last().At
	if watched := unwatch(); err != nil || !keep || !watched {
		l.close()
	}
	if err != nil && ctx.Err() != nil {
		if silent, ok := context.Cause(ctx).(silenceError); ok {
			return silent
		}
		return ctx.Err()
	}
	return err
}

// silenceError is the error of a server that said nothing for so long.
type silenceError time.Duration

func (e silenceError) Error() string { return fmt.Sprintf("nothing came for %v", time.Duration(e)) }

// listen returns a context that also ends, with a silenceError, when nothing
// has come over the connection for too long.
func (l *link) listen(ctx context.Context) (listening context.Context, stop func()) {
	if l.silence <= 0 {
		return ctx, func() {}
	}
	listening, giveUp := context.WithCancelCause(ctx)
	socket, limit, began := l.socket, l.silence, time.Now()
	var look func()
	look = func() {
		since := socket.LastRead()
		if since.Before(began) {
			since = began
		}
		if rest := limit - time.Since(since); rest <= 0 {
			giveUp(silenceError(limit))
		} else if listening.Err() == nil {
			time.AfterFunc(rest, look)
		}
	}
	timer := time.AfterFunc(limit, look)
	return listening, func() { timer.Stop(); giveUp(nil) }
}
