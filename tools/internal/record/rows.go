package record

import "fmt"

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

// Summary is the row of one point: collect's default. Times, throughputs and
// token counts are over the requests that ended ok; what is over all says so.
type Summary struct {
	Key
	// Requests is the number of rows, OK of those that ended well.
	Requests int `csv:"requests"`
	OK       int `csv:"ok"`
	// SpanS runs from the first start to the last end, over all requests.
	SpanS Seconds `csv:"span_s"`
	// ThroughputRPS is num_clients / mean latency, as the original suite has it.
	ThroughputRPS Rate `csv:"throughput_rps"`
	// WallRPS is ok / span.
	WallRPS Rate `csv:"wall_rps"`
	// InFlightMean is the mean number of requests in flight, over all requests:
	// the sum of latencies / span (Little's law).
	InFlightMean Rate `csv:"in_flight_mean"`
	// GeneratedTPS is generated tokens / span.
	GeneratedTPS Rate `csv:"generated_tps"`
	// TotalTPS is prompt and generated tokens / span.
	TotalTPS Rate `csv:"total_tps"`
	// RequestTPS is the original suite's tokens per second, a mean over requests:
	// generated tokens / latency where the answer was streamed, (prompt +
	// generated tokens) / latency where it was not.
	RequestTPS Rate `csv:"request_tps"`
	// SteadyS is the length of the steady window, from the last client's first
	// start to the first client's last end: all clients are at work in it. It is
	// absent in an open loop, and where no such window is. SteadyRPS is the
	// requests that ended ok in it / its length.
	SteadyS   Seconds `csv:"steady_s"`
	SteadyRPS Rate    `csv:"steady_rps"`

	// Mean lengths per request in tokens: asked for, and as the server counted.
	AskedPromptTokensMean Rate `csv:"asked_prompt_tokens_mean"`
	PromptTokensMean      Rate `csv:"prompt_tokens_mean"`
	MaxNewTokensMean      Rate `csv:"max_new_tokens_mean"`
	GeneratedTokensMean   Rate `csv:"generated_tokens_mean"`
	// ReasoningTokens and CachedTokens are sums over requests.
	ReasoningTokens Count `csv:"reasoning_tokens"`
	CachedTokens    Count `csv:"cached_tokens"`
	// CachedShare is cached / prompt tokens over the requests that have both.
	CachedShare Rate `csv:"cached_share"`

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
	// TTFTVisible is the time to the first token that is not reasoning, over
	// requests whose first token was one.
	TTFTVisibleMeanS Seconds `csv:"ttft_visible_mean_s"`
	TTFTVisibleP99S  Seconds `csv:"ttft_visible_p99_s"`

	// TPOT is per request (latency - TTFT) / (generated tokens - 1).
	TPOTMeanS Seconds `csv:"tpot_mean_s"`
	TPOTP50S  Seconds `csv:"tpot_p50_s"`
	TPOTP90S  Seconds `csv:"tpot_p90_s"`
	TPOTP95S  Seconds `csv:"tpot_p95_s"`
	TPOTP99S  Seconds `csv:"tpot_p99_s"`

	// The gaps are inter-token latencies, per token, pooled over requests.
	GapMeanS Seconds `csv:"gap_mean_s"`
	GapP50S  Seconds `csv:"gap_p50_s"`
	GapP90S  Seconds `csv:"gap_p90_s"`
	GapP95S  Seconds `csv:"gap_p95_s"`
	GapP99S  Seconds `csv:"gap_p99_s"`
	// GapP99ErrorS is how far the client's own lag may have moved GapP99S;
	// absent where that is not known.
	GapP99ErrorS Seconds `csv:"gap_p99_error_s"`

	// SendDelayP99S is over start_s - due_s of an open loop, all requests.
	SendDelayP99S Seconds `csv:"send_delay_p99_s"`
	// ServerQueueMeanS and ServerTTFTMeanS are the server's own times.
	ServerQueueMeanS Seconds `csv:"server_queue_mean_s"`
	ServerTTFTMeanS  Seconds `csv:"server_ttft_mean_s"`
	// LagP99S is over the requests' worst reads. PauseMaxS is the worst pause and
	// ClientCPU the mean share, weighted by latency, both over all requests.
	LagP99S   Seconds `csv:"lag_p99_s"`
	PauseMaxS Seconds `csv:"pause_max_s"`
	ClientCPU Rate    `csv:"client_cpu"`
	// Doubt says in words what a reader of the figures has to know; empty: nothing.
	Doubt  Text   `csv:"doubt"`
	Status Status `csv:"status"`
}

// Goodput is the row of one point under one service level: collect goodput. The
// level is either promised rates (the first three columns) or an SLO.
type Goodput struct {
	Key
	// SLAPromptTPS is the promised prompt rate: TTFT <= prompt tokens / this.
	SLAPromptTPS Rate `csv:"sla_prompt_tps"`
	// SLAGenTPS is the promised generation rate.
	SLAGenTPS Rate `csv:"sla_gen_tps"`
	// SLARule is how SLAGenTPS is judged: cum or ema16.
	SLARule Text `csv:"sla_rule"`
	// SLO is bounds in milliseconds, separated by spaces: ttft:200 tpot:50.
	SLO Text `csv:"slo"`
	// Requests is the number of rows: Judged, Unjudged, which ended ok but lack
	// what the level bounds, and Cancelled, which the end of the run cut off.
	Requests  int   `csv:"requests"`
	Judged    Count `csv:"judged"`
	Unjudged  Count `csv:"unjudged"`
	Cancelled Count `csv:"cancelled"`
	// Good is how many kept the level, Attainment Good / Judged. One that failed
	// is judged, and not good.
	Good       Count `csv:"good"`
	Attainment Rate  `csv:"attainment"`
	// The shares of Judged that kept one part of an SLO.
	AttainmentTTFT Rate `csv:"attainment_ttft"`
	AttainmentTPOT Rate `csv:"attainment_tpot"`
	AttainmentITL  Rate `csv:"attainment_itl"`
	AttainmentE2EL Rate `csv:"attainment_e2el"`
	// WallRPS is ok / span, EffectiveRPS is good / span.
	WallRPS      Rate `csv:"wall_rps"`
	EffectiveRPS Rate `csv:"effective_rps"`
	// Doubt and Status are the point's, as in its Summary.
	Doubt  Text   `csv:"doubt"`
	Status Status `csv:"status"`
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
	Gaps Count   `csv:"gaps"`
	P50S Seconds `csv:"p50_s"`
	P90S Seconds `csv:"p90_s"`
	P95S Seconds `csv:"p95_s"`
	P99S Seconds `csv:"p99_s"`
	// Doubt and Status are the point's, as in its Summary.
	Doubt  Text   `csv:"doubt"`
	Status Status `csv:"status"`
}

// Turns is the row of one turn of a point's sessions: collect turns.
type Turns struct {
	Key
	// Turn is which one of its session, from 1.
	Turn int `csv:"turn"`
	// Requests is the number of rows, OK of those that ended well, and the rest is
	// over these.
	Requests         int  `csv:"requests"`
	OK               int  `csv:"ok"`
	PromptTokensMean Rate `csv:"prompt_tokens_mean"`
	// CachedShare is cached / prompt tokens over the requests that have both.
	CachedShare  Rate    `csv:"cached_share"`
	TTFTMeanS    Seconds `csv:"ttft_mean_s"`
	TTFTP50S     Seconds `csv:"ttft_p50_s"`
	TTFTP90S     Seconds `csv:"ttft_p90_s"`
	TTFTP99S     Seconds `csv:"ttft_p99_s"`
	LatencyMeanS Seconds `csv:"latency_mean_s"`
	LatencyP99S  Seconds `csv:"latency_p99_s"`
	// Doubt and Status are the point's, as in its Summary.
	Doubt  Text   `csv:"doubt"`
	Status Status `csv:"status"`
}

// Validate reports why the row is invalid, nil if it is valid.
func (r Server) Validate() error {
	if r.URL == "" {
		return fmt.Errorf("url is empty")
	}
	return validate(r.ServerKey.Validate(), r.Status, Ready)
}

// Validate reports why the row is invalid, nil if it is valid.
func (r Summary) Validate() error { return validatePoint(r.Key, r.Status) }

// Validate reports why the row is invalid, nil if it is valid.
func (r Goodput) Validate() error { return validatePoint(r.Key, r.Status) }

// Validate reports why the row is invalid, nil if it is valid.
func (r Gaps) Validate() error { return validatePoint(r.Key, r.Status) }

// Validate reports why the row is invalid, nil if it is valid.
func (r Turns) Validate() error { return validatePoint(r.Key, r.Status) }
