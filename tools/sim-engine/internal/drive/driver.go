package drive

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"fastgenbench/tools/sim-engine/internal/meter"
)

// source decides what is generated when. The driver alone calls it.
type source interface {
	// admit takes a job that arrived.
	admit(*Job)
	// drop forgets a job whose client has gone.
	drop(*Job)
	// advance hands out, through Driver.push, all events due at a wall time and
	// returns when the next one is due. Without any it returns never. Listening
	// says that an arrival could bring one sooner.
	advance(now int64) (next int64, listening bool)
	// load reports the state of each engine to the meter.
	load(*meter.Meter)
}

// never is a due time that does not come.
const never = int64(1<<63 - 1)

// Driver runs a source against the wall clock.
type Driver struct {
	clock  Clock
	meter  *meter.Meter
	alarm  *alarm
	stall  Stall
	source source
	dirty  []*Job // jobs with pending events, in the order they came to be

	mu     sync.Mutex
	inbox  []letter
	closed bool
	spare  []letter
}

// letter is what a handler has to say about a job: it arrived, or its client left.
type letter struct {
	job  *Job
	left bool
}

func newDriver(clock Clock, m *meter.Meter, stall Stall) (*Driver, error) {
	a, err := newAlarm()
	if err != nil {
		return nil, err
	}
	return &Driver{clock: clock, meter: m, alarm: a, stall: stall}, nil
}

// Submit hands over a job. Its sink hears of it from the driver's thread.
func (d *Driver) Submit(j *Job) error {
	if !d.post(letter{job: j}) {
		return fmt.Errorf("the engine has stopped")
	}
	return nil
}

// Cancel says that nobody wants the job's tokens any more. A job that has
// ended is left alone.
func (d *Driver) Cancel(j *Job) { d.post(letter{job: j, left: true}) }

func (d *Driver) post(l letter) bool {
	d.mu.Lock()
	open := !d.closed
	if open {
		d.inbox = append(d.inbox, l)
	}
	d.mu.Unlock()
	d.alarm.wake()
	return open
}

// Run drives until ctx ends, then aborts what is still running. It returns
// when no sink will be called again.
func (d *Driver) Run(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	d.alarm.arm()
	stop := context.AfterFunc(ctx, d.alarm.ring)
	defer stop()
	waiting := func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.inbox) > 0
	}
	for ctx.Err() == nil {
		d.take()
		if hold := d.stall.remaining(d.clock.Now()); hold > 0 {
			d.alarm.sleep(time.Duration(hold), false, func() bool { return false })
			continue
		}
		next, listening := d.source.advance(d.clock.Now())
		d.flush()
		if pause := next - d.clock.Now(); pause > 0 {
			d.alarm.sleep(time.Duration(min(pause, int64(time.Hour))), listening, waiting)
		}
	}
	return d.close()
}

// take empties the inbox.
func (d *Driver) take() {
	d.mu.Lock()
	letters := d.inbox
	d.inbox = d.spare[:0]
	d.mu.Unlock()
	for _, l := range letters {
		if l.left {
			d.drop(l.job)
		} else {
			d.stall.begin(l.job.Arrived)
			d.source.admit(l.job)
		}
	}
	clear(letters)
	d.spare = letters
}

func (d *Driver) drop(j *Job) {
	if j.over {
		return
	}
	j.over = true
	d.source.drop(j)
	d.meter.Lock()
	d.meter.Finish(&j.timing, "abort")
	d.meter.Unlock()
}

// reject ends a job that the engine refuses.
func (d *Driver) reject(j *Job, err error) {
	j.over = true
	d.meter.Lock()
	d.meter.Finish(&j.timing, "error")
	d.meter.Unlock()
	j.Sink.Reject(err)
}

// push notes an event of n tokens for a job; flush sends it.
func (d *Driver) push(j *Job, n int, due int64) {
	e := Event{First: j.sent, Tokens: n, Due: due, Last: j.sent+n >= j.NewTokens}
	j.sent += n
	if len(j.pending) == 0 {
		d.dirty = append(d.dirty, j)
	}
	j.pending = append(j.pending, e)
}

// flush sends what is pending and counts it.
func (d *Driver) flush() {
	for _, j := range d.dirty {
		j.Sink.Send(j.pending)
		j.over = j.pending[len(j.pending)-1].Last
	}
	d.meter.Lock()
	for i, j := range d.dirty {
		d.count(j)
		j.pending = j.pending[:0]
		d.dirty[i] = nil
	}
	d.source.load(d.meter)
	d.meter.Unlock()
	d.dirty = d.dirty[:0]
}

func (d *Driver) count(j *Job) {
	for _, e := range j.pending {
		d.meter.Tokens(&j.timing, d.clock.Virtual(e.Due), e.Tokens)
		if e.Last {
			d.meter.Finish(&j.timing, "length")
		}
	}
}

func (d *Driver) close() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.take()
	return d.alarm.close()
}
