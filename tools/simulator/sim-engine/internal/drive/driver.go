package drive

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// Driver runs a source against the wall clock.
type Driver struct {
	core
	alarm *alarm

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
	return &Driver{core: core{clock: clock, meter: m, stall: stall}, alarm: a}, nil
}

// Submit hands over a job. Its sink is called from the driver's thread.
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

func (d *Driver) close() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.take()
	return d.alarm.close()
}
