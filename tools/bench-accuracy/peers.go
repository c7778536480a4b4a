package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"fastgenbench/tools/bench-accuracy/internal/join"
	"fastgenbench/tools/internal/record"
)

// peer is another client: how it is started and where it says what it found.
type peer struct {
	name string
	// program is its path in the peers' folder.
	program string
	// args makes its arguments; its result is to be written under dir.
	args func(url, tokenizer, dir string, p point) ([]string, error)
	// result is its JSON file under dir; ttft (mean), gap (p99) and requests
	// are the paths of the numbers in it, unit what its times are in seconds.
	result              string
	ttft, gap, requests []string
	unit                float64
}

var peers = []peer{
	{
		name: "vllm-bench", program: "vllm/bin/vllm", args: vllmArgs, result: "result.json", unit: 1e-3,
		ttft: []string{"mean_ttft_ms"}, gap: []string{"p99_itl_ms"}, requests: []string{"completed"},
	},
	{
		name: "vllm-rs", program: "vllm-rs/vllm-rs", args: rustArgs, result: "result.json", unit: 1e-3,
		ttft: []string{"mean_ttft_ms"}, gap: []string{"p99_itl_ms"}, requests: []string{"completed"},
	},
	{
		// SGLang's client in Rust is a module of Python.
		name: "sglang-rs", program: "sglang-rs/bin/python", args: sglangArgs, result: "result.json", unit: 1e-3,
		ttft: []string{"mean_ttft_ms"}, gap: []string{"p99_itl_ms"}, requests: []string{"completed"},
	},
	{
		// Its gaps are means of requests, not gaps: their p99 hides much.
		name: "guidellm", program: "guidellm/bin/guidellm", args: guideArgs, result: "result.json", unit: 1e-3,
		ttft:     []string{"benchmarks", "0", "metrics", "time_to_first_token_ms", "successful", "mean"},
		gap:      []string{"benchmarks", "0", "metrics", "inter_token_latency_ms", "successful", "percentiles", "p99"},
		requests: []string{"benchmarks", "0", "metrics", "request_totals", "successful"},
	},
	{
		name: "aiperf", program: "aiperf/bin/aiperf", args: aiperfArgs, result: "profile_export_aiperf.json", unit: 1e-3,
		ttft: []string{"time_to_first_token", "avg"}, gap: []string{"inter_chunk_latency", "p99"}, requests: []string{"request_count", "avg"},
	},
	{
		name: "inference-perf", program: "inference-perf/bin/inference-perf", args: inferencePerfArgs, result: "summary_lifecycle_metrics.json", unit: 1,
		ttft:     []string{"successes", "latency", "time_to_first_token", "mean"},
		gap:      []string{"successes", "latency", "inter_token_latency", "p99"},
		requests: []string{"successes", "count"},
	},
}

func vllmArgs(url, tokenizer, dir string, p point) ([]string, error) {
	return []string{"bench", "serve", "--backend", "openai", "--base-url", url, "--model", model, "--tokenizer", tokenizer,
		"--dataset-name", "random", "--random-input-len", "8", "--random-output-len", strconv.Itoa(p.tokens), "--ignore-eos",
		"--num-prompts", strconv.Itoa(p.requests), "--max-concurrency", strconv.Itoa(p.clients), "--disable-tqdm",
		"--percentile-metrics", "ttft,itl", "--save-result", "--result-dir", dir, "--result-filename", "result.json"}, nil
}

// rustArgs are of vLLM's client in Rust, which sends prompts as ids: it would have the
// server tokenize texts first.
func rustArgs(url, tokenizer, dir string, p point) ([]string, error) {
	args, err := vllmArgs(url, tokenizer, dir, p)
	if err != nil {
		return nil, err
	}
	for i, arg := range args {
		if arg == "--backend" {
			args[i+1] = "vllm"
		}
	}
	return append(args, "--prompt-token-ids", "--metric-percentiles", "99"), nil
}

func sglangArgs(url, tokenizer, dir string, p point) ([]string, error) {
	return []string{"-c", "import sys, _bench; _bench.run_argv(sys.argv)", "--backend", "vllm", "--base-url", url, "--model", model,
		"--tokenizer", tokenizer, "--dataset-name", "random-ids", "--random-input-len", "8", "--random-output-len", strconv.Itoa(p.tokens),
		"--random-range-ratio", "1", "--num-prompts", strconv.Itoa(p.requests), "--max-concurrency", strconv.Itoa(p.clients),
		"--warmup-requests", "0", "--disable-tqdm", "--disable-retokenize", "--output-file", filepath.Join(dir, "result.json")}, nil
}

func guideArgs(url, tokenizer, dir string, p point) ([]string, error) {
	return []string{"run", "--backend", "kind=openai_http,target=" + url + ",model=" + model + ",request_format=/v1/completions",
		"--profile", fmt.Sprintf("kind=concurrent,streams=%d", p.clients), "--constraint", fmt.Sprintf("kind=max_requests,count=%d", p.requests),
		"--tokenizer", "kind=hf_auto,model=" + tokenizer, "--data", fmt.Sprintf("kind=synthetic_text,prompt_tokens=8,output_tokens=%d", p.tokens),
		"--output", "kind=json,path=" + filepath.Join(dir, "result.json"), "--disable-console"}, nil
}

func aiperfArgs(url, tokenizer, dir string, p point) ([]string, error) {
	return []string{"profile", "-m", model, "--url", url, "--endpoint-type", "completions", "--streaming",
		"--concurrency", strconv.Itoa(p.clients), "--request-count", strconv.Itoa(p.requests), "--synthetic-input-tokens-mean", "8",
		"--output-tokens-mean", strconv.Itoa(p.tokens), "--extra-inputs", "ignore_eos:true", "--tokenizer", tokenizer,
		"--artifact-dir", dir, "--ui", "none"}, nil
}

// inferencePerfArgs writes its configuration: JSON, which is YAML too.
func inferencePerfArgs(url, tokenizer, dir string, p point) ([]string, error) {
	length := func(n int) map[string]any {
		return map[string]any{"min": n, "max": n, "mean": n, "std_dev": 0, "total_count": p.requests}
	}
	text, err := json.Marshal(map[string]any{
		"api":       map[string]any{"type": "completion", "streaming": true},
		"server":    map[string]any{"type": "vllm", "model_name": model, "base_url": url, "ignore_eos": true},
		"tokenizer": map[string]any{"pretrained_model_name_or_path": tokenizer},
		"data":      map[string]any{"type": "random", "input_distribution": length(8), "output_distribution": length(p.tokens)},
		"load": map[string]any{"type": "concurrent", "num_workers": 1, "worker_max_concurrency": p.clients,
			"stages": []any{map[string]any{"num_requests": p.requests, "concurrency_level": p.clients}}},
		"storage": map[string]any{"local_storage": map[string]any{"path": dir}},
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "config.json")
	return []string{"-c", file}, os.WriteFile(file, text, 0o644)
}

// client makes a peer into one of the clients. It is judged by what it reports
// of itself and by what was sent in that run.
func (q peer) client(b *bench) client {
	return client{
		name: q.name,
		args: func(url, dir string, p point) ([]string, error) {
			args, err := q.args(url, b.tokenizer, dir, p)
			return append([]string{filepath.Join(b.peers, q.program)}, args...), err
		},
		judge: func(dir string, p point, truth join.Truth) (Row, error) {
			found, err := q.read(filepath.Join(dir, q.result))
			if err != nil {
				return Row{}, err
			}
			row := newRow(q.name, p, sentTo(truth, p.tokens))
			row.report(found[0]*q.unit, found[1]*q.unit)
			row.Unmatched = record.CountOf(max(0, p.requests-int(found[2])))
			return row, nil
		},
	}
}

// read finds the peer's mean time to the first token, p99 gap and number of
// requests in its result.
func (q peer) read(file string) (found [3]float64, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return found, fmt.Errorf("%s left no result: %w", q.name, err)
	}
	var doc any
	if err := json.Unmarshal(text, &doc); err != nil {
		return found, fmt.Errorf("%s: %w", file, err)
	}
	for i, path := range [][]string{q.ttft, q.gap, q.requests} {
		if found[i], err = number(doc, path); err != nil {
			return found, fmt.Errorf("%s: %w", file, err)
		}
	}
	return found, nil
}

// number follows a path of keys and indices to a number.
func number(doc any, path []string) (float64, error) {
	at := doc
	for _, key := range path {
		switch level := at.(type) {
		case map[string]any:
			at = level[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(level) {
				return 0, fmt.Errorf("no %v", path)
			}
			at = level[i]
		}
	}
	v, ok := at.(float64)
	if !ok {
		return 0, fmt.Errorf("no number at %v", path)
	}
	return v, nil
}
