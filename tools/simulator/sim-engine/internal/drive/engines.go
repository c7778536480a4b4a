package drive

import (
	"slices"

	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// Engine is one simulated replica. All times are virtual seconds.
type Engine interface {
	// Submit queues a sequence; the error says why it can never run. An engine with
	// a prefix cache reads the text.
	Submit(now float64, id int64, promptTokens, newTokens int, text sim.Text) error
	// Abort forgets a sequence.
	Abort(id int64)
	// Step plans and costs one forward pass that begins now; false when there
	// is nothing to run.
	Step(now float64) (sim.Step, bool)
	// Stats is the state between two steps.
	Stats() sim.Stats
}

// replica is an engine with its place in time.
type replica struct {
	engine  Engine
	number  int
	jobs    map[int64]*Job
	arrived []*Job // not yet submitted, by arrival
	step    sim.Step
	ends    float64 // virtual end of the step that runs
	running bool
}

type cluster struct {
	core     *core
	replicas []*replica
	admitted int64
}

// NewSimulated returns a driver for engines, one a replica, which requests are
// given to in turn.
func NewSimulated(clock Clock, m *meter.Meter, stall Stall, engines []Engine) (*Driver, error) {
	d, err := newDriver(clock, m, stall)
	if err != nil {
		return nil, err
	}
	d.source = newCluster(&d.core, engines)
	return d, nil
}

func newCluster(c *core, engines []Engine) *cluster {
	cl := &cluster{core: c}
	for i, e := range engines {
		cl.replicas = append(cl.replicas, &replica{engine: e, number: i, jobs: map[int64]*Job{}})
	}
	return cl
}

func (c *cluster) admit(j *Job) {
	r := c.replicas[c.admitted%int64(len(c.replicas))]
	c.admitted++
	j.id = c.admitted
	j.timing = meter.Timing{Engine: r.number, Arrived: j.arrival(c.core.clock), Prompt: j.PromptTokens, Max: j.NewTokens}
	// Handlers race to the inbox, so a later arrival may be posted first. Those
	// of one instant keep their order.
	at := len(r.arrived)
	for at > 0 && r.arrived[at-1].timing.Arrived > j.timing.Arrived {
		at--
	}
	r.arrived = slices.Insert(r.arrived, at, j)
}

func (c *cluster) drop(j *Job) {
	r := c.replicas[j.timing.Engine]
	if at := slices.Index(r.arrived, j); at >= 0 {
		r.arrived = slices.Delete(r.arrived, at, at+1)
		return
	}
	delete(r.jobs, j.id)
	r.engine.Abort(j.id)
}

// maxSteps bounds the steps of one replica between two sends when the
// simulation is behind the wall clock: merging a few saves writes and catches
// up, merging all would send nothing while it is behind.
const maxSteps = 8

func (c *cluster) advance(now int64) (next int64, listening bool) {
	next = never
	for _, r := range c.replicas {
		for n := 0; n < maxSteps; n++ {
			if !c.turn(r, now) {
				break
			}
		}
		switch {
		case r.running:
			next = min(next, c.core.clock.Wall(r.ends))
		case len(r.arrived) > 0:
			next = now
		}
		listening = listening || !r.running
	}
	return next, listening
}

// turn ends the step that is due, if there is one, and starts the next. It
// reports whether another step may already be due.
func (c *cluster) turn(r *replica, now int64) bool {
	start := r.ends
	if r.running {
		if c.core.clock.Wall(r.ends) > now {
			return false
		}
		c.finish(r)
	} else if len(r.arrived) > 0 {
		// An idle engine starts when the request came, not when we woke up.
		start = max(start, r.arrived[0].timing.Arrived)
	}
	c.submit(r, start)
	r.step, r.running = r.engine.Step(start)
	r.ends = start + r.step.Duration
	if r.step.Sequences > 0 {
		c.core.meter.Lock()
		c.core.meter.Iteration(r.number, r.step)
		c.core.meter.Unlock()
	}
	return r.running || len(r.arrived) > 0
}

// finish hands out the tokens of the step that ended.
func (c *cluster) finish(r *replica) {
	due := c.core.clock.Wall(r.ends)
	for _, token := range r.step.Tokens {
		j := r.jobs[token.ID]
		if j == nil {
			continue // cancelled while the step ran
		}
		j.CachedTokens, j.timing.Cached = token.Cached, token.Cached
		c.core.push(j, 1, due, r.ends)
		if token.Last {
			delete(r.jobs, token.ID)
		}
	}
}

// submit gives the engine what arrived by a virtual time. What arrived later
// waits for the next step, even when we already know of it: the engine could not.
func (c *cluster) submit(r *replica, by float64) {
	n := 0
	for ; n < len(r.arrived) && r.arrived[n].timing.Arrived <= by; n++ {
		j := r.arrived[n]
		if err := r.engine.Submit(j.timing.Arrived, j.id, j.PromptTokens, j.NewTokens, j.Text); err != nil {
			c.core.reject(j, err, by)
			continue
		}
		r.jobs[j.id] = j
	}
	r.arrived = slices.Delete(r.arrived, 0, n)
}

func (c *cluster) load(m *meter.Meter) {
	for _, r := range c.replicas {
		s := r.engine.Stats()
		m.Load(r.number, s.Running, s.Waiting+len(r.arrived), s.KVUsage)
	}
}
