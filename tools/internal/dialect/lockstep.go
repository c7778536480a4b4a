package dialect

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/transport"
)

const (
	// beginLimit is how long a server that is busy with others is waited for.
	beginLimit = 30 * time.Second
	// endLimit bounds the last words to a server, which may have gone.
	endLimit = 5 * time.Second
	// stepLimit bounds a step: an engine computes one within seconds.
	stepLimit = 10 * time.Minute
)

// Lockstep moves the virtual time of a simulated server over HTTP. One load at a
// time may use it. It is the lockstep.Engine of that load.
type Lockstep struct {
	to         *transport.Endpoint
	connection *transport.HTTP
	load       string // in progress
}

// NewLockstep returns one for a server. It connects when it needs to.
func NewLockstep(c transport.Config) (*Lockstep, error) {
	c.Silence, c.Lockstep = 0, true
	to, err := transport.NewEndpoint(c)
	if err != nil {
		return nil, err
	}
	return &Lockstep{to: to, connection: to.HTTP()}, nil
}

// Begin begins a load at time 0, as soon as the server is free for it.
func (l *Lockstep) Begin(ctx context.Context) error {
	l.load = rand.Text()
	for since := time.Now(); ; {
		_, err := l.ask(ctx, openai.PathLockstepBegin, openai.LockstepLoad{Load: l.load}, beginLimit)
		status := (*transport.StatusError)(nil)
		busy := errors.As(err, &status) && status.Status == http.StatusServiceUnavailable
		if !busy || time.Since(since) > beginLimit {
			return l.wrap("beginning a load in lockstep", err)
		}
		if err := pause(ctx, min(maxPause, max(100*time.Millisecond, status.RetryAfter))); err != nil {
			return err
		}
	}
}

// Advance makes a step.
func (l *Lockstep) Advance(ctx context.Context, s lockstep.Step) (lockstep.Reply, error) {
	step := openai.LockstepStep{Load: l.load, Sent: s.Sent, Cancelled: s.Cancelled, Flush: s.Flush}
	if !math.IsInf(s.Until, 1) {
		step.Until = &s.Until
	}
	text, err := l.ask(ctx, openai.PathLockstepAdvance, step, stepLimit)
	if err != nil {
		return lockstep.Reply{}, l.wrap("moving virtual time", err)
	}
	var now openai.LockstepNow
	if err := json.Unmarshal(text, &now); err != nil {
		return lockstep.Reply{}, fmt.Errorf("moving virtual time: the answer cannot be read: %w", err)
	}
	return lockstep.Reply{Now: now.Now, Ended: now.Ended, Events: now.Events}, nil
}

// End ends the load, so that the server is free at once. Without it a server ends the
// load by itself after a while.
func (l *Lockstep) End() {
	ctx, cancel := context.WithTimeout(context.Background(), endLimit)
	defer cancel()
	_, _ = l.ask(ctx, openai.PathLockstepEnd, openai.LockstepLoad{Load: l.load}, endLimit)
	l.connection.Close()
}

func (l *Lockstep) ask(ctx context.Context, route string, question any, limit time.Duration) ([]byte, error) {
	body, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	return l.connection.Call(ctx, http.MethodPost, route, body, limit)
}

// wrap says what was done when an error came; nil stays nil.
func (l *Lockstep) wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return &failure{doing + ": " + l.to.Redact(inWords(err)), err}
}
