package drive

import "fastgenbench/tools/simulator/sim-engine/internal/meter"

// source decides what is generated when. One goroutine
// alone calls it.
type source interface {
	// admit takes a job that arrived.
	admit(*Job)
	// drop forgets a job whose client has gone.
	drop(*Job)
	// advance hands out, through core.push, all events due at a wall time and
	// returns when the next one is due. Without any it returns never. Listening
	// says that an arrival could bring one sooner.
	advance(now int64) (next int64, listening bool)
	// load reports the state of each engine to the meter.
	load(*meter.Meter)
}

// never is a due time that does not come.
const never = int64(1<<63 - 1)

// core is a source with what it hands out: what all ways to move time share.
type core struct {
	clock   Clock
	meter   *meter.Meter
	stall   Stall
	source  source
	dirty   []*Job  // jobs with pending events, in the order they came to be
	reached float64 // the latest virtual time at which anything came to be
}

func (c *core) drop(j *Job) {
	if j.over {
		return
	}
	j.over = true
	c.source.drop(j)
	c.meter.Lock()
	c.meter.Finish(&j.timing, "abort")
	c.meter.Unlock()
}

// reject ends a job that the engine refuses at a virtual time.
func (c *core) reject(j *Job, err error, at float64) {
	j.over, c.reached = true, max(c.reached, at)
	c.meter.Lock()
	c.meter.Finish(&j.timing, "error")
	c.meter.Unlock()
	j.Sink.Reject(err)
}

// push notes an event of n tokens for a job that came to be at a virtual time;
// flush sends it.
func (c *core) push(j *Job, n int, due int64, at float64) {
	c.reached = max(c.reached, at)
	e := Event{First: j.sent, Tokens: n, Due: due, Last: j.sent+n >= j.NewTokens}
	j.sent += n
	if len(j.pending) == 0 {
		c.dirty = append(c.dirty, j)
	}
	j.pending = append(j.pending, e)
}

// flush sends what is pending and counts it.
func (c *core) flush() {
	for _, j := range c.dirty {
		j.Sink.Send(j.pending)
		j.over = j.pending[len(j.pending)-1].Last
	}
	c.meter.Lock()
	for i, j := range c.dirty {
		c.count(j)
		j.pending = j.pending[:0]
		c.dirty[i] = nil
	}
	c.source.load(c.meter)
	c.meter.Unlock()
	c.dirty = c.dirty[:0]
}

func (c *core) count(j *Job) {
	for _, e := range j.pending {
		c.meter.Tokens(&j.timing, c.clock.Virtual(e.Due), e.Tokens)
		if e.Last {
			c.meter.Finish(&j.timing, "length")
		}
	}
}
