package record

import (
	"fmt"
	"slices"
)

// Status is the last cell of every row. No value is a prefix of another, so
// a line that was cut short cannot pass for a whole one.
type Status string

// The statuses of a Request.
const (
	OK        Status = "ok"
	Failed    Status = "failed"
	Timeout   Status = "timeout"
	Cancelled Status = "cancelled"
)

// The statuses of a point (Summary, Goodput, Gaps).
const (
	// Complete: every request of the point ended ok.
	Complete Status = "complete"
	// Partial: a request failed, timed out or was cancelled.
	Partial Status = "partial"
	// ClientLimited: the client's own lag is too large for the point to be trusted.
	ClientLimited Status = "client-limited"
)

// Ready is the status of a Server that answered a request.
const Ready Status = "ready"

// Server is the row that serve-launch writes when a server answers.
type Server struct {
	ServerKey
	// URL is the address without a path, such as http://127.0.0.1:8000.
	URL Text `csv:"url"`
	// Started is the wall time of the launch, RFC 3339 in UTC.
	Started Text `csv:"started"`
	// ReadyS is the time from the launch to the first completed request, in wall seconds.
	ReadyS Seconds `csv:"ready_s"`
	Status Status  `csv:"status"`
}

// Request is the row that loadgen writes for each request. All times are in
// virtual seconds (wall seconds times speed), offsets from the point's start.
type Request struct {
	Key
	// Client is which of the clients sent it, from 0.
	Client int `csv:"client"`
	// Request is its place in the plan, from 0.
	Request int `csv:"request"`
	// DueS is when it should have been sent (open loop); empty in a closed loop.
	DueS Seconds `csv:"due_s"`
	// StartS is when its first byte was about to be written.
	StartS Seconds `csv:"start_s"`
	// LatencyS runs from StartS to the last token's arrival, or to the failure.
	LatencyS Seconds `csv:"latency_s"`
	// EndS is when the answer had ended, as an offset from StartS: a server may
	// keep the stream open for a while after the last token. Absent where unknown.
	EndS Seconds `csv:"end_s"`
	// PromptTokens is the prompt's length as the server counted it.
	PromptTokens Count `csv:"prompt_tokens"`
	// MaxNewTokens is the generation length asked for.
	MaxNewTokens Count `csv:"max_new_tokens"`
	// GeneratedTokens is the number of tokens as the server counted them.
	GeneratedTokens Count `csv:"generated_tokens"`
	// CachedTokens is how much of the prompt the server took from a prefix cache.
	CachedTokens Count `csv:"cached_tokens"`
	// ChunkS is when the streamed chunks came; empty when not streamed.
	ChunkS Chunks `csv:"chunk_s"`
	// Clock says where arrival times come from: kernel or user.
	Clock Text `csv:"clock"`
	// LagS is the worst time between a chunk's arrival in the kernel and the
	// client's reading it, in wall seconds; empty when not measured.
	LagS Seconds `csv:"lag_s"`
	// MergedReads counts reads that carried several chunks.
	MergedReads Count `csv:"merged_reads"`
	// BlurredChunks counts the chunks whose arrival is in doubt: a read that was
	// more than a millisecond late found them together with a later one, and has
	// that one's time stamp. Absent without kernel time stamps.
	BlurredChunks Count `csv:"blurred_chunks"`
	// PauseS is the longest time, in wall seconds, for which the client as a
	// whole stood still while the request was under way; 0 is none that was noticed.
	PauseS Seconds `csv:"pause_s"`
	// ClientCPU is the share of the processors it could use that the client took
	// while the request was under way, 0 to 1.
	ClientCPU Rate `csv:"client_cpu"`
	// ConnectS is the time to connect where the request needed a new
	// connection, in wall seconds; it is not part of LatencyS.
	ConnectS Seconds `csv:"connect_s"`
	// Attempts is how often it was sent.
	Attempts int `csv:"attempts"`
	// RetryS is when the last of several attempts was sent, as an offset from
	// StartS; LatencyS less RetryS is that attempt's own latency. It is absent
	// where there was one attempt.
	RetryS Seconds `csv:"retry_s"`
	Error  Text    `csv:"error"`
	Status Status  `csv:"status"`
}

// Summary is the row of one point: collect's default.
type Summary struct {
	Key
	// Requests is the number of rows, OK of those that ended well.
	Requests int `csv:"requests"`
	OK       int `csv:"ok"`
	// SpanS runs from the first start to the last end.
	SpanS Seconds `csv:"span_s"`
	// ThroughputRPS is num_clients / mean latency, as the original suite has it.
	ThroughputRPS Rate `csv:"throughput_rps"`
	// WallRPS is ok / span.
	WallRPS Rate `csv:"wall_rps"`
	// GeneratedTPS is generated tokens / span.
	GeneratedTPS Rate `csv:"generated_tps"`
	// TotalTPS is prompt and generated tokens / span.
	TotalTPS Rate `csv:"total_tps"`
	// RequestTPS is the mean over requests of (prompt + generated) / latency,
	// the original suite's "tokens per second".
	RequestTPS Rate `csv:"request_tps"`
	// SteadyS is the length of the steady window, from the last client's first
	// start to the first client's last end: all clients are at work in it. It is
	// absent in an open loop, and where no such window is. SteadyRPS is the
	// requests that ended ok in it / its length.
	SteadyS   Seconds `csv:"steady_s"`
	SteadyRPS Rate    `csv:"steady_rps"`

	LatencyMeanS Seconds `csv:"latency_mean_s"`
	LatencyP50S  Seconds `csv:"latency_p50_s"`
	LatencyP90S  Seconds `csv:"latency_p90_s"`
	LatencyP95S  Seconds `csv:"latency_p95_s"`
	LatencyP99S  Seconds `csv:"latency_p99_s"`

	TTFTMeanS Seconds `csv:"ttft_mean_s"`
	TTFTP50S  Seconds `csv:"ttft_p50_s"`
	TTFTP90S  Seconds `csv:"ttft_p90_s"`
	TTFTP95S  Seconds `csv:"ttft_p95_s"`
	TTFTP99S  Seconds `csv:"ttft_p99_s"`

	// The gaps are inter-token latencies, per token.
	GapMeanS Seconds `csv:"gap_mean_s"`
	GapP50S  Seconds `csv:"gap_p50_s"`
	GapP90S  Seconds `csv:"gap_p90_s"`
	GapP95S  Seconds `csv:"gap_p95_s"`
	GapP99S  Seconds `csv:"gap_p99_s"`
	// GapP99ErrorS is how far the client's own lag may have moved GapP99S;
	// absent where that is not known.
	GapP99ErrorS Seconds `csv:"gap_p99_error_s"`

	// LagP99S is over the requests' worst reads, PauseMaxS the worst pause and
	// ClientCPU the mean share, weighted by latency.
	LagP99S   Seconds `csv:"lag_p99_s"`
	PauseMaxS Seconds `csv:"pause_max_s"`
	ClientCPU Rate    `csv:"client_cpu"`
	Status    Status  `csv:"status"`
}

// Goodput is the row of one point under one service level: collect goodput.
type Goodput struct {
	Key
	// SLAPromptTPS is the promised prompt rate: TTFT <= prompt tokens / this.
	SLAPromptTPS Rate `csv:"sla_prompt_tps"`
	// SLAGenTPS is the promised generation rate.
	SLAGenTPS Rate `csv:"sla_gen_tps"`
	// SLARule is how SLAGenTPS is judged: cum or ema16.
	SLARule Text `csv:"sla_rule"`
	// Requests is the number of rows, Good of those within the level.
	Requests int `csv:"requests"`
	Good     int `csv:"good"`
	// WallRPS is ok / span, EffectiveRPS is good / span.
	WallRPS      Rate   `csv:"wall_rps"`
	EffectiveRPS Rate   `csv:"effective_rps"`
	Status       Status `csv:"status"`
}

// Gaps is the row of one point's token latencies: collect gaps.
type Gaps struct {
	Key
	// SkipRequests of the first and last requests by start are left out.
	SkipRequests int `csv:"skip_requests"`
	// SkipTokens of a request's first gaps are left out, and its last one.
	SkipTokens int `csv:"skip_tokens"`
	// Per is what a gap leads to: the next token, or the next chunk.
	Per Text `csv:"per"`
	// Gaps is how many remain.
	Gaps   int     `csv:"gaps"`
	P50S   Seconds `csv:"p50_s"`
	P90S   Seconds `csv:"p90_s"`
	P95S   Seconds `csv:"p95_s"`
	P99S   Seconds `csv:"p99_s"`
	Status Status  `csv:"status"`
}

// Validate reports why the row cannot be, nil when it can.
func (r Server) Validate() error {
	if r.URL == "" {
		return fmt.Errorf("url is empty")
	}
	return validate(r.ServerKey.Validate(), r.Status, Ready)
}

// Validate reports why the row cannot be, nil when it can.
func (r Request) Validate() error {
	if err := validate(r.Key.Validate(), r.Status, OK, Failed, Timeout, Cancelled); err != nil {
		return err
	}
	if !r.StartS.Known() || !(r.LatencyS >= 0) {
		return fmt.Errorf("start_s and latency_s must be known, latency_s not below 0")
	}
	return nil
}

// Validate reports why the row cannot be, nil when it can.
func (r Summary) Validate() error { return validatePoint(r.Key, r.Status) }

// Validate reports why the row cannot be, nil when it can.
func (r Goodput) Validate() error { return validatePoint(r.Key, r.Status) }

// Validate reports why the row cannot be, nil when it can.
func (r Gaps) Validate() error { return validatePoint(r.Key, r.Status) }

func validatePoint(k Key, s Status) error {
	return validate(k.Validate(), s, Complete, Partial, ClientLimited)
}

func validate(key error, s Status, allowed ...Status) error {
	if key != nil {
		return key
	}
	if !slices.Contains(allowed, s) {
		return fmt.Errorf("status %q is none of %q; is the line cut short?", s, allowed)
	}
	return nil
}
