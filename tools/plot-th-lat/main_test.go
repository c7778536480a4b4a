package main

import (
	"bytes"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

// point is a row in short: the load and its latency.
func point(backend string, clients int, latency float64) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02", Backend: record.Text(backend), Hardware: "A6000", Speed: 1,
				Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		ThroughputRPS: record.RateOf(float64(clients) / latency), WallRPS: record.RateOf(1), LatencyMeanS: record.InSeconds(latency), Status: record.Complete,
	}
}

// rows are the published A6000 points, and a sweep that lies near them.
func rows() []row {
	var all []row
	for _, p := range []struct {
		clients       int
		fastgen, vllm float64
	}{{1, 1.856, 1.809}, {2, 2.276, 2.479}, {6, 4.199, 4.547}, {12, 7.049, 7.712}, {16, 8.957, 9.777}, {20, 10.898, 11.932}, {24, 12.996, 14.027}, {28, 15.116, 16.331}, {32, 17.193, 18.636}} {
		all = append(all,
			point("published-fastgen", p.clients, p.fastgen), point("sim-fastgen", p.clients, p.fastgen*1.03),
			point("published-vllm", p.clients, p.vllm), point("sim-vllm", p.clients, p.vllm*0.98))
	}
	all[1].Status, all[3].Status, all[5].Doubt = record.ClientLimited, record.Partial, "answers end early"
	return all
}

func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60, TP: 1 (simulated)"
subtitle "A6000"
x "Throughput (queries/s)" all
y "Latency (s)" all
points
series "vLLM (simulated)" #E69F00 square join
  0.5 2
  1 4
  0.8 10
`
	// Throughput falls behind saturation: pairs stay pairs, in the order of load.
	figures := kind().Figures([]row{point("sim-vllm", 4, 4), point("sim-vllm", 8, 10), point("sim-vllm", 1, 2)})
	if len(figures) != 1 || figures[0].Figure.String() != want {
		t.Errorf("%d figures, the first\n%s", len(figures), figures[0].Figure)
	}
	if stem := figures[0].Stem; stem != "Llama-2-7b-hf-tp1-bs768-replicas1-prompt2600-gen60" {
		t.Errorf("stem %q", stem)
	}
}

func TestOpenLoopIsAFigureOfItsOwn(t *testing.T) {
	open := point("vllm", 0, 3)
	open.RateRPS, open.ThroughputRPS = 0.5, record.Rate{}
	figures := kind().Figures([]row{point("vllm", 4, 4), open})
	if len(figures) != 2 {
		t.Fatalf("%d figures", len(figures))
	}
	if p := figures[1].Figure.Series[0].Points[0]; p.X != 1 || p.Y != 3 {
		t.Errorf("open loop at %v", p)
	}
	if stem := figures[1].Stem; stem != "Llama-2-7b-hf-tp1-bs768-replicas1-prompt2600-gen60-open" {
		t.Errorf("stem %q", stem)
	}
}

func TestGoldenSVG(t *testing.T) {
	var got bytes.Buffer
	if err := kind().Figures(rows())[0].Figure.SVG(&got); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/th-lat.svg", got.Bytes())
}

// Repeated runs are one series of means with their range.
func TestRepeatedRuns(t *testing.T) {
	var rows []row
	for i, latency := range []float64{4, 5, 3} {
		one := point("sim-vllm", 12, latency)
		one.Run = record.Text([]string{"new.1", "new.2", "new.3"}[i])
		rows = append(rows, one)
	}
	rows[1].Status = record.ClientLimited
	other := point("sim-vllm", 12, 2)
	other.Run = "old"
	want := `series "vLLM (simulated), new, mean and range of 3 runs" #E69F00 square join
  3.13333 4 (x 2.4 to 4, y 3 to 5) hollow
series "vLLM (simulated), old" #009E73 diamond join
  6 2
`
	if got := kind().Figures(append(rows, other))[0].Figure.String(); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
