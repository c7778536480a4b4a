// Package drive runs the engines in time: it takes requests as they arrive,
// asks what the engine does next and hands out tokens when they are due. A
// Driver follows the wall clock, a Stepper the clock that its caller moves.
//
// All due times are absolute. A token is due at a virtual time that follows
// from arrivals and physics alone; however late the process woke for the one
// before, the next due time does not move. One goroutine, alone on its thread,
// does everything, so an engine needs no lock and the order is always the same.
package drive

import (
	"math"
	"time"
)

// Clock maps wall time to the engine's virtual time. The zero of both is the
// clock's start. Wall times are nanoseconds on the monotonic clock, virtual
// times are seconds.
type Clock struct {
	start time.Time
	speed float64
}

// NewClock starts a clock that runs speed virtual seconds a wall second.
func NewClock(start time.Time, speed float64) Clock { return Clock{start: start, speed: speed} }

// VirtualClock is the clock of a Stepper: its wall times are virtual times in
// nanoseconds, and so are those that Unix gives. Its Now means nothing.
func VirtualClock() Clock { return NewClock(time.Unix(0, 0), 1) }

// Now is the wall time in nanoseconds since the start.
func (c Clock) Now() int64 { return int64(time.Since(c.start)) }

// At is the wall time of t.
func (c Clock) At(t time.Time) int64 { return int64(t.Sub(c.start)) }

// Virtual is the virtual time at a wall time.
func (c Clock) Virtual(wall int64) float64 { return float64(wall) / 1e9 * c.speed }

// Wall is the wall time at a virtual time, to the nearest nanosecond; a time
// beyond all others never comes.
func (c Clock) Wall(virtual float64) int64 {
	wall := math.Round(virtual * 1e9 / c.speed)
	if wall >= float64(never) {
		return never
	}
	return int64(wall)
}

// Speed is virtual seconds a wall second.
func (c Clock) Speed() float64 { return c.speed }

// Unix is a wall time as nanoseconds of the real-time clock, as it was set
// when the clock started.
func (c Clock) Unix(wall int64) int64 { return c.start.UnixNano() + wall }
