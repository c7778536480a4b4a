// Package load puts a server under load: N clients that each ask again when
// they were answered (closed loop), or requests that are sent when they are
// due, whatever became of the others (open loop). It knows neither protocols
// nor files: a client is given, and every request is reported as a row.
package load

import (
	"context"
	"errors"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// Job is one request of a plan.
type Job struct {
	// Request is its place in the plan; warm-ups count down from -1.
	Request int
	prompt.Size
	// Due is when to send it, in virtual seconds from the point's start; it has
	// no meaning in a closed loop.
	Due float64
}

// Client asks one server, one request after the other. Its times are wall
// time, and its row lacks the key, the client, the place and the due time. It
// calls hold, when not nil, when all is ready for the first byte, and does not
// send when hold returns an error: such a row has 0 attempts.
type Client interface {
	Generate(ctx context.Context, job Job, hold func() error) (start time.Time, row record.Request)
	Close()
}

// Point is one point of a sweep.
type Point struct {
	// Key goes into each row.
	Key record.Key
	// Jobs returns the job at a place of the plan, false behind the last.
	Jobs func(i int) (Job, bool)
	// Connect returns a new client, which connects when it needs to.
	Connect func() Client
	// Warmup is how many requests each client of a closed loop throws away.
	Warmup int
	// Jitter returns how long a client of a closed loop waits before its first
	// request, in virtual seconds; nil is not at all.
	Jitter func(client int) float64
	// Duration ends the sending after so many virtual seconds; 0 is when the
	// plan ends.
	Duration float64
	// Grace is how long, in wall time, requests under way may go on when the
	// context ends, unless its cause is ErrAtOnce.
	Grace time.Duration
	// Emit takes each row as soon as there is one. It must not block: whatever
	// it does keeps a client from its next request. It is called concurrently.
	Emit func(record.Request)
	// Alarm waits for due times; nil is a usual timer.
	Alarm Alarm
}

// Alarm waits until a time, or until the context ends, which it reports.
type Alarm interface {
	Wait(ctx context.Context, until time.Time) error
}

// timer is the Alarm of the standard library, about a millisecond coarse.
type timer struct{}

func (timer) Wait(ctx context.Context, until time.Time) error { return sleep(ctx, time.Until(until)) }

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

// virtual turns wall time into virtual seconds.
func (p *Point) virtual(d time.Duration) record.Seconds {
	return record.Seconds(d.Seconds() * float64(p.Key.Speed))
}

// report completes a row and hands it on. Offsets count from zero.
func (p *Point) report(zero time.Time, client int, job Job, start time.Time, row record.Request) {
	speed := record.Seconds(p.Key.Speed)
	row.Key, row.Client, row.Request = p.Key, client, job.Request
	row.MaxNewTokens = record.Count(job.New)
	row.StartS = p.virtual(start.Sub(zero))
	row.LatencyS *= speed
	if row.EndS.Known() {
		row.EndS *= speed
	}
	if row.RetryS.Known() {
		row.RetryS *= speed
	}
	for i := range row.ChunkS {
		row.ChunkS[i].At *= speed
	}
	p.Emit(row)
}

// ErrAtOnce is the cause of a context that ends without a grace: what is under
// way is of no use any more.
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
