package exchange

import (
	"cmp"
	"strings"

	"fastgenbench/tools/internal/record"
)

// readSGLang reads a line that `python -m sglang.bench_serving` appends to its
// result file. Its details do not say when a request began, so that a point is
// its summary alone.
func readSGLang(f *fields) (Point, error) {
	ok := f.setting("completed")
	s := record.Summary{
		Key: sglangKey(f, ok), Requests: max(ok, len(f.list("errors"))), OK: ok, SpanS: f.seconds("duration"),
		WallRPS: record.RateOf(f.number("request_throughput")), InFlightMean: record.RateOf(f.positive("concurrency")),
		GeneratedTPS: record.RateOf(f.positive("output_throughput")), TotalTPS: record.RateOf(f.positive("total_throughput")),
		PromptTokensMean:    per(f.positive("total_input_tokens"), float64(ok)),
		GeneratedTokensMean: per(f.positive("total_output_tokens"), float64(ok)),
		Doubt:               measuredBy("SGLang bench_serving"),
	}
	s.Status = status(ok, s.Requests)
	if ok > 0 {
		s.MeanPromptLength, s.MeanMaxNewTokens = whole(s.PromptTokensMean), whole(s.GeneratedTokensMean)
	}
	setLatency(&s, stated(f, "e2e_latency"))
	setTTFT(&s, stated(f, "ttft"))
	setTPOT(&s, stated(f, "tpot"))
	gaps := stated(f, "itl")
	setGaps(&s, gaps)
	if gaps.mean.Known() && f.text("backend") != "sglang" { // of its own server it shares a chunk's time out among its tokens
		s.Doubt += perChunk
	}
	s.ThroughputRPS = closedLoop(s)
	return Point{Summary: s, Stated: true}, nil
}

// sglangKey takes what the client asked an SGLang server about itself.
func sglangKey(f *fields, ok int) record.Key {
	server := f.object("server_info")
	k := record.Key{
		ServerKey: record.ServerKey{
			Run: f.text("tag"), Model: cmp.Or(server.text("served_model_name"), server.text("model_path")),
			TPSize: record.Setting(server.setting("tp_size")), NumReplicas: record.Setting(server.setting("dp_size")),
		},
		LoadKey: record.LoadKey{NumClients: f.setting("max_concurrency"), RateRPS: rate(f)},
	}
	if server.values["enable_dp_attention"] == true {
		k.NumReplicas = 1 // then they share the tp_size GPUs
	}
	if version := server.text("version"); version != "" {
		k.Engine = "sglang " + version
	}
	backend, _, _ := strings.Cut(string(f.text("backend")), "-") // sglang-oai-chat is how it was asked
	k.Backend = record.Text(backend)
	if k.RateRPS == 0 && k.NumClients == 0 && f.values["request_rate"] != "trace" {
		k.NumClients = ok // all were sent at once
	}
	return k
}
