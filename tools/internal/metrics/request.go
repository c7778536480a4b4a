package metrics

import (
	"cmp"
	"math"

	"fastgenbench/tools/internal/record"
)

// request is what the folds need of a row. Times are microseconds, virtual
// ones like the row's, but lag, connect and pause, which are wall microseconds.
// What is absent in the row is NaN.
type request struct {
	number, client record.Count
	speed          float64
	ok, due        bool        // due: it had a due time
	cancelled      bool        // the run ended before it did
	kernel         bool        // arrival times are the kernel's
	virtual        bool        // they are a simulated engine's own
	program        record.Text // that measured, "" for loadgen
	start, latency float64
	end            float64 // of the answer, from start; its latency where that is not known
	delay          float64 // from due to start, where it was sent
	late           float64 // the part of it that is no wait for the cap on concurrency
	turn           float64 // of its session
	queue, server  float64 // the server's own queueing time and time to first token
	visible        float64
	lag, connect   float64
	pause, cpu     float64 // of the client

	askedPrompt, prompt, askedNew, generated, reasoning, cached, blurred record.Count

	chunks    int     // 0 when not streamed
	first     float64 // chunk, from start
	streaming float64 // from the first chunk to the last
	together  int     // chunks that came in the same moment as the one before
	counted   bool    // every chunk's tokens are known
	gaps      sample  // per token, where counted
	bounds    *bounds // of gaps and first; nil where they are certain

	// inOnePiece is found when the point is settled: a buffer between server and
	// client held the whole answer back.
	inOnePiece bool

	// What a fold keeps of the chunks, which themselves are let go:
	times   sample
	service Service
	row     *record.Request // the whole row, nil unless the fold is Details
}

func newRequest(row record.Request) *request {
	r := &request{
		number: row.Request, client: row.Client, speed: float64(row.Speed),
		ok: row.Status == record.OK, cancelled: row.Status == record.Cancelled, kernel: row.Clock == "kernel", virtual: row.Clock == "virtual", program: row.MeasuredBy(),
		start: microsOf(row.StartS), latency: microsOf(row.LatencyS), end: microsOf(row.LatencyS),
		delay: math.NaN(), queue: microsOf(row.ServerQueueS), server: microsOf(row.ServerTTFTS), visible: microsOf(row.VisibleS),
		lag: microsOf(row.LagS), connect: microsOf(row.ConnectS), pause: microsOf(row.PauseS), cpu: row.ClientCPU.Float(),
		askedPrompt: row.AskedPromptTokens, prompt: row.PromptTokens, askedNew: row.MaxNewTokens, generated: row.GeneratedTokens,
		reasoning: row.ReasoningTokens, cached: row.CachedTokens, blurred: row.BlurredChunks,
		chunks: len(row.ChunkS), first: math.NaN(),
	}
	if row.EndS.Known() {
		r.end = max(r.latency, microsOf(row.EndS))
	}
	if r.due = row.DueS.Known(); r.due && row.Attempts != record.CountOf(0) {
		r.delay = max(0, r.start-microsOf(row.DueS))
	}
	r.late, r.turn = r.delay, row.Turn.Float()
	r.stream(markUncertain(row.ChunkS, row.BlurredChunks))
	return r
}

func (r *request) stream(chunks record.Chunks) {
	if len(chunks) == 0 {
		return
	}
	r.first = micros(chunks[0].At)
	r.streaming = micros(chunks[len(chunks)-1].At) - r.first
	r.counted = chunks.Tokens().Known()
	if r.counted {
		r.gaps.ones = make([]float64, 0, len(chunks)-1)
		if b, uncertain := bound(chunks); uncertain {
			r.bounds = &b
		}
	}
	moment := min(sameMoment*r.speed, sameMomentVirtual)
	for gap, tokens := range chunkGaps(chunks) {
		if gap <= moment {
			r.together++
		}
		if r.counted {
			r.gaps.add(gap/float64(tokens), tokens)
		}
	}
}

// compare orders by start; 0 means the same row.
func (r *request) compare(other *request) int {
	return cmp.Or(
		cmp.Compare(r.start, other.start),
		cmp.Compare(r.number.Float(), other.number.Float()),
		cmp.Compare(r.client.Float(), other.client.Float()),
		cmp.Compare(r.latency, other.latency),
		cmp.Compare(r.generated.Float(), other.generated.Float()),
		cmp.Compare(r.first, other.first),
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

// streamed reports whether it is known when its tokens came.
func (r *request) streamed() bool { return r.chunks > 0 }

// ttft is the time to the first token, NaN when that is not known.
func (r *request) ttft() float64 {
	if r.inOnePiece {
		return math.NaN()
	}
	return r.first
}

func (r *request) visibleTTFT() float64 {
	if r.inOnePiece {
		return math.NaN()
	}
	return r.visible
}

// tpot is the time per output token after the first, NaN for fewer than two.
func (r *request) tpot() float64 {
	if n := r.generated.Float(); n >= 2 {
		return (r.latency - r.ttft()) / (n - 1)
	}
	return math.NaN()
}

// tokenGaps are the gaps per token where they are known.
func (r *request) tokenGaps() sample {
	if r.inOnePiece {
		return sample{}
	}
	return r.gaps
}

// judgeable reports whether it is known how it kept a service level.
func (r *request) judgeable() bool { return r.counted && !r.inOnePiece && r.prompt.Known() }

// tokens is prompt and generated tokens together, NaN when either is unknown.
func (r *request) tokens() float64 { return r.prompt.Float() + r.generated.Float() }

// rate is the original suite's tokens per second: it counts the prompt's only
// where the answer was not streamed.
func (r *request) rate() float64 {
	switch {
	case !(r.latency > 0):
		return math.NaN()
	case r.streamed():
		return r.generated.Float() / r.latency * 1e6
	}
	return r.tokens() / r.latency * 1e6
}

func microsOf(s record.Seconds) float64 { return micros(s.Float()) }

// each lists what of is for all requests where it is known.
func each(requests []*request, of func(*request) float64) []float64 {
	values := make([]float64, 0, len(requests))
	for _, r := range requests {
		if v := of(r); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return values
}

// total adds up what of is; one that is not known makes the sum unknown.
func total(requests []*request, of func(*request) float64) float64 {
	sum := 0.0
	for _, r := range requests {
		sum += of(r)
	}
	return sum
}

func count(requests []*request, is func(*request) bool) int {
	n := 0
	for _, r := range requests {
		if is(r) {
			n++
		}
	}
	return n
}
