//go:build !race

package simrun

import (
	"math"
	"testing"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/simtest"
)

// published are figures of Llama-2-7b on one A6000, prompt 2600, generation 60,
// 512 requests, by number of clients: FastGen from DeepSpeedExamples'
// A6000_benchmarks_example.PNG, vLLM from figure 8 of the FastGen blog of
// November 2023, both digitized. Mean latency in seconds, and requests per second
// that keep prompt 512 and generation 4 tokens/s.
var published = map[string]map[int]struct{ latency, effective float64 }{
	"fastgen": {
		1: {1.861, 0.534}, 2: {2.303, 0.867}, 4: {3.265, 1.226}, 6: {4.261, 1.402}, 8: {5.223, 1.529}, 12: {7.145, 1.667},
		16: {9.067, 1.729}, 20: {11.090, 1.710}, 24: {13.193, 1.402}, 28: {15.345, 0.534}, 32: {17.535, 0.088},
	},
	"vllm-0.2": {
		1: {1.809, 0.556}, 2: {2.479, 0.795}, 6: {4.547, 1.173}, 12: {7.712, 0.998}, 16: {9.777, 0.493},
		20: {11.932, 0.100}, 24: {14.027, 0.051}, 28: {16.331, 0.023}, 32: {18.636, 0.010},
	},
}

func TestPublishedFiguresOfTheA6000(t *testing.T) {
	const worst, mean = 0.06, 0.04
	for policy, points := range published {
		sum := 0.0
		for clients, want := range points {
			latency, effective := measure(t, policy, clients)
			off := math.Abs(latency/want.latency - 1)
			if sum += off; off > worst {
				t.Errorf("%s, %d clients: %.3f s, published %.3f", policy, clients, latency, want.latency)
			}
			if math.Abs(effective-want.effective) > max(0.12, 0.1*want.effective) {
				t.Errorf("%s, %d clients: effective %.3f/s, published %.3f", policy, clients, effective, want.effective)
			}
		}
		if sum/float64(len(points)) > mean {
			t.Errorf("%s: mean error %.1f %%", policy, 100*sum/float64(len(points)))
		}
	}
}

// Seed 7 is that of the live example: each of its points must be near alone.
func TestExampleOfTheA6000(t *testing.T) {
	for policy, points := range published {
		for clients, want := range points {
			latency, _ := measureOnce(t, policy, clients, 7)
			if off := latency/want.latency - 1; math.Abs(off) > 0.06 {
				t.Errorf("%s, %d clients: %.3f s, published %.3f, off by %.1f %%", policy, clients, latency, want.latency, 100*off)
			}
		}
	}
}

// measure is the mean over three draws of the load.
func measure(t *testing.T, policy string, clients int) (latency, effective float64) {
	t.Helper()
	const draws = 3
	for seed := range uint64(draws) {
		l, e := measureOnce(t, policy, clients, seed)
		latency, effective = latency+l/draws, effective+e/draws
	}
	return latency, effective
}

func measureOnce(t *testing.T, policy string, clients int, seed uint64) (latency, effective float64) {
	t.Helper()
	const requests = 512
	lengths := prompt.Lengths{MeanPrompt: 2600, MeanNew: 60, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 4000, Context: 4096}
	rows := run(t, simtest.A6000(t, policy), 1, clients, requests, seed, lengths)
	good, end := 0.0, 0.0
	for _, r := range rows {
		latency += r.LatencyS.Float() / requests
		end = max(end, r.StartS.Float()+r.LatencyS.Float())
		if r.ChunkS[0].At <= r.PromptTokens.Float()/512 && slowestMean(r.ChunkS) < 0.25 {
			good++
		}
	}
	return latency, good / end
}

// slowestMean is the largest moving mean of the gaps: exponential, span 16.
func slowestMean(chunks record.Chunks) float64 {
	sum, weight, slowest := 0.0, 0.0, 0.0
	for i := 1; i < len(chunks); i++ {
		const keep = 1 - 2.0/17
		sum, weight = sum*keep+chunks[i].At-chunks[i-1].At, weight*keep+1
		slowest = max(slowest, sum/weight)
	}
	return slowest
}
