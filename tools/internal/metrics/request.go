package metrics

import (
	"cmp"
	"math"

	"fastgenbench/tools/internal/record"
)

// request is what the folds need of a row. Times are microseconds, virtual
// ones like the row's, but lag, connect and pause, which are wall microseconds.
type request struct {
	number, client int
	ok             bool
	kernel         bool // arrival times are the kernel's
	start, latency float64
	end            float64 // of the answer, behind its last token too; from start like latency
	waited         float64 // from due to start; 0 in a closed loop
	open           bool    // it had a due time
	prompt         record.Count
	generated      record.Count
	lag, connect   float64 // NaN where not measured
	blurred        record.Count
	pause, cpu     float64 // of the client; NaN where not measured
	chunks         int     // 0 when not streamed
	ttft           float64 // from when it was due; NaN when not streamed
	streaming      float64 // from the first chunk to the last

	// What a fold keeps of the chunks, which themselves are let go:
	times   []float64 // gaps, in Gaps with the TTFT in front
	service Service
}

func newRequest(row record.Request) request {
	r := request{
		number: row.Request, client: row.Client,
		ok: row.Status == record.OK, kernel: row.Clock == "kernel",
		start: micros(row.StartS), latency: micros(row.LatencyS),
		end:    micros(row.LatencyS),
		prompt: row.PromptTokens, generated: row.GeneratedTokens,
		blurred: row.BlurredChunks,
		lag:     micros(row.LagS), connect: micros(row.ConnectS),
		pause: micros(row.PauseS), cpu: float64(row.ClientCPU),
		chunks: len(row.ChunkS), ttft: math.NaN(),
	}
	if row.EndS.Known() {
		r.end = micros(row.EndS)
	}
	if row.DueS.Known() {
		r.open = true
		r.waited = max(0, r.start-micros(row.DueS))
	}
	if last := r.chunks - 1; last >= 0 {
		first := micros(row.ChunkS[0].At)
		r.ttft = r.waited + first
		r.streaming = micros(row.ChunkS[last].At) - first
	}
	return r
}

// compare orders by start; 0 means the same row.
func (r request) compare(other request) int {
	return cmp.Or(
		cmp.Compare(r.start, other.start),
		cmp.Compare(r.number, other.number),
		cmp.Compare(r.client, other.client),
		cmp.Compare(r.latency, other.latency),
		cmp.Compare(r.generated, other.generated),
		cmp.Compare(r.ttft, other.ttft),
		cmp.Compare(r.streaming, other.streaming),
		cmp.Compare(r.chunks, other.chunks),
		cmp.Compare(truth(r.ok), truth(other.ok)),
	)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r request) streamed() bool { return r.chunks > 0 }

// unstreamed reports that tokens came, but nobody knows when.
func (r request) unstreamed() bool { return !r.streamed() && r.generated != 0 }

// response is the latency as its user saw it, from when it was due.
func (r request) response() float64 { return r.waited + r.latency }

// tokens is prompt and generated tokens together, NaN when either is unknown.
func (r request) tokens() float64 { return known(r.prompt) + known(r.generated) }

func known(c record.Count) float64 {
	if !c.Known() {
		return math.NaN()
	}
	return float64(c)
}
