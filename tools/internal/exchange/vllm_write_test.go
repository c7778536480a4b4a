package exchange

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// written is what the requests of a file become as a result of vLLM's.
func written(t *testing.T, requests []record.Request) (map[string]any, metrics.Detail) {
	t.Helper()
	var fold metrics.Details
	for _, r := range requests {
		fold.Add(r)
	}
	detail := fold.Rows()[0]
	text, err := json.Marshal(VLLM(detail))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	return got, detail
}

// Reading vLLM's file and writing it again leaves its keys and its figures as
// they were, except for those that docs/format.md lists.
func TestVLLMsFileComesBack(t *testing.T) {
	differs := map[string]bool{
		"date": true, "label": true, "tokenizer_id": true, "generated_texts": true, "burstiness": true, // not in rows
		"endpoint_type": true, "backend": true, "tensor_parallel_size": true, "errors": true, // said in other words
		"duration": true, "request_throughput": true, "output_throughput": true, "total_token_throughput": true, // over the span
		"start_times": true, "queue_times": true, "mean_client_queue_time_ms": true, // from the first start
		"total_input_tokens": true, "max_model_len": true, "input_throughput": true, "steady_state": true,
	}
	for _, name := range []string{"vllm-python.json", "vllm-rust.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var file map[string]any
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		got, _ := written(t, read(t, name, record.Key{})[0].Requests)
		for key, want := range file {
			if differs[key] || len(key) > 4 && key[:4] == "std_" && name == "vllm-python.json" { // made up to one digit
				continue
			}
			if !alike(got[key], want) {
				t.Errorf("%s: %s is %v, was %v", name, key, got[key], want)
			}
		}
	}
}

// alike compares numbers to a thousandth of a microsecond.
func alike(a, b any) bool {
	if list, isList := a.([]any); isList {
		other, _ := b.([]any)
		if len(list) != len(other) {
			return false
		}
		for i := range list {
			if !alike(list[i], other[i]) {
				return false
			}
		}
		return true
	}
	x, isNumber := a.(float64)
	y, _ := b.(float64)
	return a == b || isNumber && math.Abs(x-y) < 1e-6
}

// Our own file, read again, has the whole key, and says what was doubted.
func TestOurFileComesBack(t *testing.T) {
	requests := read(t, "vllm-rust.json", record.Key{})[0].Requests
	for i := range requests {
		requests[i].ServerKey = record.ServerKey{Run: "r1", Backend: "sim-vllm", Engine: "sim-engine 1", Hardware: "A6000", Speed: 2, Model: "some/model", TPSize: 4, NumReplicas: 2, MaxRaggedBatchSize: 512}
		requests[i].Clock = "kernel"
	}
	requests[1].Status, requests[1].Error = record.Timeout, "slow"
	_, detail := written(t, requests)
	text, err := json.Marshal(VLLM(detail))
	if err != nil {
		t.Fatal(err)
	}
	f, err := object(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := readVLLM(f)
	if err != nil || f.fault != nil {
		t.Fatal(err, f.fault)
	}
	if p.Summary.Key != detail.Summary.Key || p.Summary.Doubt != detail.Summary.Doubt || p.Summary.Status != record.Partial {
		t.Errorf("%+v", p.Summary)
	}
	if r := p.Requests[1]; r.Status != record.Timeout || r.Error != "slow" || r.Clock != "loadgen" || r.LatencyS != requests[1].LatencyS {
		t.Errorf("%+v", r)
	}
}

// What is not known is null, never 0.
func TestUnknownIsNull(t *testing.T) {
	requests := read(t, "vllm-rust.json", record.Key{})[0].Requests
	for i := range requests {
		requests[i].ChunkS, requests[i].PromptTokens, requests[i].GeneratedTokens = nil, record.Count{}, record.Count{}
	}
	got, _ := written(t, requests)
	for _, key := range []string{"mean_ttft_ms", "p99_tpot_ms", "median_itl_ms", "total_output_tokens", "output_throughput"} {
		if value, found := got[key]; !found || value != nil {
			t.Errorf("%s is %v", key, value)
		}
	}
	if got["mean_e2el_ms"] != 750.0 {
		t.Errorf("mean_e2el_ms is %v", got["mean_e2el_ms"])
	}
}

func TestVLLMName(t *testing.T) {
	s := record.Summary{Key: record.Key{ServerKey: record.ServerKey{Run: "20260304T050607Z", Backend: "vllm", Model: "some/model"}, LoadKey: record.LoadKey{NumClients: 8}}}
	open := s
	open.Run, open.RateRPS, open.NumClients = "../night", 2.5, 0
	for want, s := range map[string]record.Summary{"vllm-infqps-concurrency8-model-20260304-050607.json": s, "-night-2.5qps-model.json": open} {
		if got := VLLMName(s); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
