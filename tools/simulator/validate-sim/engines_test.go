//go:build !race

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// engine is a real engine whose rows are in the repository, and the constants that
// docs/simulator.md fits to some of them.
type engine struct{ name, results, hardware, policy, constants string }

var engines = map[string][]engine{
	"h200": {
		{"vLLM", "2026-11-23-h200-llama-2-7b/vllm", "H200", "vllm", "compute=0.776,bandwidth=0.83,seq_s=0.000158,request_s=0.0339"},
		{"FastGen", "2026-11-23-h200-llama-2-7b/fastgen", "H200", "fastgen-0.2", "compute=0.467,bandwidth=0.367,seq_s=4.38e-05,request_s=0.0128"},
	},
	"h100": {
		{"vLLM", "2026-11-26-2xh100-llama-2/vllm", "H100-80GB", "vllm", "compute=0.684,bandwidth=0.819,seq_s=0.000105,request_s=0.0236"},
		{"FastGen", "2026-11-26-2xh100-llama-2/fastgen", "H100-80GB", "fastgen-0.2", "host=0.606,seq_s=0.00043,request_s=0.0336,all_reduce_s=0.000108"},
	},
}

// engineTable is how far off the model is for the engines on a GPU: by the built-in
// constants, and by the fitted ones.
func engineTable(t *testing.T, gpu string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| engine | tokens per pass | load | points | latency, built-in | calibrated | TTFT, built-in | calibrated |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, e := range engines[gpu] {
		rows := e.rows(t)
		calibrated := sums(e.predict(t, rows, e.constants))
		for i, s := range sums(e.predict(t, rows, "")) {
			fmt.Fprintf(&b, "| %s | %d | %d/%d | %d | %s | %s | %s | %s |\n", e.title(s), s.BatchSize, s.Prompt, s.New, s.Points,
				percent(s.LatencyMean, s.LatencyMax), percent(calibrated[i].LatencyMean, calibrated[i].LatencyMax),
				percent(s.TTFTMean, s.TTFTMax), percent(calibrated[i].TTFTMean, calibrated[i].TTFTMax))
		}
	}
	return b.String()
}

// title is the engine with the model's size and its parallel sizes.
func (e engine) title(s errorSum) string {
	size, _, _ := strings.Cut(strings.TrimPrefix(string(s.Model), "llama-2-"), "-")
	title := fmt.Sprintf("%s, %s, tp %d", e.name, size, s.TPSize)
	if s.NumReplicas > 1 {
		title += fmt.Sprintf(", %d replicas", s.NumReplicas)
	}
	return title
}

func percent(mean, most record.Rate) string {
	return fmt.Sprintf("%.1f %%, %.1f %%", 100*mean.Float(), 100*most.Float())
}

// rows are the summaries of the engine's points. vLLM 0.26 has a budget of 8192 tokens
// where no flag sets one and the rows say none.
func (e engine) rows(t *testing.T) []record.Summary {
	t.Helper()
	in := csvio.NewReader[record.Request]([]string{filepath.Join("../../../results", e.results, "requests.csv")}, nil, func(reason string) { t.Error(reason) })
	var summary metrics.Summary
	for in.Scan() {
		row := in.Row()
		if row.MaxRaggedBatchSize == 0 {
			row.MaxRaggedBatchSize = 8192
		}
		summary.Add(row)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return summary.Rows()
}

func (e engine) predict(t *testing.T, rows []record.Summary, constants string) []prediction {
	t.Helper()
	gpu, err := sim.LookupGPU(e.hardware)
	if err != nil {
		t.Fatal(err)
	}
	cfg := sim.Config{Hardware: gpu, Policy: e.policy}
	if cfg.Calibration, err = sim.DefaultCalibration(gpu, e.policy); err == nil && constants != "" {
		cfg.Calibration, err = sim.ParseCalibration(cfg.Calibration, constants)
	}
	if err != nil {
		t.Fatal(err)
	}
	all := make([]prediction, len(rows))
	err = parallel(len(rows), func(i int) (err error) {
		at := cfg
		if at.Model, err = shapeOf(string(rows[i].Model)); err != nil {
			return err
		}
		at.TP, at.MaxBatchedTokens = int(rows[i].TPSize), int(rows[i].MaxRaggedBatchSize)
		all[i], err = measuredPoint{rows[i], at}.predict(context.Background())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
