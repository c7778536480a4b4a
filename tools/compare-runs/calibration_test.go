//go:build !race

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/verdict"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
	"fastgenbench/tools/simulator/simtest"
)

// server is the A6000 under Llama-2-7b whose every time is slow times as long.
func server(t testing.TB, slow float64) sim.Config {
	t.Helper()
	config := simtest.A6000(t, "vllm")
	c, err := sim.DefaultCalibration(config.Hardware, config.Policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []*float64{&c.Compute, &c.Bandwidth, &c.Link, &c.Host} {
		*share /= slow
	}
	config.Calibration = c
	return config
}

// simulated is the one point of a server's runs under loadgen's default load of so
// many clients, one per seed.
func simulated(t testing.TB, slow float64, clients, runs int, firstSeed uint64) []*point {
	t.Helper()
	cfg, lengths := server(t, slow), prompt.Lengths{MeanPrompt: 2600, MeanNew: 60, PromptVar: 0.3, NewVar: 0.3, Context: 4096}
	all := make([]*point, runs)
	for i := range all {
		seed, s := firstSeed+uint64(i), side{}
		key := record.Key{
			ServerKey: record.ServerKey{Backend: "sim-vllm", Engine: "sim-engine 1", Model: "m", TPSize: 1, NumReplicas: 1},
			LoadKey:   record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		}
		rows, err := simrun.Run(context.Background(), cfg, 1, simrun.Load{Key: key, Requests: 4*clients + 32, Seed: seed,
			Size: func(i int) prompt.Size { return lengths.Draw(seed, i) }})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			s.fold.Add(row)
		}
		order, points := s.points(options{})
		all[i] = points[order[0]]
	}
	return all
}

// pick takes n of the runs at random, none twice.
func pick(rng *rand.Rand, runs []*point, n int) *point {
	picked := &point{key: runs[0].key, blocks: nil}
	for _, i := range rng.Perm(len(runs))[:n] {
		picked.runs, picked.blocks = append(picked.runs, runs[i].runs...), runs[i].blocks
	}
	return picked
}

// verdicts counts the verdicts on so many comparisons of runs of two servers, in
// percent.
func verdicts(rng *rand.Rand, before, after []*point, runs int) map[verdict.Verdict]float64 {
	o := options{labels: [2]string{"before", "after"}, rule: verdict.Rule{Threshold: 0.05, Confidence: 0.98}}
	percent := map[verdict.Verdict]float64{}
	for range comparisons {
		word, _ := overall(o.compare([]pair{{pick(rng, before, runs), pick(rng, after, runs)}}))
		percent[word] += 100. / comparisons
	}
	return percent
}

const comparisons = 500

// Equal servers under different seeds are the same or unclear in 98 of 100
// comparisons, with one run a side too; one that is 10 % slower is worse in 90 of
// 100 with five.
func TestVerdictsOnSimulatedServers(t *testing.T) {
	for _, clients := range []int{1, 8, 32} {
		rng := rand.New(rand.NewPCG(1, uint64(clients)))
		before, equal, slower := simulated(t, 1, clients, 100, 1), simulated(t, 1, clients, 100, 1001), simulated(t, 1.1, clients, 100, 1001)
		for _, runs := range []int{1, 5} {
			got := verdicts(rng, before, equal, runs)
			if wrong := got[verdict.Worse] + got[verdict.Better]; wrong > 2 {
				t.Errorf("%d clients, %d runs: equal servers differ in %.1f of 100", clients, runs, wrong)
			}
		}
		if found := verdicts(rng, before, slower, 5)[verdict.Worse]; found < 90 {
			t.Errorf("%d clients: 10 %% is found in %.1f of 100", clients, found)
		}
	}
}

// BenchmarkVerdicts prints the table of docs/method.md:
// go test ./tools/compare-runs -run '^$' -bench Verdicts -benchtime 1x
func BenchmarkVerdicts(b *testing.B) {
	for _, clients := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) { verdictTable(b, clients) })
	}
}

func verdictTable(b *testing.B, clients int) {
	rng := rand.New(rand.NewPCG(1, uint64(clients)))
	before, equal := simulated(b, 1, clients, 100, 1), simulated(b, 1, clients, 100, 1001)
	slower := [][]*point{simulated(b, 1.05, clients, 100, 1001), simulated(b, 1.1, clients, 100, 1001), simulated(b, 1.25, clients, 100, 1001)}
	for _, runs := range []int{1, 2, 3, 5, 10} {
		got := verdicts(rng, before, equal, runs)
		line := fmt.Sprintf("| %d | %d | %.1f | %.1f |", clients, runs, got[verdict.Worse], got[verdict.Better])
		for _, after := range slower {
			line += fmt.Sprintf(" %.0f |", verdicts(rng, before, after, runs)[verdict.Worse])
		}
		b.Log(line)
	}
}
