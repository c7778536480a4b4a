package simrun

import (
	"context"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// client asks an engine. All that one client needs is the engine's.
type client struct {
	engine *Engine
	caches bool // the engine has a prefix cache
	text   func(i int) sim.Text
}

// Close gives nothing back.
func (client) Close() {}

// Generate hands the job over and waits for its tokens.
func (c client) Generate(ctx context.Context, job load.Job, hold func() error) record.Outcome {
	done := make(chan struct{})
	chunks := make(record.Chunks, 0, job.New)
	request := &Request{ID: job.Lockstep.ID, Size: job.Size, Text: c.text(job.Request)}
	request.Token = func(at float64, last bool) {
		chunks = append(chunks, record.Chunk{At: lockstep.Between(job.Lockstep.Sent, at).Seconds(), Tokens: 1})
		if last {
			close(done)
		}
	}
	c.engine.Send(request)
	if hold() != nil {
		return record.Outcome{}
	}
	select {
	case <-done:
		latency := record.InSeconds(chunks[len(chunks)-1].At)
		return record.Outcome{Prompt: record.CountOf(job.Prompt), Cached: c.cached(request), Generated: record.CountOf(len(chunks)), Chunks: chunks,
			Latency: latency, End: latency, Attempts: 1, Status: record.OK}
	case <-ctx.Done():
		return record.Outcome{Attempts: 1, Status: record.Cancelled}
	}
}

// cached is what the engine found of a prompt, absent where it does not look.
func (c client) cached(r *Request) record.Count {
	if !c.caches {
		return record.Count{}
	}
	return record.CountOf(r.Cached)
}
