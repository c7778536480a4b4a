package exchange

import (
	"cmp"
	"fmt"
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
	if !f.has("failed") { // clients before 0.11 count only the others
		s.Requests = max(s.Requests, f.setting("num_prompts"))
	}
	if ok > 0 {
		s.MeanPromptLength = cmp.Or(s.MeanPromptLength, whole(s.PromptTokensMean))
		s.MeanMaxNewTokens = cmp.Or(s.MeanMaxNewTokens, whole(s.GeneratedTokensMean))
	}
	stated(f, "e2el", func(d figures) {
		s.LatencyMeanS, s.LatencyP50S, s.LatencyP90S, s.LatencyP95S, s.LatencyP99S = d.mean, d.p50, d.p90, d.p95, d.p99
	})
	stated(f, "ttft", func(d figures) {
		s.TTFTMeanS, s.TTFTP50S, s.TTFTP90S, s.TTFTP95S, s.TTFTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
	})
	stated(f, "tpot", func(d figures) {
		s.TPOTMeanS, s.TPOTP50S, s.TPOTP90S, s.TPOTP95S, s.TPOTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
	})
	s.ThroughputRPS = closedLoop(s)
	s.Doubt, s.Status = measuredBy(program), status(s.OK, s.Requests)
	if f.has(writtenBy) {
		ourSummary(f, &s)
		return s
	}
	stated(f, "itl", func(d figures) {
		s.GapMeanS, s.GapP50S, s.GapP90S, s.GapP95S, s.GapP99S = d.mean, d.p50, d.p90, d.p95, d.p99
		s.Doubt += "; its gaps are per chunk"
	})
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

// figures are what is stated of one of a point's times.
type figures struct{ mean, p50, p90, p95, p99 record.Seconds }

// stated hands on the figures of a metric, in milliseconds in the file, where
// there are any.
func stated(f *fields, metric string, take func(figures)) {
	ms := func(key string) record.Seconds {
		key += "_" + metric + "_ms"
		return f.inSeconds(key, f.positive(key)/1e3)
	}
	d := figures{mean: ms("mean"), p50: ms("median"), p90: ms("p90"), p95: ms("p95"), p99: ms("p99")}
	if d.mean.Known() {
		take(d)
	}
}

// vllmRequests are the rows of the arrays, none where the file has no start
// times: it has no details, or an older client wrote it.
func vllmRequests(f *fields, program string) ([]record.Request, error) {
	starts := f.numbers("start_times")
	n := len(starts)
	if n == 0 {
		return nil, nil
	}
	a := vllmArrays{
		inputs: f.numbers("input_lens"), outputs: f.numbers("output_lens"), ttfts: f.numbers("ttfts"), itls: f.lists("itls"),
		latencies: f.numbers("latencies"), queues: f.numbers("queue_times"), errors: f.list("errors"), statuses: f.list("statuses"),
		serverQueues: f.numbers("server_queue_times"), serverTTFTs: f.numbers("server_ttfts"),
	}
	for _, one := range []struct {
		key       string
		n         int
		mayBeNone bool
	}{
		{"input_lens", len(a.inputs), false}, {"output_lens", len(a.outputs), false}, {"ttfts", len(a.ttfts), false}, {"itls", len(a.itls), false},
		{"errors", len(a.errors), true}, {"latencies", len(a.latencies), true}, {"queue_times", len(a.queues), true}, {"statuses", len(a.statuses), true},
		{"server_queue_times", len(a.serverQueues), true}, {"server_ttfts", len(a.serverTTFTs), true},
	} {
		if one.n != n && !(one.n == 0 && one.mayBeNone) {
			return nil, fmt.Errorf("%s has %d entries, start_times %d", one.key, one.n, n)
		}
	}
	open := rate(f) > 0
	all := make([]record.Request, n)
	for i, start := range starts {
		all[i] = a.row(f, i)
		all[i].StartS, all[i].Clock = record.InSeconds(start), record.Text(program)
		if open && len(a.queues) > 0 {
			all[i].DueS = record.InSeconds(start - a.queues[i])
		}
	}
	beginAtZero(all)
	return all, nil
}

// vllmArrays have one entry per request.
type vllmArrays struct {
	inputs, outputs, ttfts, latencies, queues, serverQueues, serverTTFTs []float64
	itls                                                                 [][]float64
	errors, statuses                                                     []any
}

func (a vllmArrays) row(f *fields, i int) record.Request {
	place := func(key string) string { return fmt.Sprintf("%s[%d]", key, i) }
	r := record.Request{
		Request: record.CountOf(i), PromptTokens: f.countOf(place("input_lens"), a.inputs[i]), Attempts: record.CountOf(1),
		ServerQueueS: record.InSeconds(at(a.serverQueues, i)), ServerTTFTS: record.InSeconds(at(a.serverTTFTs, i)),
		LatencyS: record.InSeconds(a.latency(i)), Error: a.fault(i), Status: record.OK,
	}
	if len(a.statuses) > 0 {
		word, _ := a.statuses[i].(string)
		r.Status = record.Status(word)
	} else if r.Error != "" {
		r.Status = record.Failed
	}
	if r.Status != record.OK {
		return r
	}
	if a.outputs[i] > 0 {
		r.GeneratedTokens = f.countOf(place("output_lens"), a.outputs[i])
	}
	if !math.IsNaN(a.ttfts[i]) {
		r.ChunkS = chunksOf(a.ttfts[i], a.itls[i], r.GeneratedTokens)
	}
	return r
}

// latency is the entry, or in files of older clients the last token's arrival.
func (a vllmArrays) latency(i int) float64 {
	if len(a.latencies) > 0 {
		return a.latencies[i]
	}
	sum := a.ttfts[i]
	for _, gap := range a.itls[i] {
		sum += gap
	}
	return sum
}

// fault is what went wrong: what the file says, or that there was no token.
func (a vllmArrays) fault(i int) record.Text {
	if len(a.errors) > 0 {
		if text, _ := a.errors[i].(string); text != "" {
			return record.Text(record.Clean(text))
		}
	}
	if a.outputs[i] == 0 && a.ttfts[i] == 0 && len(a.itls[i]) == 0 {
		return "no token and no error"
	}
	return ""
}

func at(values []float64, i int) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return values[i]
}
