package main

import (
	"bytes"
	"slices"
	"testing"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

func point(backend string, clients int, p50, p90, p95 float64) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02", Backend: record.Text(backend), Hardware: "4xA100-80GB", Speed: 1,
				Model: "meta-llama/Llama-2-70b-hf", TPSize: 4, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 128},
		},
		SkipRequests: 1, SkipTokens: 1,
		P50S: record.InSeconds(p50), P90S: record.InSeconds(p90), P95S: record.InSeconds(p95), Status: record.Complete,
	}
}

func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-70b-hf, Prompt: 2600, Generation: 128, TP: 4, Clients: 16"
subtitle "4xA100-80GB"
x "" all
y "Token latency (s)" all
bars
series "DeepSpeed-FastGen" #0072B2 circle none
  P50 0.0727
  P90 0.1865
  P95 0.1888
series "vLLM" #E69F00 square none
  P50 0.0774 hollow
  P90 0.3856 hollow
  P95 0.696 hollow
`
	limited := point("vllm", 16, 0.0774, 0.3856, 0.6960)
	limited.Status = record.ClientLimited
	figures := kind().Figures([]row{limited, point("fastgen", 16, 0.0727, 0.1865, 0.1888)})
	if len(figures) != 1 || figures[0].Figure.String() != want {
		t.Errorf("%d figures, the first\n%s", len(figures), figures[0].Figure)
	}
}

func TestEachLoadIsAFigure(t *testing.T) {
	replicas, open := point("vllm", 16, 1, 2, 3), point("vllm", 0, 1, 2, 3)
	replicas.NumReplicas, open.RateRPS = 2, 1.5
	var stems, titles []string
	for _, f := range kind().Figures([]row{point("vllm", 16, 1, 2, 3), point("vllm", 32, 1, 2, 3), replicas, open}) {
		stems, titles = append(stems, f.Stem), append(titles, f.Figure.Title)
	}
	want := []string{
		"p95_token_latency_Llama-2-70b-hf_c16_tp4_p2600g128", "p95_token_latency_Llama-2-70b-hf_c32_tp4_p2600g128",
		"p95_token_latency_Llama-2-70b-hf_c16_tp4_p2600g128_replicas2", "p95_token_latency_Llama-2-70b-hf_r1.5_tp4_p2600g128",
	}
	if !slices.Equal(stems, want) {
		t.Errorf("stems %q", stems)
	}
	if got := titles[3]; got != "Model: Llama-2-70b-hf, Prompt: 2600, Generation: 128, TP: 4, open loop, Rate: 1.5 queries/s" {
		t.Errorf("title %q", got)
	}
}

// A figure that skips other gaps than usual, or not the same everywhere, says so.
func TestSkippedGapsAreTold(t *testing.T) {
	usual, published := point("vllm", 16, 1, 2, 3), point("published-vllm", 16, 1, 2, 3)
	published.SkipRequests, published.SkipTokens = 100, 2
	for want, rows := range map[string][]row{
		"4xA100-80GB": {usual},
		"4xA100-80GB  |  skipped: 100 requests and 2 tokens":                            {published},
		"4xA100-80GB  |  skipped: 1 requests and 1 tokens or 100 requests and 2 tokens": {usual, published},
	} {
		if got := kind().Figures(rows)[0].Figure.Subtitle; got != want {
			t.Errorf("subtitle %q, want %q", got, want)
		}
	}
}

// A request that was not streamed has no gaps: nothing is drawn, least of all 0.
func TestNoGapsNoBars(t *testing.T) {
	none := point("vllm", 16, 0, 0, 0)
	none.P50S, none.P90S, none.P95S = record.Seconds{}, record.Seconds{}, record.Seconds{}
	if figures := kind().Figures([]row{none}); len(figures) != 0 {
		t.Errorf("%s", figures[0].Figure)
	}
}

func TestGoldenSVG(t *testing.T) {
	var got bytes.Buffer
	rows := []row{
		point("sim-fastgen", 16, 0.0719, 0.1872, 0.1893), point("sim-vllm", 16, 0.0786, 0.3856, 0.7204),
		point("published-fastgen", 16, 0.0727, 0.1865, 0.1888), point("published-vllm", 16, 0.0774, 0.3856, 0.6960),
	}
	if err := kind().Figures(rows)[0].Figure.SVG(&got); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/pctl.svg", got.Bytes())
}
