package load

import (
	"fmt"
	"time"

	"fastgenbench/tools/internal/record"
)

// loop is what the two loops share.
type loop struct {
	Point
	desk *desk
	when timeline
}

// conclude reports a request that has ended and returns the turn after it, with
// the time to send it. A session ends with a turn that failed, and its row says
// so. No turn is sent after the point's time.
func (l *loop) conclude(me actor, zero time.Time, client int, job Job, due record.Seconds, o record.Outcome) (next Job, at time.Time, ok bool) {
	ended, good := me.ended(o), o.Status == record.OK
	if !good && job.Left > 0 {
		o.Error = record.Text(record.Clean(fmt.Sprintf("%d later turns of the session are not sent: %s", job.Left, o.Error)))
	}
	l.report(zero, client, job, due, o)
	if job.Left == 0 {
		return Job{}, at, false
	}
	if good {
		next, ok = l.desk.turn(job)
	}
	if ok {
		at = ended.Add(l.wall(next.Delay))
		if planned := l.when.at(zero, next.Due); planned.After(at) {
			at = planned
		}
		ok = l.Duration == 0 || at.Sub(zero) < l.wall(l.Duration)
	}
	if !ok {
		l.desk.drop(job)
	}
	return next, at, ok
}

// since is a time in virtual seconds from the point's start.
func (l *loop) since(zero, at time.Time) record.Seconds {
	return record.InSeconds(at.Sub(zero).Seconds() * float64(l.Key.Speed))
}
