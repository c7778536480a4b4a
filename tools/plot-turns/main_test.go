package main

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"fastgenbench/tools/internal/record"
)

// turn is a row in short: its run, its number, the median TTFT and the cached share.
func turn(run string, number int, ttft, cached float64) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: record.Text(run), Backend: "sim-vllm", Hardware: "A6000", Speed: 1,
				Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: 8, MeanPromptLength: 600, MeanMaxNewTokens: 60, Workload: "6 turns think 0 s"},
		},
		Turn: number, CachedShare: record.RateOf(cached), TTFTP50S: record.InSeconds(ttft), TTFTP90S: record.InSeconds(2 * ttft),
		TTFTP99S: record.InSeconds(3 * ttft), Status: record.Complete,
	}
}

func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-7b-hf, Prompt: 600, Generation: 60, TP: 1, Clients: 8 (simulated)"
subtitle "A6000"
x "Turn of the session" all
y "Median of the time to first token (s)" all
points
series "vLLM (simulated), 6 turns think 0 s, no cache" #E69F00 square join
  1 0.2
  2 0.4
series "vLLM (simulated), 6 turns think 0 s, cache" #009E73 diamond join
  1 0.2
  2 0.22
`
	rows := []row{turn("no cache", 2, 0.4, 0), turn("no cache", 1, 0.2, 0), turn("cache", 1, 0.2, 0), turn("cache", 2, 0.22, 0.5)}
	figures := (&percentile{50}).kind().Figures(rows)
	if len(figures) != 1 || figures[0].Figure.String() != want {
		t.Errorf("%d figures, the first\n%s", len(figures), figures[0].Figure)
	}
	if stem := figures[0].Stem; stem != "turns_Llama-2-7b-hf_c8_tp1_p600g60" {
		t.Errorf("stem %q", stem)
	}
}

func TestPercentiles(t *testing.T) {
	for number, want := range map[int]struct {
		y     float64
		label string
	}{90: {0.4, "P90 of the time to first token (s)"}, 99: {0.6, "P99 of the time to first token (s)"}} {
		f := (&percentile{number}).kind().Figures([]row{turn("a", 1, 0.2, 0)})[0].Figure
		if got := f.Series[0].Points[0].Y; got < want.y-1e-9 || got > want.y+1e-9 || f.Y.Label != want.label {
			t.Errorf("percentile %d: %s", number, f)
		}
	}
}

// Repeated runs are drawn as their mean, a turn each; loads have figures of their own.
func TestRepeatsAndLoads(t *testing.T) {
	rate := turn("a.1", 1, 0.5, 0)
	rate.NumClients, rate.RateRPS = 0, 0.5
	figures := (&percentile{50}).kind().Figures([]row{turn("a.1", 1, 0.2, 0), turn("a.1", 2, 0.4, 0), turn("a.2", 1, 0.4, 0), turn("a.2", 2, 0.6, 0), rate})
	if len(figures) != 2 || figures[1].Stem != "turns_Llama-2-7b-hf_r0.5_tp1_p600g60" {
		t.Fatalf("%d figures", len(figures))
	}
	points := figures[0].Figure.Series[0].Points
	if len(points) != 2 || points[0].Y < 0.299 || points[0].Y > 0.301 || points[1].Spread == nil || points[1].Spread.YHigh != 0.6 {
		t.Errorf("%s", figures[0].Figure)
	}
}

// UPDATE_GOLDEN=1 go test draws it anew.
func TestGoldenSVG(t *testing.T) {
	const path = "testdata/turns.svg"
	var rows []row
	for number := range 6 {
		load := float64(number + 1)
		rows = append(rows, turn("no cache", number+1, 0.12*load, 0), turn("cache", number+1, 0.12+0.01*load, 1-1/load))
	}
	slices.Reverse(rows) // in any order
	var got bytes.Buffer
	if err := (&percentile{50}).kind().Figures(rows)[0].Figure.SVG(&got); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the figure differs from %s; look at it, then UPDATE_GOLDEN=1", path)
	}
}
