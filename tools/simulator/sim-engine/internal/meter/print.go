package meter

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// WriteTo prints all figures in Prometheus' text format.
func (m *Meter) WriteTo(w io.Writer) (int64, error) {
	p := printer{labels: `model_name="` + escape.Replace(m.model) + `"`, engines: m.copy()}
	p.gauges()
	p.counters()
	p.histogram("vllm:time_to_first_token_seconds", "time to first token in seconds", func(e *engine) histogram { return e.ttft })
	p.histogram("vllm:inter_token_latency_seconds", "inter-token latency in seconds", func(e *engine) histogram { return e.gap })
	p.histogram("vllm:request_time_per_output_token_seconds", "time per output token in seconds per request", func(e *engine) histogram { return e.perToken })
	p.histogram("vllm:e2e_request_latency_seconds", "end-to-end request latency in seconds", func(e *engine) histogram { return e.latency })
	p.histogram("vllm:request_decode_time_seconds", "time in the decode phase in seconds", func(e *engine) histogram { return e.decode })
	p.histogram("vllm:iteration_tokens_total", "tokens per engine step", func(e *engine) histogram { return e.iterationTokens })
	p.histogram("vllm:request_prompt_tokens", "prompt tokens per request", func(e *engine) histogram { return e.promptLen })
	p.histogram("vllm:request_generation_tokens", "generated tokens per request", func(e *engine) histogram { return e.generation })
	p.histogram("vllm:request_params_max_tokens", "max_tokens per request", func(e *engine) histogram { return e.maxTokens })
	n, err := io.WriteString(w, p.text.String())
	return int64(n), err
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (m *Meter) copy() []engine {
	m.mu.Lock()
	defer m.mu.Unlock()
	engines := slices.Clone(m.engines)
	for i := range engines {
		e := &engines[i]
		e.finished = maps.Clone(e.finished)
		for _, h := range []*histogram{&e.ttft, &e.gap, &e.perToken, &e.latency, &e.decode,
			&e.iterationTokens, &e.promptLen, &e.generation, &e.maxTokens} {
			*h = h.clone()
		}
	}
	return engines
}

type printer struct {
	text    strings.Builder
	labels  string
	engines []engine
}

func (p *printer) head(name, kind, help string) {
	fmt.Fprintf(&p.text, "# HELP %s Simulated: %s.\n# TYPE %s %s\n", name, help, name, kind)
}

func (p *printer) line(name string, engine int, more string, v float64) {
	fmt.Fprintf(&p.text, "%s{engine=\"%d\",%s%s} %s\n", name, engine, more, p.labels, number(v))
}

// number prints as Prometheus' Python client does, whole numbers with ".0".
func number(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if strings.ContainsAny(s, ".e") {
		return s
	}
	return s + ".0"
}

func (p *printer) each(kind, name, help string, value func(*engine) float64) {
	p.head(name, kind, help)
	for i := range p.engines {
		p.line(name, i, "", value(&p.engines[i]))
	}
}

func (p *printer) gauges() {
	p.each("gauge", "vllm:num_requests_running", "requests in execution", func(e *engine) float64 { return float64(e.running) })
	p.each("gauge", "vllm:num_requests_waiting", "requests that wait", func(e *engine) float64 { return float64(e.waiting) })
	p.each("gauge", "vllm:kv_cache_usage_perc", "KV cache usage, 1 is full", func(e *engine) float64 { return e.kvUsage })
}

func (p *printer) counters() {
	p.each("counter", "vllm:prompt_tokens_total", "prefill tokens processed", func(e *engine) float64 { return float64(e.promptTokens) })
	p.each("counter", "vllm:generation_tokens_total", "generation tokens processed", func(e *engine) float64 { return float64(e.generated) })
	p.each("counter", "vllm:prompt_tokens_cached_total", "prompt tokens out of the prefix cache", func(e *engine) float64 { return float64(e.cachedTokens) })
	p.each("counter", "vllm:prefix_cache_queries_total", "tokens looked up in the prefix cache", func(e *engine) float64 { return float64(e.queries) })
	p.each("counter", "vllm:prefix_cache_hits_total", "tokens found in the prefix cache", func(e *engine) float64 { return float64(e.hits) })
	p.each("counter", "vllm:num_preemptions_total", "preemptions", func(e *engine) float64 { return float64(e.preempted) })
	const success = "vllm:request_success_total"
	p.head(success, "counter", "finished requests")
	for i := range p.engines {
		for _, reason := range slices.Sorted(maps.Keys(p.engines[i].finished)) {
			p.line(success, i, `finished_reason="`+reason+`",`, float64(p.engines[i].finished[reason]))
		}
	}
}

func (p *printer) histogram(name, help string, of func(*engine) histogram) {
	p.head(name, "histogram", help)
	for i := range p.engines {
		h, total := of(&p.engines[i]), int64(0)
		for b, count := range h.counts {
			total += count
			bound := "+Inf"
			if b < len(h.bounds) {
				bound = number(h.bounds[b])
			}
			p.line(name+"_bucket", i, `le="`+bound+`",`, float64(total))
		}
		p.line(name+"_count", i, "", float64(total))
		p.line(name+"_sum", i, "", h.sum)
	}
}
