// Package load puts a server under load: N clients that each send the next request
// when the last was answered (closed loop), or requests that are sent when they are
// due, independently of the others (open loop). A request may be the first turn of a
// session, whose later turns each follow the previous one. The package does not
// know protocols or files: it is given a plan and clients, and reports every request
// as a row.
package load

import (
	"context"
	"errors"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// Job is one request of a plan.
type Job struct {
	// Request is its place in the plan; warm-ups count down from -1.
	Request int
	prompt.Size
	// Due is when to send it, in virtual seconds from the point's start. In a
	// closed loop it has no meaning except for a later turn, which is never sent
	// before it.
	Due float64
	// Session names the session that it is a turn of, "" without one. Turn counts
	// from 1, and Left is how many turns follow.
	Session    string
	Turn, Left int
	// Delay is how long a later turn waits after the end of the previous one, in
	// virtual seconds.
	Delay float64
	// Content is what the plan gives the client beyond the size.
	Content any
	// Lockstep is its place in virtual time, nil in real time.
	Lockstep *lockstep.Request
}

// Client asks one server, one request after the other. It calls hold, when not
// nil, when all is ready for the first byte, and does not send when hold returns
// an error: such an outcome has 0 attempts. In virtual time it takes the times of
// an outcome from the answer, and the load adds when it failed.
type Client interface {
	Generate(ctx context.Context, job Job, hold func() error) record.Outcome
	Close()
}

// Point is one point of a sweep.
type Point struct {
	// Key goes into each row.
	Key record.Key
	// Plan says what is sent.
	Plan Plan
	// Connect returns a new client, which connects when it needs to.
	Connect func() Client
	// Warmup is how many requests each client of a closed loop discards first, and
	// WarmupJob returns them.
	Warmup    int
	WarmupJob func(client int) Job
	// MaxConcurrency is how many requests of an open loop may be in flight; 0 is no
	// limit. A due request waits for a slot and keeps its due time.
	MaxConcurrency int
	// Jitter returns how long a client of a closed loop waits before its first
	// request, in virtual seconds; nil is not at all.
	Jitter func(client int) float64
	// Duration ends the sending after so many virtual seconds; 0 is when the
	// plan ends.
	Duration float64
	// Grace is how long, in wall time, requests in flight may go on when the context
	// ends, unless its cause is ErrAtOnce.
	Grace time.Duration
	// Emit takes each row as soon as there is one. It must not block: whatever
	// it does keeps a client from its next request. It is called concurrently.
	Emit func(record.Request)
	// Alarms wait for due times; nil are usual timers.
	Alarms *Alarms
	// Clock is the virtual time in which the point takes place; nil is real time.
	// Pauses and the grace are virtual, too.
	Clock *lockstep.Clock
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

// wall turns virtual seconds into wall time.
func (p *Point) wall(virtual float64) time.Duration {
	return time.Duration(virtual / float64(p.Key.Speed) * float64(time.Second))
}

// report hands the row of a request on, if it was sent. Offsets count from zero.
func (p *Point) report(zero time.Time, client int, job Job, due record.Seconds, o record.Outcome) {
	if o.Attempts == 0 {
		return
	}
	at := record.Place{Key: p.Key, Zero: zero, Client: client, Request: job.Request, Session: record.Text(job.Session), Due: due,
		AskedNew: record.CountOf(job.New)}
	if job.Prompt > 0 { // a text's length is for the server to count
		at.AskedPrompt = record.CountOf(job.Prompt)
	}
	if job.Turn > 0 {
		at.Turn = record.CountOf(job.Turn)
	}
	p.Emit(o.Row(at))
}

// ErrAtOnce is the cause of a context that ends without a grace period: requests in
// flight are of no use any more.
var ErrAtOnce = errors.New("ended at once")

// drain returns the context for requests: it outlives ctx by the grace.
func drain(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	flight, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var last *time.Timer
	armed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), ErrAtOnce) {
			grace = 0
		}
		last = time.AfterFunc(grace, cancel)
		close(armed)
	})
	return flight, func() {
		if !stop() {
			<-armed
			last.Stop()
		}
		cancel()
	}
}
