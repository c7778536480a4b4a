package drive

import (
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// Event is one streamed message: tokens of one sequence that came to be at
// one time.
type Event struct {
	// First is the index of its first token in the sequence, from 0.
	First int
	// Tokens is how many it brings, at least 1.
	Tokens int
	// Due is the wall time at which it should be sent, Clock.Now's nanoseconds;
	// behind a Stepper the virtual time in nanoseconds.
	Due int64
	// Last says that the sequence ends with it.
	Last bool
}

// Sink takes what a sequence generates. It is called on the driver's thread
// or within Stepper's methods, and must not block: everyone waits for it.
type Sink interface {
	// Send takes events in order; several only when the driver is behind. The
	// slice is reused after the call.
	Send(events []Event)
	// Reject says that the engine refuses the sequence; no event follows.
	Reject(err error)
}

// Job is one sequence to generate.
type Job struct {
	Sink         Sink
	PromptTokens int
	NewTokens    int
	// Text is what a prefix cache knows the sequence by; nil is like no other's.
	Text sim.Text
	// Arrived is when the request came, Clock.Now's nanoseconds.
	Arrived int64
	// ArrivedAt is that in virtual seconds, where it is known more exactly than
	// to the nanosecond; 0 is Arrived alone.
	ArrivedAt float64

	// CachedTokens is how much of the prompt came out of a prefix cache. The driver
	// sets it before the first event.
	CachedTokens int

	// The rest belongs to the driver.
	sent    int     // tokens pushed so far
	pending []Event // pushed, not yet handed over
	over    bool
	timing  meter.Timing
	pace    pacing
	id      int64 // in its engine
}

// arrival is when the request came, in virtual seconds.
func (j *Job) arrival(clock Clock) float64 {
	if j.ArrivedAt > 0 {
		return j.ArrivedAt
	}
	return clock.Virtual(j.Arrived)
}
