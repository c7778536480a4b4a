package simrun

import (
	"context"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/record"
)

// client asks an engine. All that one client needs is the engine's.
type client struct{ engine *Engine }

// Close gives nothing back.
func (client) Close() {}

// Generate hands the job over and waits for its tokens.
func (c client) Generate(ctx context.Context, job load.Job, hold func() error) record.Outcome {
	done := make(chan struct{})
	chunks := make(record.Chunks, 0, job.New)
	c.engine.Send(&Request{ID: job.Lockstep.ID, Size: job.Size, Token: func(at float64, last bool) {
		chunks = append(chunks, record.Chunk{At: lockstep.Between(job.Lockstep.Sent, at).Seconds(), Tokens: 1})
		if last {
			close(done)
		}
	}})
	if hold() != nil {
		return record.Outcome{}
	}
	select {
	case <-done:
		latency := record.InSeconds(chunks[len(chunks)-1].At)
		return record.Outcome{Prompt: record.CountOf(job.Prompt), Generated: record.CountOf(len(chunks)), Chunks: chunks,
			Latency: latency, End: latency, Attempts: 1, Status: record.OK}
	case <-ctx.Done():
		return record.Outcome{Attempts: 1, Status: record.Cancelled}
	}
}
