package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What each peer of the version named in scripts/bench/peers.sh writes, cut to
// what is read.
var results = map[string]string{
	"vllm-bench":     `{"completed": 20, "mean_ttft_ms": 104.5, "p99_itl_ms": 20.5}`,
	"vllm-rs":        `{"completed": 20, "mean_ttft_ms": 104.5, "p99_itl_ms": 20.5}`,
	"sglang-rs":      `{"completed": 20, "mean_ttft_ms": 104.5, "p99_itl_ms": 20.5}`,
	"guidellm":       `{"benchmarks": [{"metrics": {"request_totals": {"successful": 20}, "time_to_first_token_ms": {"successful": {"mean": 104.5}}, "inter_token_latency_ms": {"successful": {"percentiles": {"p99": 20.5}}}}}]}`,
	"aiperf":         `{"request_count": {"avg": 20.0}, "time_to_first_token": {"avg": 104.5}, "inter_chunk_latency": {"p99": 20.5}}`,
	"inference-perf": `{"successes": {"count": 20, "latency": {"time_to_first_token": {"mean": 104.5}, "inter_token_latency": {"p99": 20.5}}}}`,
}

func TestPeersResultsAreRead(t *testing.T) {
	for _, q := range peers {
		file := filepath.Join(t.TempDir(), q.result)
		if err := os.WriteFile(file, []byte(results[q.name]), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := q.read(file); err != nil || got != [3]float64{104.5, 20.5, 20} {
			t.Errorf("%s: %v, %v", q.name, got, err)
		}
		for _, broken := range []string{"", "{", "{}", "[]", `{"benchmarks": []}`} {
			if err := os.WriteFile(file, []byte(broken), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := q.read(file); err == nil {
				t.Errorf("%s: %q was read", q.name, broken)
			}
		}
		if _, err := q.read(file + ".none"); err == nil {
			t.Errorf("%s: a missing file was read", q.name)
		}
	}
}

func TestPeersAreAskedForThePoint(t *testing.T) {
	p := point{clients: 7, requests: 70, tokens: 300}
	for _, q := range peers {
		dir := t.TempDir()
		args, err := q.args("http://127.0.0.1:1", "/tokenizer", dir, p)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(args, " ")
		if config, err := os.ReadFile(filepath.Join(dir, "config.json")); err == nil {
			if !json.Valid(config) {
				t.Errorf("%s: %s", q.name, config)
			}
			all += string(config)
		}
		for _, want := range []string{"http://127.0.0.1:1", "/tokenizer", "7", "70", "300", dir} {
			if !strings.Contains(all, want) {
				t.Errorf("%s is not told %s: %s", q.name, want, all)
			}
		}
	}
}

func TestPointsKeepTheTotalRate(t *testing.T) {
	b := &bench{maxRate: 100, totalRate: 100000, keep: "x"}
	for clients, rate := range map[int]float64{1: 100, 1000: 100, 5000: 20, 10000: 10} {
		p := b.point(clients)
		if p.rate != rate || p.requests < clients || p.tokens < 30 || float64(p.tokens)/p.rate < 3 {
			t.Errorf("%d streams: %+v", clients, p)
		}
	}
}
