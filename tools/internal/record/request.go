package record

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Request is the row that loadgen writes for each request. Times are virtual
// seconds (wall seconds times speed) unless they say wall seconds. StartS and
// DueS count from the point's start, all other offsets from StartS.
type Request struct {
	Key
	// Client is which of the clients sent it, from 0.
	Client Count `csv:"client"`
	// Request is its place in the plan, from 0.
	Request Count `csv:"request"`
	// Session is the session that it is a turn of, and Turn which one, from 1;
	// both are absent where there are no sessions.
	Session Text  `csv:"session"`
	Turn    Count `csv:"turn"`
	// DueS is when it should have been sent: by the plan of an open loop, or as a
	// later turn of a session.
	DueS Seconds `csv:"due_s"`
	// StartS is when its first byte was about to be written.
	StartS Seconds `csv:"start_s"`
	// LatencyS runs to the last token's arrival, or to the failure.
	LatencyS Seconds `csv:"latency_s"`
	// EndS is when the answer had ended: a server may keep the stream open for a
	// while after the last token.
	EndS Seconds `csv:"end_s"`
	// AskedPromptTokens is the prompt length that was asked for, PromptTokens the
	// length as the server counted it.
	AskedPromptTokens Count `csv:"asked_prompt_tokens"`
	PromptTokens      Count `csv:"prompt_tokens"`
	// MaxNewTokens is the generation length that was asked for, GeneratedTokens
	// the number of tokens as the server counted them.
	MaxNewTokens    Count `csv:"max_new_tokens"`
	GeneratedTokens Count `csv:"generated_tokens"`
	// ReasoningTokens is how many of the generated tokens the server counted as
	// reasoning.
	ReasoningTokens Count `csv:"reasoning_tokens"`
	// CachedTokens is how much of the prompt came from a prefix cache.
	CachedTokens Count `csv:"cached_tokens"`
	// ChunkS is when the streamed chunks with tokens came; empty when not streamed.
	ChunkS Chunks `csv:"chunk_s"`
	// VisibleS is when the first visible token came, where tokens of reasoning
	// came before it.
	VisibleS Seconds `csv:"visible_s"`
	// Clock says where arrival times come from: kernel, user, mixed, stepped or
	// virtual, or the program that measured, where it was not loadgen.
	Clock Text `csv:"clock"`
	// LagS is the longest time for which bytes waited in the kernel until the client
	// read them, in wall seconds; where one read brought several chunks, the longest
	// for which the first of them may have.
	LagS Seconds `csv:"lag_s"`
	// BlurredChunks counts the chunks that may have come more than a millisecond of
	// wall time before their timestamp.
	BlurredChunks Count `csv:"blurred_chunks"`
	// PauseS is the longest time, in wall seconds, for which the client as a
	// whole stood still meanwhile; 0 is none that was noticed.
	PauseS Seconds `csv:"pause_s"`
	// ClientCPU is the share of its processors that the client used meanwhile,
	// 0 to 1.
	ClientCPU Rate `csv:"client_cpu"`
	// ConnectS is the time to connect where the request needed a new connection,
	// in wall seconds; it is not part of LatencyS.
	ConnectS Seconds `csv:"connect_s"`
	// ServerQueueS and ServerTTFTS are the server's own queueing time and time to
	// first token, where it sends them.
	ServerQueueS Seconds `csv:"server_queue_s"`
	ServerTTFTS  Seconds `csv:"server_ttft_s"`
	// Attempts is how often it was sent.
	Attempts Count `csv:"attempts"`
	// RetryS is when the last of several attempts was sent.
	RetryS Seconds `csv:"retry_s"`
	Error  Text    `csv:"error"`
	Status Status  `csv:"status"`
}

// Outcome is what a client saw of one request, in wall seconds counted from
// Start. Fields with a zero value are not known.
type Outcome struct {
	// Start is when the first byte was about to be written.
	Start                        time.Time
	Latency, End, Retry, Connect Seconds
	Prompt, Generated            Count
	Reasoning, Cached            Count
	Chunks                       Chunks
	Visible                      Seconds
	ServerQueue, ServerTTFT      Seconds // in the server's time
	Clock                        Text
	Lag, Pause                   Seconds
	Blurred                      Count
	CPU                          Rate
	// Attempts is 0 for a request that was called off before it was sent.
	Attempts int
	Error    Text
	Status   Status
	// Answer is the text that was generated, where it was to be kept; it has no
	// column.
	Answer string
	// RetryAfter is how long the server asks clients to wait; it has no column.
	RetryAfter time.Duration
}

// Place is where a request stands in a point: what its row says beyond the
// outcome.
type Place struct {
	Key Key
	// Zero is the point's start.
	Zero            time.Time
	Client, Request int
	// Session and Turn are as in Request.
	Session Text
	Turn    Count
	// Due is when it should have been sent, in virtual seconds from Zero; absent
	// where a client of a closed loop simply asks again.
	Due                   Seconds
	AskedPrompt, AskedNew Count
}

// Row is the request's row. It is the one place that makes a row of a request.
// It changes the outcome's chunks.
func (o Outcome) Row(p Place) Request {
	speed := float64(p.Key.Speed)
	for i := range o.Chunks {
		o.Chunks[i].At *= speed
		o.Chunks[i].Early *= speed
	}
	return Request{
		Key: p.Key, Client: CountOf(p.Client), Request: CountOf(p.Request), Session: p.Session, Turn: p.Turn,
		DueS: p.Due, StartS: InSeconds(o.Start.Sub(p.Zero).Seconds() * speed),
		LatencyS: o.Latency.Times(speed), EndS: o.End.Times(speed),
		AskedPromptTokens: p.AskedPrompt, PromptTokens: o.Prompt,
		MaxNewTokens: p.AskedNew, GeneratedTokens: o.Generated,
		ReasoningTokens: o.Reasoning, CachedTokens: o.Cached,
		ChunkS: o.Chunks, VisibleS: o.Visible.Times(speed),
		Clock: o.Clock, LagS: o.Lag, BlurredChunks: o.Blurred, PauseS: o.Pause, ClientCPU: o.CPU,
		ConnectS: o.Connect, ServerQueueS: o.ServerQueue, ServerTTFTS: o.ServerTTFT,
		Attempts: CountOf(o.Attempts), RetryS: o.Retry.Times(speed), Error: o.Error, Status: o.Status,
	}
}

// MeasuredBy is the program that measured the request, "" for loadgen.
func (r Request) MeasuredBy() Text {
	if slices.Contains([]Text{"", "kernel", "user", "mixed", "stepped", "virtual"}, r.Clock) {
		return ""
	}
	return r.Clock
}

// Validate reports why the row is invalid, nil if it is valid.
func (r Request) Validate() error {
	if err := validate(r.Key.Validate(), r.Status, OK, Failed, Timeout, Cancelled); err != nil {
		return err
	}
	if !r.StartS.Known() || !r.LatencyS.Known() {
		return fmt.Errorf("start_s and latency_s must be known")
	}
	if err := r.validateTimes(); err != nil {
		return err
	}
	return r.validateTokens()
}

// maxSeconds bounds every time: 300 years are a fault, and sums must stay finite.
const maxSeconds = 1e10

func (r Request) validateTimes() error {
	for _, one := range []struct {
		name string
		time float64
	}{
		{"due_s", r.DueS.value}, {"start_s", r.StartS.value}, {"latency_s", r.LatencyS.value}, {"end_s", r.EndS.value}, {"visible_s", r.VisibleS.value},
		{"lag_s", r.LagS.value}, {"pause_s", r.PauseS.value}, {"connect_s", r.ConnectS.value}, {"retry_s", r.RetryS.value},
		{"server_queue_s", r.ServerQueueS.value}, {"server_ttft_s", r.ServerTTFTS.value}, {"client_cpu", r.ClientCPU.value},
	} {
		if one.time < 0 || one.time > maxSeconds {
			return fmt.Errorf("%s %g is not between 0 and %g", one.name, one.time, float64(maxSeconds))
		}
	}
	return nil
}

// roundingUS is by how many microseconds two times that were the same may
// differ in a row.
const roundingUS = 2

func (r Request) validateTokens() error {
	n := len(r.ChunkS)
	if n == 0 {
		return nil
	}
	first, last := r.ChunkS[0].At, r.ChunkS[n-1].At
	if first < 0 || micros(last) > micros(r.LatencyS.value)+roundingUS {
		return fmt.Errorf("chunk_s lies between %g and %g s, outside of the latency of %g s", first, last, r.LatencyS.value)
	}
	sum := r.ChunkS.Tokens()
	if r.Status == OK && sum.Known() && r.GeneratedTokens.Known() && sum != r.GeneratedTokens {
		return fmt.Errorf("chunk_s holds %d tokens, generated_tokens is %d", sum.n, r.GeneratedTokens.n)
	}
	return nil
}

// micros is a time in whole microseconds, as cells have it.
func micros(s float64) float64 { return math.Round(s * 1e6) }
