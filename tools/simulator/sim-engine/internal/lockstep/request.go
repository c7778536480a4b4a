package lockstep

import (
	"cmp"

	"fastgenbench/tools/simulator/sim-engine/internal/drive"
)

// Answer is the server's side of a request. Its methods are called by whoever
// moves virtual time, one after the other, and must not block.
type Answer interface {
	// Take says that the request's place in the load is known: it is number
	// place, from 1, of those that are not refused. The answer may be written
	// once ready is closed; nil is at once.
	Take(place uint64) (ready <-chan struct{})
	// Start says that virtual time has come to the request. It returns what is
	// to be generated; nothing ends the request at this instant.
	Start() []*drive.Job
	// Flush writes what the answer holds back. An answer that ends has flushed.
	Flush()
	// Abort ends the answer before its time.
	Abort()
	// Written is closed when an answer that has ended is on the wire; nil where
	// nobody needs to wait for it.
	Written() <-chan struct{}
}

// Request is one generation request of a load.
type Request struct {
	// Sent is its virtual send time. One that lies before the present instant
	// when the request is taken is the present instant.
	Sent float64
	// Order decides between requests that were sent at one instant: the lower
	// one came first.
	Order int64
	// Name is its X-Request-Id.
	Name string
	// Refused says that it is answered with an error as soon as it comes.
	Refused bool
	Answer  Answer

	load  *Load
	ready <-chan struct{}
	jobs  []*drive.Job
	ended bool
}

// Now is the present instant in virtual seconds. Like End and Wrote it is for
// the sinks of the request's jobs.
func (r *Request) Now() float64 { return r.load.stepper.Now() }

// Nanoseconds is the present instant in virtual nanoseconds.
func (r *Request) Nanoseconds() int64 { return r.load.stepper.Nanoseconds(r.Now()) }

// Wrote counts stamped events that were written, and are no longer held back.
func (r *Request) Wrote(events int) { r.load.events += events }

// End says that the request ends at the present instant.
func (r *Request) End() { r.load.finished = append(r.load.finished, r) }

// before is the order in which the requests of a load come.
func before(a, b *Request) int {
	return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Order, b.Order))
}
