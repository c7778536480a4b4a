package dialect

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// unlimited is the limit in wall time of a request in virtual time, where limits
// are virtual: the load gives it up.
const unlimited = 1000 * time.Hour

// limit is how long, in wall time, a request may take.
func (c *webClient) limit() time.Duration {
	if c.virtual != nil {
		return unlimited
	}
	return c.Timeout
}

// place is the header lines that say where a request stands in virtual time,
// none in real time.
func (w *web) place(r *lockstep.Request) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s\r\n%s: %s\r\n%s: %d\r\n", openai.HeaderLockstepLoad, w.Lockstep.load,
		openai.HeaderLockstepSent, strconv.FormatFloat(r.Sent, 'g', -1, 64), openai.HeaderLockstepOrder, r.Order)
}

// stamped notes and returns the virtual instant of a message. One without a
// stamp came with the one before.
func (c *webClient) stamped(m stream.Message) stamp.Arrival {
	if m.At.Known() {
		c.latest = lockstep.Time(m.At.Float())
		c.virtual.Event(m.At.Float())
	}
	return c.arrival()
}

// arrival is that of what came last. In virtual time nothing waits for a reader,
// so each is a read of its own.
func (c *webClient) arrival() stamp.Arrival {
	return stamp.Arrival{At: c.latest, Seen: c.latest, Source: stamp.Virtual, Read: c.answer.read + 1}
}

// inVirtualTime is what was sent, with virtual times alone, and the error, or
// what was wrong with an answer that was read to its end all the same.
func (c *webClient) inVirtualTime(sent transport.Sent, err error) (transport.Sent, error) {
	virtual := transport.Sent{Start: lockstep.Time(c.virtual.Sent), Attempts: sent.Attempts}
	if at, wrong := strconv.ParseFloat(sent.Header.Get(openai.HeaderLockstepTime), 64); wrong == nil {
		c.latest = lockstep.Time(at)
		c.answer.arrived(c.arrival())
	}
	if c.wrong != nil {
		err = c.wrong
	}
	if err == nil {
		virtual.End = c.latest
	}
	return virtual, err
}

// alone generates in a load of its own, of one request.
func (c *webClient) alone(ctx context.Context, ask Ask) (o record.Outcome, err error) {
	if err := c.Lockstep.Begin(ctx); err != nil {
		return c.unmoved(unsent(err, c.to.Redact), err)
	}
	defer c.Lockstep.End()
	clock := lockstep.New(c.Lockstep, lockstep.Limits{Timeout: c.Timeout})
	clock.Go(0, func(a *lockstep.Actor) {
		r, flight := a.Ask(ask.ID)
		ask.Lockstep, ask.Hold = r, r.Hold
		o, err = c.generate(flight, ask)
		r.End()
	})
	grace := func() time.Duration { return 0 }
	if failure := clock.Run(ctx, grace, func(error) {}); failure != nil {
		return c.unmoved(o, failure)
	}
	return o, err
}

// unmoved is the outcome of a request for which virtual time did not move.
func (c *webClient) unmoved(o record.Outcome, err error) (record.Outcome, error) {
	judge(&o, err, c.Timeout, c.to.Redact)
	return o, err
}
