package load

import (
	"context"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/record"
)

// openVirtual is Open in virtual time: every job is an actor that begins when it
// is due, and none is late.
func (p *Point) openVirtual(ctx context.Context) error {
	ctx, when := p.virtual(ctx, 0)
	loop := &virtualLoop{Point: p, when: when}
	when.start(-1, func(me actor) { loop.feed(ctx, me) }) // in front of all that are due
	err := when.wait()
	for _, w := range loop.idle {
		w.Close()
	}
	return err
}

type virtualLoop struct {
	*Point
	when  *virtualTime
	idle  []numbered // the one that ended last is taken first, as in real time
	hired int
}

// numbered is a client with its number.
type numbered struct {
	Client
	number int
}

// feed begins each job when it is due. It shares the turn with the jobs, so
// nothing here is concurrent.
func (l *virtualLoop) feed(ctx context.Context, me actor) {
	for i := 0; ctx.Err() == nil; i++ {
		job, ok := l.Jobs(i)
		if !ok || l.Duration > 0 && job.Due >= l.Duration || me.sleep(lockstep.Time(job.Due/float64(l.Key.Speed))) != nil {
			return
		}
		l.when.start(i, func(me actor) { l.send(me, job) })
	}
}

func (l *virtualLoop) send(me actor, job Job) {
	w := l.client()
	o := me.ask(w, job)
	l.report(lockstep.Time(0), w.number, job, record.InSeconds(job.Due), o)
	l.idle = append(l.idle, w)
}

// client returns one that is idle, or a new one.
func (l *virtualLoop) client() numbered {
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return w
	}
	l.hired++
	return numbered{l.Connect(), l.hired - 1}
}
