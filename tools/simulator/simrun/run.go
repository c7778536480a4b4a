// Package simrun puts the model of an engine under the load that loadgen makes,
// in one process: the same code sends the requests, in the same virtual time. A
// point of hundreds of requests takes milliseconds.
package simrun

import (
	"context"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// startJitter is loadgen's, in seconds per client.
const startJitter = 0.01

// Load is the load of a point: loadgen's closed loop, without its warm-up, which
// leaves no trace in an engine without a prefix cache, nor in one that has no prompt
// in it again; or its open loop.
type Load struct {
	// Key goes into each row; its NumClients ask.
	Key record.Key
	// Due is when each request is sent, in virtual seconds, whatever became of the
	// others; nil is a closed loop.
	Due []float64
	// Requests is how many are sent, and Size the work of one.
	Requests int
	Size     func(i int) prompt.Size
	// Text is what a prefix cache knows request i by: the tokens of its prompt and
	// its answer. nil is that no request is like another.
	Text func(i int) sim.Text
	// Seed draws how long each client waits before its first request.
	Seed uint64
}

// Run drives so many replicas of cfg through a load and returns the requests'
// rows, in the order of the plan. Requests go to the replicas in turn.
func Run(ctx context.Context, cfg sim.Config, replicas int, l Load) ([]record.Request, error) {
	engine, err := NewEngine(cfg, replicas)
	if err != nil {
		return nil, err
	}
	l.Key.Speed = 1
	if l.Text == nil {
		l.Text = func(int) sim.Text { return nil }
	}
	rows := make([]record.Request, l.Requests)
	point := load.Point{
		Key: l.Key, Clock: lockstep.New(engine, lockstep.Limits{}), Connect: func() load.Client { return client{engine, cfg.PrefixCache, l.Text} },
		Plan: load.Jobs(func(i int) (load.Job, bool) {
			if i >= l.Requests {
				return load.Job{}, false
			}
			job := load.Job{Request: i, Size: l.Size(i)}
			if l.Due != nil {
				job.Due = l.Due[i]
			}
			return job, true
		}),
		Jitter: load.Jitter{Seed: l.Seed, Clients: l.Key.NumClients, Seconds: startJitter}.Wait,
		Emit:   func(row record.Request) { rows[row.Request.Int()] = row }, // one client acts at a time
	}
	if l.Due != nil {
		return rows, point.Open(ctx)
	}
	return rows, point.Closed(ctx)
}
