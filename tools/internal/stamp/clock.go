package stamp

import "time"

// stepTolerance is how far wall and monotonic clock may move against each
// other between two looks. Slewing moves both alike; what remains is the time
// between reading one and the other.
const stepTolerance = 100 * time.Microsecond

// clock turns the kernel's stamps, which are wall time, into times that can be
// compared with the program's own. It looks at both clocks at each read, so
// that setting the wall clock harms at most the one read that it falls into,
// and that one is found out.
type clock struct {
	base  time.Time
	drift time.Duration // of the wall clock against the monotonic one, since base
	// look reads both clocks; tests set the wall clock by it.
	look func(base time.Time) (now time.Time, drift time.Duration)
}

func newClock() clock { return clock{base: time.Now(), look: look} }

func look(base time.Time) (time.Time, time.Duration) {
	now := time.Now()
	return now, time.Duration(now.UnixNano()-base.UnixNano()) - now.Sub(base)
}

// arrival converts a kernel stamp in nanoseconds since 1970; 0 is none.
func (c *clock) arrival(kernel int64) Arrival {
	now, stepped := c.now()
	seen := Arrival{At: now, Seen: now, Source: User}
	if stepped {
		seen.Source = Stepped
		return seen
	}
	if lag := time.Duration(now.UnixNano() - kernel); kernel != 0 && lag > -stepTolerance {
		seen.At, seen.Source = now.Add(-max(0, lag)), Kernel
	}
	return seen
}

// now reports the time and whether the wall clock was set since the last call.
// A program that was put aside between reading the one clock and the other
// sees a difference too, so a suspicion is looked at again.
func (c *clock) now() (time.Time, bool) {
	var now time.Time
	var drift time.Duration
	for range 4 {
		now, drift = c.look(c.base)
		if (drift - c.drift).Abs() <= stepTolerance {
			return now, false
		}
	}
	c.drift = drift
	return now, true
}
