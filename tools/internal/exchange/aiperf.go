package exchange

import (
	"cmp"
	"math"
	"time"

	"fastgenbench/tools/internal/record"
)

// readAIPerf reads profile_export_aiperf.json: figures of a whole run, and the
// configuration. Its inter_token_latency is a mean per request, our TPOT; its
// inter_chunk_latency is pooled.
func readAIPerf(f *fields) (Point, error) {
	ok, failed := f.object("request_count").count("avg").Int(), f.object("error_request_count").count("avg").Int()
	s := record.Summary{
		Key: aiperfKey(f), Requests: ok + failed, OK: ok,
		SpanS:        f.timeOf("benchmark_duration", "avg"),
		WallRPS:      record.RateOf(f.object("request_throughput").number("avg")),
		GeneratedTPS: record.RateOf(f.object("output_token_throughput").positive("avg")),
		TotalTPS:     record.RateOf(f.object("total_token_throughput").positive("avg")),

		PromptTokensMean:    record.RateOf(f.object("input_sequence_length").positive("avg")),
		GeneratedTokensMean: record.RateOf(f.object("output_sequence_length").positive("avg")),
		Doubt:               measuredBy("AIPerf"), Status: status(ok, ok+failed),
	}
	s.MeanPromptLength, s.MeanMaxNewTokens = whole(s.PromptTokensMean), whole(s.GeneratedTokensMean)
	setLatency(&s, f.figures("request_latency"))
	setTTFT(&s, f.figures("time_to_first_token"))
	setTPOT(&s, f.figures("inter_token_latency"))
	if gaps := f.figures("inter_chunk_latency"); gaps.mean.Known() {
		setGaps(&s, gaps)
		s.Doubt += perChunk
	}
	s.ThroughputRPS = closedLoop(s)
	return Point{Summary: s, Stated: true}, nil
}

// aiperfKey takes the configuration as AIPerf has it since 0.13 (models, phases)
// and before (endpoint, loadgen).
func aiperfKey(f *fields) record.Key {
	config := f.object("input_config")
	k := record.Key{ServerKey: record.ServerKey{Run: runOf(f.text("start_time")), Backend: "openai"}}
	endpoint, load := config.object("endpoint"), config.object("loadgen")
	if models := config.object("models").objects("items"); len(models) > 0 {
		k.Model = models[0].text("name")
	}
	if names := endpoint.list("model_names"); k.Model == "" && len(names) > 0 {
		name, _ := names[0].(string)
		k.Model = record.Text(record.Clean(name))
	}
	k.NumClients, k.RateRPS = load.setting("concurrency"), rate(load)
	for _, phase := range config.objects("phases") { // the last one is measured
		k.NumClients = phase.setting("concurrency")
		if k.RateRPS = 0; phase.has("rate") {
			k.RateRPS = record.OfferedRate(phase.number("rate"))
		}
	}
	return k
}

// unitsOfTime are those that AIPerf writes.
var unitsOfTime = map[record.Text]float64{"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "sec": 1, "s": 1}

// timeOf is one statistic of a metric that is a time.
func (f *fields) timeOf(metric, statistic string) record.Seconds {
	m := f.object(metric)
	v := m.number(statistic)
	unit, known := unitsOfTime[m.text("unit")]
	if m.has(statistic) && !known {
		m.fail("unit", "%q is not a unit of time", m.text("unit"))
	}
	return m.inSeconds(statistic, v*cmp.Or(unit, 1))
}

func (f *fields) figures(metric string) figures {
	return figures{mean: f.timeOf(metric, "avg"), p50: f.timeOf(metric, "p50"), p90: f.timeOf(metric, "p90"),
		p95: f.timeOf(metric, "p95"), p99: f.timeOf(metric, "p99")}
}

// readAIPerfRecord reads a line of profile_export.jsonl: one request. The
// warm-up is none.
func readAIPerfRecord(f *fields) (Point, error) {
	about, measured := f.object("metadata"), f.object("metrics")
	start := about.number("request_start_ns")
	p := Point{Summary: record.Summary{Key: record.Key{ServerKey: record.ServerKey{
		Run: dayOf(start), Backend: "openai"}}}}
	if cmp.Or(about.text("benchmark_phase"), about.text("phase_kind")) == "warmup" {
		return p, nil
	}
	r := record.Request{
		StartS: record.InSeconds(start * 1e-9), Clock: "AIPerf", Attempts: record.CountOf(1), Status: record.OK,
		LatencyS:        measured.timeOf("request_latency", "value"),
		PromptTokens:    measured.object("input_sequence_length").count("value"),
		GeneratedTokens: measured.object("output_sequence_length").count("value"),
	}
	end := record.InSeconds((about.number("request_end_ns") - start) * 1e-9)
	switch {
	case f.has("error"):
		r.Status, r.Error = record.Failed, cmp.Or(f.object("error").text("message"), "failed without a message")
	case about.values["was_cancelled"] == true:
		r.Status = record.Cancelled
	}
	if r.Status != record.OK {
		r.LatencyS, r.GeneratedTokens = end, record.Count{}
	} else if ttft := measured.timeOf("time_to_first_token", "value"); ttft.Known() {
		r.ChunkS = chunksOf(ttft.Float(), measured.gaps("inter_chunk_latency"), r.GeneratedTokens)
	}
	p.Requests = []record.Request{r}
	return p, nil
}

// gaps is a list of times.
func (f *fields) gaps(metric string) []float64 {
	m := f.object(metric)
	unit, known := unitsOfTime[m.text("unit")]
	if m.has("value") && !known {
		m.fail("unit", "%q is not a unit of time", m.text("unit"))
	}
	all := m.numbers("value")
	for i := range all {
		all[i] *= unit
	}
	return all
}

// dayOf names a run by the nanoseconds since 1970 at which it began.
func dayOf(ns float64) record.Text {
	if !(ns < math.MaxInt64) {
		return "" // not known
	}
	return record.Text(time.Unix(0, int64(ns)).UTC().Format(runTime))
}
