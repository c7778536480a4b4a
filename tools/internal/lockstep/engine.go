// Package lockstep is the virtual clock that a load shares with its engine. Time
// advances only when all clients of the load wait: for an answer, for a time, or
// for one another. So nothing that happens in real time, on either side, can change
// a figure.
//
// A Clock lets the actors of a load run one at a time, in the order of the
// instants at which they wake and, at one instant, of their numbers. When none
// is left to run it asks the Engine to advance.
package lockstep

import (
	"context"
	"math"
	"time"
)

// Engine is the other side: what answers the load's requests.
type Engine interface {
	// Advance takes the requests that were sent, then moves time on to the first
	// instant at which one of them ends, but not beyond the step's limit. Events of
	// those that go on may be held back until they end, or until a step asks.
	Advance(ctx context.Context, s Step) (Reply, error)
}

// Step says how far an engine may go.
type Step struct {
	// Until is the limit in virtual seconds; +Inf is none.
	Until float64
	// Sent is how many requests were sent in all. The engine waits for them.
	Sent int
	// Cancelled are the requests that were given up since the step before.
	Cancelled []string
	// Flush asks for the events that are held back, and for nothing else: no
	// request is taken or cancelled, and time stays.
	Flush bool
}

// Reply says how far an engine went.
type Reply struct {
	// Now is the present instant in virtual seconds.
	Now float64
	// Ended is how many requests have ended in all, the cancelled ones included.
	Ended int
	// Events is how many stamped events were sent in all.
	Events int
}

// Limits are when a request is given up, in virtual time; 0 is never.
type Limits struct {
	// Timeout bounds a request.
	Timeout time.Duration
	// Silence bounds the time without an event; Silent is the cause with which
	// the request's context then ends.
	Silence time.Duration
	Silent  error
}

// Between is the time between two virtual instants, to the nanosecond: that of
// their Times.
func Between(from, to float64) time.Duration {
	return time.Duration(math.Round(to*1e9) - math.Round(from*1e9))
}

// Time is a virtual instant as a time.Time, to the nanosecond. Virtual time
// begins at the Unix epoch.
func Time(seconds float64) time.Time { return time.Unix(0, int64(math.Round(seconds*1e9))) }

// Seconds is the inverse of Time.
func Seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }
