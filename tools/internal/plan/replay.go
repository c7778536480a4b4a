package plan

import (
	"math"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/record"
)

// Replay is the plan that sends what a schedule says. It reads ahead as far as the
// next turn of a session under way.
type Replay struct {
	s        *Schedule
	in       *lines
	due      func(start int) float64 // nil: as the schedule says
	started  int
	starts   []load.Job // read, and not yet begun
	sessions map[string]*underway
}

// underway is a session of which turns are left.
type underway struct {
	read    int
	queue   []load.Job
	talk    *Talk
	dropped bool
}

// Replay returns the plan. Due says when each start is due; nil leaves it to the
// schedule.
func (s *Schedule) Replay(due func(start int) float64) *Replay {
	return &Replay{s: s, in: s.lines(func(string) {}), due: due, sessions: map[string]*underway{}}
}

// Err is why the plan ended early, nil where it did not.
func (r *Replay) Err() error { return r.in.err }

// Next returns the next request that begins by itself.
func (r *Replay) Next() (load.Job, bool) {
	job, ok := r.start()
	if ok && r.due != nil {
		job.Due = r.due(r.started)
	}
	r.started++
	return job, ok
}

func (r *Replay) start() (load.Job, bool) {
	if len(r.starts) > 0 {
		job := r.starts[0]
		r.starts = r.starts[1:]
		return job, true
	}
	for {
		job, ok := r.read()
		if !ok || job.Turn <= 1 {
			return job, ok
		}
		r.keep(job)
	}
}

// Turn returns the next turn of a session.
func (r *Replay) Turn(of load.Job) (load.Job, bool) {
	one := r.sessions[of.Session]
	if one == nil {
		return load.Job{}, false
	}
	for len(one.queue) == 0 {
		job, ok := r.read()
		switch {
		case !ok:
			return job, false
		case job.Turn <= 1:
			r.starts = append(r.starts, job)
		default:
			r.keep(job)
		}
	}
	job := one.queue[0]
	one.queue = one.queue[1:]
	if job.Left == 0 {
		delete(r.sessions, job.Session)
	}
	return job, true
}

// Drop forgets the turns that are left of a session.
func (r *Replay) Drop(of load.Job) {
	if one := r.sessions[of.Session]; one != nil {
		one.queue, one.dropped = nil, true
		if one.read == r.s.turns[of.Session].n {
			delete(r.sessions, of.Session)
		}
	}
}

// keep queues a later turn until the one before it has ended.
func (r *Replay) keep(job load.Job) {
	switch one := r.sessions[job.Session]; {
	case one == nil:
	case !one.dropped:
		one.queue = append(one.queue, job)
	case job.Left == 0:
		delete(r.sessions, job.Session)
	}
}

// read returns the next request of the schedule.
func (r *Replay) read() (load.Job, bool) {
	e, ok := r.in.next()
	if !ok {
		return load.Job{}, false
	}
	line := e.Request
	content := &Content{Line: &line, BlockSize: r.s.BlockSize}
	job := load.Job{Request: e.number, Size: e.size, Content: content}
	if !math.IsNaN(e.due) {
		job.Due = e.due
	}
	if e.Session != "" {
		r.place(&job, content, line.Delay)
	}
	return job, true
}

// place says which turn of its session a job is. A delay counts from the end of
// the turn before, and a timestamp means nothing beside it.
func (r *Replay) place(job *load.Job, content *Content, delay record.Seconds) {
	name := content.Line.Session
	one := r.sessions[name]
	if one == nil {
		one = &underway{talk: &Talk{Session: name}}
		if r.s.turns[name].n > 1 {
			r.sessions[name] = one
		}
	}
	one.read++
	content.Talk = one.talk
	job.Session, job.Turn, job.Left = name, one.read, r.s.turns[name].n-one.read
	if job.Turn > 1 {
		if delay.Known() {
			job.Delay = delay.Float() * r.s.Scale
		}
		if delay.Known() || !content.Line.Timestamp.Known() || r.due != nil {
			job.Due = 0
		}
	}
}
