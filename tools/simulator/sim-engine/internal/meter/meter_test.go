package meter

import (
	"regexp"
	"strings"
	"testing"

	"fastgenbench/tools/simulator/sim"
)

func TestRequestEntersItsHistograms(t *testing.T) {
	m := New(`a"b`, 2)
	timing := Timing{Engine: 1, Arrived: 10, Prompt: 100, Cached: 32, Max: 3}
	m.Lock()
	m.Tokens(&timing, 10.05, 1)
	m.Tokens(&timing, 10.08, 2)
	m.Finish(&timing, "length")
	m.Iteration(1, sim.Step{BatchTokens: 100, Preempted: 2, Cache: sim.CacheStats{Queries: 100, Hits: 48}})
	m.Load(1, 3, 4, 0.25)
	m.Unlock()
	text := print(t, m)
	for _, want := range []string{
		`vllm:num_requests_running{engine="1",model_name="a\"b"} 3.0`,
		`vllm:kv_cache_usage_perc{engine="1",model_name="a\"b"} 0.25`,
		`vllm:prompt_tokens_total{engine="1",model_name="a\"b"} 100.0`,
		`vllm:generation_tokens_total{engine="1",model_name="a\"b"} 3.0`,
		`vllm:prompt_tokens_cached_total{engine="1",model_name="a\"b"} 32.0`,
		`vllm:prefix_cache_queries_total{engine="1",model_name="a\"b"} 100.0`,
		`vllm:prefix_cache_hits_total{engine="1",model_name="a\"b"} 48.0`,
		`vllm:num_preemptions_total{engine="1",model_name="a\"b"} 2.0`,
		`vllm:request_success_total{engine="1",finished_reason="length",model_name="a\"b"} 1.0`,
		`vllm:time_to_first_token_seconds_bucket{engine="1",le="0.04",model_name="a\"b"} 0.0`,
		`vllm:time_to_first_token_seconds_bucket{engine="1",le="0.06",model_name="a\"b"} 1.0`,
		`vllm:inter_token_latency_seconds_count{engine="1",model_name="a\"b"} 1.0`,
		`vllm:inter_token_latency_seconds_count{engine="0",model_name="a\"b"} 0.0`,
		`vllm:e2e_request_latency_seconds_bucket{engine="1",le="+Inf",model_name="a\"b"} 1.0`,
		`vllm:iteration_tokens_total_sum{engine="1",model_name="a\"b"} 100.0`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
}

func TestAbortedRequestsStayOutOfHistograms(t *testing.T) {
	m := New("m", 1)
	timing := Timing{}
	m.Tokens(&timing, 1, 1)
	m.Finish(&timing, "abort")
	text := print(t, m)
	if !strings.Contains(text, `finished_reason="abort",model_name="m"} 1.0`) {
		t.Error("the abort is not counted")
	}
	if !strings.Contains(text, `vllm:e2e_request_latency_seconds_count{engine="0",model_name="m"} 0.0`) {
		t.Error("an aborted request has a latency")
	}
}

func TestEveryLineIsPrometheusText(t *testing.T) {
	line := regexp.MustCompile(`^(# (HELP|TYPE) vllm:\w+ .+|vllm:\w+\{(\w+="([^"\\]|\\.)*",?)+\} [0-9.e+-]+)$`)
	for _, got := range strings.Split(strings.TrimSuffix(print(t, New("m", 2)), "\n"), "\n") {
		if !line.MatchString(got) {
			t.Errorf("%s", got)
		}
	}
}

func print(t *testing.T, m *Meter) string {
	t.Helper()
	var out strings.Builder
	if _, err := m.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func BenchmarkTokens(b *testing.B) {
	m, timing := New("m", 1), Timing{}
	at := 0.0
	for b.Loop() {
		at += 0.02
		m.Tokens(&timing, at, 1)
	}
}
