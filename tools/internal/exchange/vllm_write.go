package exchange

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// runTime is how loadgen names a sweep that nobody named, vllmTime how vLLM's
// Python client writes its date.
const (
	runTime  = "20060102T150405Z"
	vllmTime = "20060102-150405"
)

// writtenBy is a key of our own, by which our files are recognised.
const writtenBy = "written_by"

// VLLM is the result of one point as `vllm bench serve --save-result
// --save-detailed` writes it: the same keys, units and definitions. What vLLM
// does not have follows under the names of our columns. A value that
// is not known is null where vLLM's key must be there. Requests are in the order
// of the plan, as vLLM has them.
func VLLM(d metrics.Detail) Object {
	var o Object
	s := d.Summary
	requests := slices.Clone(d.Requests)
	slices.SortStableFunc(requests, func(a, b record.Request) int { return cmp.Compare(a.Request.Float(), b.Request.Float()) })
	all := valuesOf(requests)
	setSettings(&o, s)
	setTotals(&o, s, all)
	setRequests(&o, requests)
	setPeaks(&o, requests)
	for _, one := range []struct {
		name   string
		values []float64
	}{{"ttft", all.ttft}, {"tpot", all.tpot}, {"itl", all.itl}, {"e2el", all.e2el}} {
		setDistribution(&o, one.name, one.values)
	}
	setOurs(&o, s, requests)
	return o
}

// details are the keys that vLLM leaves out without --save-detailed.
var details = map[string]bool{
	"input_lens": true, "output_lens": true, "ttfts": true, "itls": true, "start_times": true, "latencies": true, "queue_times": true,
	"errors": true, "server_queue_times": true, "server_ttfts": true, "statuses": true,
}

// WithoutDetails is a result without what it says of each request.
func (o Object) WithoutDetails() Object { return o.without(details) }

func setSettings(o *Object, s record.Summary) {
	o.set("date", dateOf(s.Run))
	o.set("endpoint_type", s.Backend)
	o.set("backend", s.Backend)
	o.set("label", labelOf(s.Run))
	o.set("model_id", s.Model)
	o.set("tokenizer_id", nil)
	o.set("num_prompts", s.Requests)
	if s.RateRPS > 0 {
		o.set("request_rate", float64(s.RateRPS))
		o.set("burstiness", nil) // rows do not say how arrivals were drawn
	} else {
		o.set("request_rate", "inf")
		o.set("burstiness", 1.0)
	}
	o.set("max_concurrency", orNull(s.NumClients))
}

// dateOf is a run's time as vLLM writes it, nil where the run has a name.
func dateOf(run record.Text) any {
	if t, err := time.Parse(runTime, string(run)); err == nil {
		return t.Format(vllmTime)
	}
	return nil
}

// labelOf is a run's name, nil where the run is a time.
func labelOf(run record.Text) any {
	if run == "" || dateOf(run) != nil {
		return nil
	}
	return run
}

func orNull(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// setTotals sets counts and rates over the span, which vLLM calls duration.
func setTotals(o *Object, s record.Summary, all values) {
	span := s.SpanS.Float()
	o.set("duration", span)
	o.set("completed", s.OK)
	o.set("failed", s.Requests-s.OK)
	o.set("total_input_tokens", all.input)
	o.set("total_output_tokens", all.output)
	o.set("request_throughput", float64(s.OK)/span)
	o.set("request_goodput", nil)
	o.set("output_throughput", all.output/span)
	o.set("total_token_throughput", (all.input+all.output)/span)
}

// setRequests sets the arrays: seconds, one entry per request, 0 where vLLM has
// 0 of a request that failed, and null where the value is not known.
func setRequests(o *Object, requests []record.Request) {
	o.set("input_lens", each(requests, func(r record.Request) any { return finite(r.PromptTokens.Float()) }))
	o.set("output_lens", each(requests, func(r record.Request) any { return ofAnswer(r, r.GeneratedTokens.Float()) }))
	o.set("ttfts", each(requests, func(r record.Request) any { return ofAnswer(r, ttft(r)) }))
	o.set("itls", each(requests, func(r record.Request) any { return itls(r) }))
	o.set("latencies", each(requests, func(r record.Request) any { return finite(r.LatencyS.Float()) }))
	o.set("start_times", each(requests, func(r record.Request) any { return finite(r.StartS.Float()) }))
	setWhereKnown(o, "queue_times", requests, func(r record.Request) float64 { return round(r.StartS.Float() - r.DueS.Float()) })
	o.set("errors", each(requests, func(r record.Request) any { return r.Error }))
	setWhereKnown(o, "server_queue_times", requests, func(r record.Request) float64 { return r.ServerQueueS.Float() })
	setWhereKnown(o, "server_ttfts", requests, func(r record.Request) float64 { return r.ServerTTFTS.Float() })
}

// setWhereKnown sets an array of which vLLM leaves out the key when no entry is known.
func setWhereKnown(o *Object, key string, requests []record.Request, of func(record.Request) float64) {
	known := false
	values := each(requests, func(r record.Request) any {
		v := finite(of(r))
		known = known || v != nil
		return v
	})
	if known {
		o.set(key, values)
	}
}

// setDistribution sets mean, median, population deviation and percentiles in
// milliseconds, as numpy computes them.
func setDistribution(o *Object, name string, seconds []float64) {
	ms := make([]float64, len(seconds))
	for i, s := range seconds {
		ms[i] = s * 1e3
	}
	mean, deviation := meanAndDeviation(ms)
	percentiles := metrics.Percentiles(ms, 50, 50, 90, 95, 99)
	o.set("mean_"+name+"_ms", rounded(mean))
	o.set("median_"+name+"_ms", rounded(percentiles[0]))
	o.set("std_"+name+"_ms", rounded(deviation))
	for i, p := range []int{50, 90, 95, 99} {
		o.set(fmt.Sprintf("p%d_%s_ms", p, name), rounded(percentiles[i+1]))
	}
}

// setOurs sets what vLLM does not have: the rest of the key, what is to be
// doubted, and gaps per token, which vLLM has per chunk. The two parallel sizes
// are what vLLM's own plots look for.
func setOurs(o *Object, s record.Summary, requests []record.Request) {
	o.set(writtenBy, "collect json")
	o.set("run", s.Run)
	o.set("engine", s.Engine)
	o.set("hardware", s.Hardware)
	o.set("simulated", s.Simulated())
	o.set("speed", float64(s.Speed))
	for _, one := range []struct {
		key string
		n   record.Setting
	}{
		{"tp_size", s.TPSize}, {"tensor_parallel_size", s.TPSize}, {"num_replicas", s.NumReplicas}, {"data_parallel_size", s.NumReplicas},
		{"max_ragged_batch_size", s.MaxRaggedBatchSize}, {"num_clients", record.Setting(s.NumClients)},
		{"mean_prompt_length", record.Setting(s.MeanPromptLength)}, {"mean_max_new_tokens", record.Setting(s.MeanMaxNewTokens)},
	} {
		if one.n > 0 {
			o.set(one.key, one.n)
		}
	}
	o.setKnown("gap_mean_s", s.GapMeanS.Float())
	o.setKnown("gap_p50_s", s.GapP50S.Float())
	o.setKnown("gap_p90_s", s.GapP90S.Float())
	o.setKnown("gap_p95_s", s.GapP95S.Float())
	o.setKnown("gap_p99_s", s.GapP99S.Float())
	o.setKnown("gap_p99_error_s", s.GapP99ErrorS.Float())
	o.set("clock", clocks(requests))
	o.set("statuses", each(requests, func(r record.Request) any { return r.Status }))
	o.set("doubt", s.Doubt)
	o.set("status", s.Status)
}

// clocks names where the arrival times of all requests come from.
func clocks(requests []record.Request) string {
	var all []string
	seen := map[record.Text]bool{"": true}
	for _, r := range requests {
		if !seen[r.Clock] {
			seen[r.Clock] = true
			all = append(all, string(r.Clock))
		}
	}
	return strings.Join(all, " ")
}

// VLLMName is the name that vLLM gives the file of a point, without what would
// leave the folder: {label}-{rate}qps[-concurrency{c}]-{model}[-{date}].json.
func VLLMName(s record.Summary) string {
	name, rate := string(s.Backend), "inf"
	if label, named := labelOf(s.Run).(record.Text); named {
		name = string(label)
	}
	if s.RateRPS > 0 {
		rate = fmt.Sprint(float64(s.RateRPS))
	}
	name += "-" + rate + "qps"
	if s.NumClients > 0 {
		name += fmt.Sprintf("-concurrency%d", s.NumClients)
	}
	model := string(s.Model)
	name += "-" + model[strings.LastIndexByte(model, '/')+1:]
	if date, isTime := dateOf(s.Run).(string); isTime {
		name += "-" + date
	}
	clean := strings.NewReplacer("/", "-", `\`, "-", ":", "-", "\x00", "-").Replace(name)
	return strings.TrimLeft(clean, ".") + ".json"
}
