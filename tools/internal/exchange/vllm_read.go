package exchange

import (
	"cmp"
	"math"
	"strings"

	"fastgenbench/tools/internal/record"
)

// readVLLM reads what `vllm bench serve --save-result` writes, by its client in
// Python or in Rust, and collect json.
func readVLLM(f *fields) (Point, error) {
	program := vllmProgram(f)
	requests, err := vllmRequests(f, program)
	if err != nil {
		return Point{}, err
	}
	s := vllmSummary(f, program, len(requests))
	if s.MeanPromptLength == 0 {
		s.MeanPromptLength = meanLength(requests, func(r record.Request) record.Count { return r.PromptTokens })
	}
	if s.MeanMaxNewTokens == 0 {
		s.MeanMaxNewTokens = meanLength(requests, func(r record.Request) record.Count { return r.GeneratedTokens })
	}
	return Point{Summary: s, Stated: true, Requests: requests}, nil
}

// vllmProgram names the client, which rows have as their clock.
func vllmProgram(f *fields) string {
	switch {
	case f.has(writtenBy) && f.text("status") == record.Text(record.ClientLimited):
		return "loadgen (client-limited)"
	case f.has(writtenBy) && f.text("clock") == "virtual":
		return "virtual" // nobody can read late there
	case f.has(writtenBy):
		return "loadgen"
	case f.has("input_throughput"):
		return "vllm-rs bench serve"
	}
	return "vllm bench serve"
}

func vllmKey(f *fields) record.Key {
	k := record.Key{
		ServerKey: record.ServerKey{
			Run: cmp.Or(f.text("run"), f.text("label"), runOf(f.text("date"))), Backend: engineOf(f.text("backend")),
			Engine: f.text("engine"), Hardware: f.text("hardware"), Model: f.text("model_id"),
			TPSize: record.Setting(f.setting("tp_size", "tensor_parallel_size", "tp")), NumReplicas: record.Setting(f.setting("num_replicas", "data_parallel_size", "dp")),
			MaxRaggedBatchSize: record.Setting(f.setting("max_ragged_batch_size", "max_num_batched_tokens")),
		},
		LoadKey: record.LoadKey{
			NumClients:       f.setting("num_clients", "max_concurrency"),
			MeanPromptLength: f.setting("mean_prompt_length"), MeanMaxNewTokens: f.setting("mean_max_new_tokens"),
		},
	}
	if f.has("speed") {
		k.Speed = record.Ratio(f.number("speed"))
	}
	k.RateRPS = rate(f)
	if k.RateRPS == 0 && k.NumClients == 0 {
		k.NumClients = f.setting("num_prompts") // all were sent at once
	}
	return k
}

// engineOf is a backend as vLLM has it without the route: openai-chat.
func engineOf(backend record.Text) record.Text {
	if strings.HasPrefix(string(backend), "openai-") {
		return "openai"
	}
	return backend
}

// rate is the arrival rate of an open loop, 0 where all requests may start at once.
func rate(f *fields) record.OfferedRate {
	switch f.values["request_rate"] {
	case nil, "inf", "Infinity", "trace":
		return 0
	}
	return record.OfferedRate(f.number("request_rate"))
}

// vllmSummary takes the figures as the file states them. A mean of 0 is how
// vLLM writes that there was nothing to measure.
func vllmSummary(f *fields, program string, rows int) record.Summary {
	ok := f.setting("completed")
	s := record.Summary{
		Key: vllmKey(f), Requests: max(ok+f.setting("failed"), rows), OK: ok, SpanS: f.seconds("duration"),
		WallRPS: record.RateOf(f.number("request_throughput")), GeneratedTPS: record.RateOf(f.positive("output_throughput")),
		TotalTPS:            record.RateOf(f.positive("total_token_throughput")),
		PromptTokensMean:    per(f.positive("total_input_tokens"), float64(ok)),
		GeneratedTokensMean: per(f.positive("total_output_tokens"), float64(ok)),
	}
	if !f.has("failed") { // older clients count only the others
		s.Requests = max(s.Requests, f.setting("num_prompts"))
	}
	if ok > 0 {
		s.MeanPromptLength = cmp.Or(s.MeanPromptLength, whole(s.PromptTokensMean))
		s.MeanMaxNewTokens = cmp.Or(s.MeanMaxNewTokens, whole(s.GeneratedTokensMean))
	}
	setLatency(&s, stated(f, "e2el"))
	setTTFT(&s, stated(f, "ttft"))
	setTPOT(&s, stated(f, "tpot"))
	s.ThroughputRPS = closedLoop(s)
	s.Doubt, s.Status = measuredBy(program), status(s.OK, s.Requests)
	if f.has(writtenBy) {
		ourSummary(f, &s)
		return s
	}
	if gaps := stated(f, "itl"); gaps.mean.Known() {
		setGaps(&s, gaps)
		s.Doubt += perChunk
	}
	return s
}

// ourSummary takes what collect json wrote beside vLLM's keys.
func ourSummary(f *fields, s *record.Summary) {
	s.Doubt, s.Status = f.text("doubt"), record.Status(f.text("status"))
	gap := func(key string) record.Seconds { return f.seconds(key) }
	s.GapMeanS, s.GapP50S, s.GapP90S, s.GapP95S, s.GapP99S = gap("gap_mean_s"), gap("gap_p50_s"), gap("gap_p90_s"), gap("gap_p95_s"), gap("gap_p99_s")
	s.GapP99ErrorS = gap("gap_p99_error_s")
}

func whole(r record.Rate) int {
	if !r.Known() {
		return 0
	}
	return int(math.Round(r.Float()))
}
