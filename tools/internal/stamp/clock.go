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
	return arrivalAt(now, stepped, kernel)
}

// arrivalAt is the arrival of what was in hand at the time now.
func arrivalAt(now time.Time, stepped bool, kernel int64) Arrival {
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

// glances is how many reads share a look at the clocks. What was in hand only then
// is said to be in hand a little early; what had not come by then is looked at again.
const glances = 8

// watch is a clock that is looked at once for several reads.
type watch struct {
	clock
	shown   time.Time
	stepped bool
	left    int
}

// arrival is clock's.
func (w *watch) arrival(kernel int64) Arrival {
	if w.left--; w.left < 0 || w.stepped || kernel == 0 || w.shown.UnixNano() < kernel {
		w.shown, w.stepped = w.now()
		w.left = glances - 1
	}
	return arrivalAt(w.shown, w.stepped, kernel)
}

// forget has the next read look.
func (w *watch) forget() { w.left = 0 }

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
