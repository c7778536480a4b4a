package main

import (
	"bytes"
	"testing"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

// point is a row in short: the load, the output tokens per second and the p90 TPOT.
func point(backend string, tp, replicas, clients int, tps, tpot float64) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02", Backend: record.Text(backend), Hardware: "A6000", Speed: 1,
				Model: "meta-llama/Llama-2-7b-hf", TPSize: record.Setting(tp), NumReplicas: record.Setting(replicas), MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		GeneratedTPS: record.RateOf(tps), TPOTP90S: record.InSeconds(tpot), Status: record.Complete,
	}
}

func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60 (simulated)"
subtitle "A6000"
x "Tokens/s per user (1 / p90 TPOT)" all
y "Output tokens/s per GPU" all
points
series "vLLM (simulated), TP 2" #E69F00 square join
  50 40
  40 60
series "vLLM (simulated), TP 2 x 3" #009E73 diamond join
  25 100
`
	figures := kind().Figures([]row{point("sim-vllm", 2, 3, 8, 600, 0.04), point("sim-vllm", 2, 1, 4, 120, 0.025), point("sim-vllm", 2, 1, 1, 80, 0.02)})
	if len(figures) != 1 || figures[0].Figure.String() != want {
		t.Errorf("%d figures, the first\n%s", len(figures), figures[0].Figure)
	}
	if stem := figures[0].Stem; stem != "pareto_Llama-2-7b-hf_bs768_prompt2600_gen60" {
		t.Errorf("stem %q", stem)
	}
}

// Tokens of a server and of a GPU never share an axis.
func TestUnknownGPUsAreAFigureOfTheirOwn(t *testing.T) {
	figures := kind().Figures([]row{point("vllm", 4, 1, 4, 120, 0.025), point("openai", 0, 0, 4, 120, 0.025)})
	if len(figures) != 2 {
		t.Fatalf("%d figures", len(figures))
	}
	for i, want := range []struct {
		y, stem string
		at      float64
	}{
		{"Output tokens/s per GPU", "pareto_Llama-2-7b-hf_bs768_prompt2600_gen60", 30},
		{"Output tokens/s", "pareto_Llama-2-7b-hf_bs768_prompt2600_gen60_server", 120},
	} {
		f := figures[i].Figure
		if f.Y.Label != want.y || figures[i].Stem != want.stem || f.Series[0].Points[0].Y != want.at {
			t.Errorf("%s\n%s", figures[i].Stem, f)
		}
	}
}

// A point without TPOT has no place in the figure.
func TestAbsentIsNotDrawn(t *testing.T) {
	unstreamed := point("vllm", 1, 1, 4, 120, 0.025)
	unstreamed.TPOTP90S = record.Seconds{}
	if figures := kind().Figures([]row{unstreamed}); len(figures) != 0 {
		t.Errorf("drawn: %s", figures[0].Figure)
	}
}

// rows are two engines on one GPU and on four, one point limited by its client.
func rows() []row {
	var all []row
	for i, clients := range []int{1, 2, 4, 8, 16, 32} {
		load := float64(clients)
		for _, one := range []struct {
			backend string
			tp      int
			pace    float64
		}{{"fastgen", 1, 60}, {"vllm", 1, 52}, {"vllm", 4, 130}} {
			user := one.pace / (1 + load/12)
			all = append(all, point(one.backend, one.tp, 1, clients, 0.9*user*load, 1/user))
		}
		if i == 4 {
			all[len(all)-1].Status = record.ClientLimited
		}
	}
	return all
}

func TestGoldenSVG(t *testing.T) {
	var got bytes.Buffer
	if err := kind().Figures(rows())[0].Figure.SVG(&got); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/pareto.svg", got.Bytes())
}
