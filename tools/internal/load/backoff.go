package load

import (
	"time"

	"fastgenbench/tools/internal/record"
)

// The pauses of a client, in wall time, after requests that failed one after
// the other.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// backoff is how long one client of a closed loop pauses: a server that refuses
// or has gone is not asked thousands of times per second.
type backoff struct{ last time.Duration }

// after is the pause after a request. It doubles from
// failure to failure, and a success resets it. Where the server named a time,
// it is that one.
//
// A server that has gone for good does not draw out a plan that has an end: a
// client whose pauses have grown to the longest stops pausing, and what is left
// of the plan fails at once.
func (b *backoff) after(o record.Outcome, ends bool) time.Duration {
	if o.Status != record.Failed && o.Status != record.Timeout {
		b.last = 0
		return 0
	}
	b.last = min(max(2*b.last, firstPause), longestPause)
	pause := o.RetryAfter
	if pause == 0 && !(ends && b.last == longestPause) {
		pause = b.last
	}
	return pause
}

// pause waits, but not longer than the point lasts, and not where no job is left.
func (l *closedLoop) pause(me actor, zero time.Time, d time.Duration) {
	if !l.desk.more() {
		return
	}
	until := me.now().Add(d)
	if end := zero.Add(l.wall(l.Duration)); l.Duration > 0 && end.Before(until) {
		until = end
	}
	_ = me.sleep(until) // the loop sees that the context has ended
}
