package transport

import (
	"context"
	"time"
)

// conn is a connection to an endpoint that is made when it is needed.
type conn struct {
	endpoint *Endpoint
	opened   func() error // called for each new connection; may be nil
	place    *place       // that it leads to
	link
	answered bool      // a byte of the answer came
	end      time.Time // arrival of the last bytes
}

// attempt sends a request and reads its answer; keep is whether that ended where
// the connection may be used again.
type attempt func(ctx context.Context, start, until time.Time) (keep bool, err error)

// exchange sends a request and reads the answer. Before the first byte it calls
// hold, which may wait, and whose error calls the request off. A server may
// close an idle connection just when it is used again: then, and only when no
// byte of an answer has come, the request is sent once more.
func (c *conn) exchange(ctx context.Context, limit time.Duration, hold func() error, try attempt) (Sent, error) {
	var sent Sent
	once := c.endpoint.config.Lockstep
	reused, err := c.connect(ctx, time.Now().Add(limit), &sent)
	if hold != nil && !(once && err != nil) {
		if held := hold(); held != nil {
			return sent, held
		}
	}
	sent.Start, sent.Attempts = time.Now(), 1
	until := sent.Start.Add(limit)
	if err == nil {
		err = c.within(ctx, sent.Start, until, try)
		if reused && !once && !c.answered && IsHangUp(err) && ctx.Err() == nil {
			if _, err = c.connect(ctx, until, &sent); err == nil {
				sent.Attempts, sent.Resent, sent.Retry = 2, true, time.Since(sent.Start)
				err = c.within(ctx, sent.Start, until, try)
			}
		}
	}
	if err == nil {
		sent.End = c.end
	}
	return sent, err
}

// connect sees to it that there is a connection to where requests go now.
func (c *conn) connect(ctx context.Context, until time.Time, sent *Sent) (reused bool, err error) {
	to := c.endpoint.place.Load()
	if c.socket != nil && c.place == to && c.socket.Open(c.rw != c.socket) {
		return true, nil
	}
	c.Close()
	began := time.Now()
	ctx, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	made, err := c.endpoint.dial(ctx, to)
	if err != nil {
		return false, &ConnectError{err}
	}
	c.link, c.place = made, to
	sent.Connected, sent.Connect = true, time.Since(began)
	if c.opened != nil {
		err = c.opened()
	}
	return false, err
}

// Close gives the connection up.
func (c *conn) Close() {
	if c.socket != nil {
		c.rw.Close() // nothing written is waiting
		c.link = link{}
	}
}

// within makes an attempt that ends at the time until, with ctx, or when the
// server has sent nothing for too long. Unless the connection may be used again,
// it is closed.
func (c *conn) within(ctx context.Context, start, until time.Time, try attempt) error {
	rw := c.rw
	if err := rw.SetDeadline(until); err != nil {
		c.Close()
		return err
	}
	ctx, stop := c.watch(ctx)
	defer stop()
	unwatch := context.AfterFunc(ctx, func() { rw.SetDeadline(time.Unix(1, 0)) })
	c.answered = false
	keep, err := try(ctx, start, until)
	if watched := unwatch(); !keep || !watched {
		c.Close()
	}
	if err != nil && ctx.Err() != nil {
		return givenUp(ctx)
	}
	return err
}

// givenUp is why a context ended: a limit that its cause names, or as it says.
func givenUp(ctx context.Context) error {
	cause := context.Cause(ctx)
	if _, silent := cause.(SilenceError); silent || cause == context.DeadlineExceeded {
		return cause
	}
	return ctx.Err()
}

// watch returns a context that also ends, with a SilenceError, when nothing has
// come over the connection for too long.
func (c *conn) watch(ctx context.Context) (watched context.Context, stop func()) {
	limit := c.endpoint.config.Silence
	if limit <= 0 {
		return ctx, func() {}
	}
	watched, giveUp := context.WithCancelCause(ctx)
	socket, began := c.socket, time.Now()
	var look func()
	look = func() {
		since := socket.LastRead()
		if since.Before(began) {
			since = began
		}
		if rest := limit - time.Since(since); rest <= 0 {
			giveUp(SilenceError(limit))
		} else if watched.Err() == nil {
			time.AfterFunc(rest, look)
		}
	}
	timer := time.AfterFunc(limit, look)
	return watched, func() { timer.Stop(); giveUp(nil) }
}
