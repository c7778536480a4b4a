package load

import (
	"context"
	"time"

	"fastgenbench/tools/internal/record"
)

// The pauses of a client, in wall time, after requests that failed one after
// the other.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
)

// Pauser is a Client that knows how long its server asked it to wait after its
// last request (Retry-After), 0 where the server did not ask for it.
type Pauser interface{ RetryAfter() time.Duration }

// backoff is how long one client of a closed loop pauses: a server that refuses
// or has gone is not asked thousands of times per second.
type backoff struct{ last time.Duration }

// after is the pause behind a request that ended with status. It doubles from
// failure to failure, and a success resets it. Where the server named a time,
// it is that one.
//
// A server that has gone for good does not draw out a plan that has an end: a
// client whose pauses have grown to the longest stops pausing, and what is left
// of the plan fails at once.
func (b *backoff) after(client Client, status record.Status, ends bool) time.Duration {
	if status != record.Failed && status != record.Timeout {
		b.last = 0
		return 0
	}
	b.last = min(max(2*b.last, firstPause), longestPause)
	pause := asked(client)
	if pause == 0 && !(ends && b.last == longestPause) {
		pause = b.last
	}
	return pause
}

func asked(client Client) time.Duration {
	if p, ok := client.(Pauser); ok {
		return p.RetryAfter()
	}
	return 0
}

// pause waits, but not longer than the point lasts, and not where no job is left.
func (l *closedLoop) pause(ctx context.Context, d time.Duration) {
	if _, more := l.Jobs(int(l.next.Load())); !more {
		return
	}
	if l.Duration > 0 {
		d = min(d, time.Until(l.zero.Add(l.wall(l.Duration))))
	}
	_ = sleep(ctx, d) // the loop sees that the context has ended
}
