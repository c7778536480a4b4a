package main

import (
	"bytes"
	"slices"
	"testing"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

func point(backend string, clients int, gen, effective float64, rule string) row {
	return row{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02", Backend: record.Text(backend), Hardware: "A6000", Speed: 1,
				Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		SLAPromptTPS: record.RateOf(512), SLAGenTPS: record.RateOf(gen), SLARule: record.Text(rule),
		EffectiveRPS: record.RateOf(effective), Status: record.Complete,
	}
}

// rows are the published A6000 points, and a sweep that lies near them.
func rows() []row {
	var all []row
	for _, p := range []struct {
		clients       int
		fastgen, vllm float64
	}{{1, 0.540, 0.556}, {2, 0.879, 0.795}, {6, 1.426, 1.173}, {12, 1.692, 0.998}, {16, 1.756, 0.493}, {20, 1.748, 0.1}, {24, 1.44, 0.051}, {28, 0.563, 0.023}, {32, 0.101, 0.01}} {
		all = append(all,
			point("published-fastgen", p.clients, 4, p.fastgen, "ema16"), point("sim-fastgen", p.clients, 4, p.fastgen*1.02, "ema16"),
			point("published-vllm", p.clients, 4, p.vllm, "ema16"), point("sim-vllm", p.clients, 4, p.vllm*0.97, "ema16"))
	}
	return all
}

func TestFigure(t *testing.T) {
	want := `title "Model: Llama-2-7b-hf, Prompt: 2600, Generation: 60, TP: 1"
subtitle "SLA: prompt 512 tokens/s, generation 4 tokens/s (ema16) | A6000"
x "Number of clients" all
y "Effective throughput (queries/s)" all
points
series "DeepSpeed-FastGen" #0072B2 circle join
  1 0.5
  8 1.5
`
	figures := kind().Figures([]row{point("fastgen", 8, 4, 1.5, "ema16"), point("fastgen", 1, 4, 0.5, "ema16")})
	if got := words(figures[0].Figure.String()); len(figures) != 1 || got != words(want) {
		t.Errorf("%d figures, the first\n%s", len(figures), figures[0].Figure)
	}
}

// words forgives runs of spaces.
func words(s string) string { return string(bytes.Join(bytes.Fields([]byte(s)), []byte(" "))) }

func TestEachLevelAndRuleIsAFigure(t *testing.T) {
	replicas, open := point("fastgen", 8, 2.5, 1, "cum"), point("fastgen", 0, 4, 1, "cum")
	replicas.NumReplicas, open.RateRPS = 2, 3
	bounds := row{Key: open.Key, SLO: "ttft:500 itl_p99:80", EffectiveRPS: record.RateOf(1), Status: record.Complete}
	var stems []string
	for _, f := range kind().Figures([]row{point("fastgen", 8, 4, 1, "cum"), point("fastgen", 8, 4, 1, "ema16"), replicas, open, bounds}) {
		stems = append(stems, f.Stem)
	}
	want := []string{
		"Llama-2-7b-hf_SLAp512g4_tp1_b768_p2600g60_cum", "Llama-2-7b-hf_SLAp512g4_tp1_b768_p2600g60_ema16",
		"Llama-2-7b-hf_SLAp512g2.5_tp1_b768_p2600g60_cum_replicas2", "Llama-2-7b-hf_SLAp512g4_tp1_b768_p2600g60_cum_open", "Llama-2-7b-hf_SLO-ttft500-itl_p9980_tp1_b768_p2600g60_open",
	}
	if !slices.Equal(stems, want) {
		t.Errorf("stems %q", stems)
	}
}

func TestOpenLoopStandsAtItsRate(t *testing.T) {
	open := point("fastgen", 0, 4, 1, "cum")
	open.RateRPS = 3
	f := kind().Figures([]row{open})[0].Figure
	if f.X.Label != "Offered rate (queries/s)" || f.Series[0].Points[0].X != 3 {
		t.Errorf("%s", f)
	}
}

func TestGoldenSVG(t *testing.T) {
	var got bytes.Buffer
	if err := kind().Figures(rows())[0].Figure.SVG(&got); err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "testdata/eff-th.svg", got.Bytes())
}
