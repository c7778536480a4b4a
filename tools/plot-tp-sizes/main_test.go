package main

import (
	"math"
	"testing"

	"fastgenbench/tools/internal/record"
)

func point(model string, tp, clients int, latency float64) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02", Backend: "fastgen", Speed: 1,
				Model: record.Text(model), TPSize: record.Setting(tp), NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		ThroughputRPS: record.RateOf(float64(clients) / latency), LatencyMeanS: record.InSeconds(latency), Status: record.Complete,
	}
}

// 1 query/s of 2660 tokens through 70e9 parameters is 372.4 TFLOPs.
func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-70b-hf, Prompt: 2600, Generation: 60"
x "TFLOPs per GPU" all
y "Latency (s)" all
points
series "DeepSpeed-FastGen, TP 4" #0072B2 circle join
  93.1 4
  186.2 4
series "DeepSpeed-FastGen, TP 8" #009E73 triangle join
  46.55 4
`
	const model = "meta-llama/Llama-2-70b-hf"
	figures := new(params).kind().Figures([]row{point(model, 8, 4, 4), point(model, 4, 8, 4), point(model, 4, 4, 4)})
	if len(figures) != 1 {
		t.Fatalf("%d figures", len(figures))
	}
	if got := figures[0].Figure.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	if stem := figures[0].Stem; stem != "tp_sizes_Llama-2-70b-hf_bs768_replicas1_prompt2600_gen60" {
		t.Errorf("stem %q", stem)
	}
}

func TestParams(t *testing.T) {
	for model, want := range map[string]float64{
		"meta-llama/Llama-2-7b-hf": 7, "meta-llama/Llama-2-13b": 13, "tiiuae/falcon-40B": 40, "tiiuae/falcon-180B": 180,
		"microsoft/phi-2": 2.7, "mistralai/Mixtral-8x7B-v0.1": 12.9, "phi-25": 1.5, "Llama-2-70bis": 1.5, "mine": 1.5,
	} {
		if got := (&params{given: 1.5}).billions(model); got != want {
			t.Errorf("%s has %v billions, want %v", model, got, want)
		}
	}
}

func TestUnknownModelIsLeftOut(t *testing.T) {
	if figures := new(params).kind().Figures([]row{point("mine", 1, 1, 1)}); len(figures) != 0 {
		t.Errorf("drawn: %v", figures)
	}
	figures := (&params{given: 10}).kind().Figures([]row{point("mine", 1, 1, 1)})
	if x := figures[0].Figure.Series[0].Points[0].X; math.Abs(x-53.2) > 1e-9 {
		t.Errorf("%v TFLOPs", x)
	}
}
