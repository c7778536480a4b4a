package main

import (
	"testing"

	"fastgenbench/tools/internal/record"
)

func point(backend string, replicas, clients int, throughput float64) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02", Backend: record.Text(backend), Speed: 1,
				Model: "meta-llama/Llama-2-70b-hf", TPSize: 4, NumReplicas: record.Setting(replicas), MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		ThroughputRPS: record.RateOf(throughput), WallRPS: record.RateOf(1), Status: record.Complete,
	}
}

func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-70b-hf, Prompt: 2600, Generation: 60, TP: 4, Clients/replica: 16"
x "Number of replicas" all
y "Throughput (queries/s)" all
bars
series "DeepSpeed-FastGen" #0072B2 circle degree 1
  1 1.4
  2 2.7
  4 5.5
`
	figures := new(load).kind().Figures([]row{
		point("fastgen", 4, 64, 5.5), point("fastgen", 1, 16, 1.4), point("fastgen", 2, 32, 2.7),
		point("fastgen", 1, 32, 1.5), // its load a replica was measured with one replica only
	})
	if len(figures) != 1 || figures[0].Figure.String() != want {
		t.Fatalf("%d figures: %v", len(figures), figures)
	}
	if stem := figures[0].Stem; stem != "repl_scale_Llama-2-70b-hf_tp4_b768_p2600g60_c16" {
		t.Errorf("stem %q", stem)
	}
}

func TestOpenLoop(t *testing.T) {
	one, two := point("vllm", 1, 0, 0), point("vllm", 2, 0, 0)
	one.RateRPS, two.RateRPS, two.WallRPS = 0.7, 1.4, record.RateOf(2)
	figures := new(load).kind().Figures([]row{one, two})
	if len(figures) != 1 || figures[0].Stem != "repl_scale_Llama-2-70b-hf_tp4_b768_p2600g60_r0.7" {
		t.Fatalf("%v", figures)
	}
	if points := figures[0].Figure.Series[0].Points; points[0].Y != 1 || points[1].Y != 2 {
		t.Errorf("points %v", points)
	}
}

func TestOneLoadIsWanted(t *testing.T) {
	l := &load{clients: 16}
	open := point("fastgen", 1, 0, 1)
	open.RateRPS = 16
	for _, c := range []struct {
		row  row
		want bool
	}{{point("fastgen", 4, 64, 5.5), true}, {point("fastgen", 1, 32, 1.5), false}, {open, false}} {
		if got := l.kind().Wanted(c.row); got != c.want {
			t.Errorf("%v: %v", c.row.Key, got)
		}
	}
}
