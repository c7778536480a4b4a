package load

import "sync"

// Plan hands out the jobs of a point in their order. Nobody calls it twice at one
// time.
type Plan interface {
	// Next returns the next job that begins: a request of its own, or the first
	// turn of a session; false after the last.
	Next() (Job, bool)
	// Turn returns the turn after one that ended well and has turns Left; false
	// where there is none after all.
	Turn(of Job) (Job, bool)
	// Drop says that the turns after one will not be sent.
	Drop(of Job)
}

// Jobs is the plan of jobs without sessions, numbered from 0.
func Jobs(at func(i int) (Job, bool)) Plan { return &jobs{at: at} }

type jobs struct {
	at   func(i int) (Job, bool)
	next int
}

func (j *jobs) Next() (Job, bool) {
	job, ok := j.at(j.next)
	j.next++
	return job, ok
}

func (j *jobs) Turn(Job) (Job, bool) { return Job{}, false }

func (j *jobs) Drop(Job) {}

// desk is a plan that is shared by the clients of a load.
type desk struct {
	mu    sync.Mutex
	plan  Plan
	ahead []Job // read, and not yet handed out
}

func (d *desk) next() (Job, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.read(1) {
		return Job{}, false
	}
	job := d.ahead[0]
	d.ahead = d.ahead[1:]
	return job, true
}

// more reports whether a job is left.
func (d *desk) more() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.read(1)
}

// dueBefore is how many jobs, of those at the front, are due so early.
func (d *desk) dueBefore(due float64) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for d.read(n+1) && d.ahead[n].Due < due {
		n++
	}
	return n
}

// read sees to it that so many jobs are read ahead, and reports whether there are.
func (d *desk) read(n int) bool {
	for len(d.ahead) < n {
		job, ok := d.plan.Next()
		if !ok {
			return false
		}
		d.ahead = append(d.ahead, job)
	}
	return true
}

func (d *desk) turn(of Job) (Job, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plan.Turn(of)
}

func (d *desk) drop(of Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan.Drop(of)
}
