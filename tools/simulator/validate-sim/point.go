package main

import (
	"context"
	"math/rand/v2"
	"strings"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
)

const (
	// seed draws every published load, as run_example.sh's.
	seed = 7
	// loadgenSeed is what loadgen draws its load from by default.
	loadgenSeed = 1
)

// requests is how many the published point had.
func requests(p published.Point) int {
	if strings.HasPrefix(p.Figure, "deepspeed-fp6") {
		return 128
	}
	return publishedRequests
}

// policy is the engine of a published point by its version.
func policy(c published.Config) string {
	vllm := c.Backend == "vllm"
	switch early := strings.Contains(c.Figure, "2023-11") || strings.HasPrefix(c.Figure, "DeepSpeedExamples"); {
	case early && vllm:
		return "vllm-0.2"
	case early:
		return "fastgen"
	case vllm:
		return "vllm-0.2.7"
	}
	return "fastgen-0.2"
}

// configure is the replica that a published point was measured on, by a table
// of constants.
func configure(c published.Config, table []sim.Constant) (sim.Config, error) {
	model, err := sim.LookupModel(names[c.Model])
	if err != nil {
		return sim.Config{}, err
	}
	_, name, err := splitHardware(c.Hardware)
	if err != nil {
		return sim.Config{}, err
	}
	gpu, err := sim.LookupGPU(name)
	if err != nil {
		return sim.Config{}, err
	}
	if c.Backend == "fastgen-fp6" {
		model.WeightBits = 6
	}
	cfg := sim.Config{Model: model, Hardware: gpu, TP: c.TP, Policy: policy(c), MaxBatchedTokens: publishedBatch}
	cfg.Calibration, err = sim.CalibrationFrom(table, gpu, cfg.Policy)
	return cfg, err
}

// load is what was sent to a published point: prompts cut to what leaves room
// for an answer, answers cut at the model's context.
func load(k record.Key, p published.Config, requests int) simrun.Load {
	lengths := prompt.Lengths{MeanPrompt: p.Prompt, MeanNew: p.Gen, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 4000, Context: 4096}
	if shortContext[p.Model] {
		lengths.MaxPrompt, lengths.Context = 2000, 2048
	}
	return simrun.Load{Key: k, Requests: requests, Seed: seed, Size: func(i int) prompt.Size {
		size := lengths.Draw(seed, i)
		if rate := endRates[p.Model]; rate > 0 {
			random := rand.New(rand.NewPCG(seed^0x656e64, uint64(i)))
			size.New = min(size.New, 1+int(random.ExpFloat64()/rate))
		}
		return size
	}}
}

// shortContext lists the models of 2048 tokens.
var shortContext = map[string]bool{"phi-2": true, "falcon-40b": true, "falcon-180b": true}

// endRates are chances of a token to be the text's end, where the published
// latencies of long generations are too short for the whole of it.
var endRates = map[string]float64{"mixtral-8x7b-v0.1": 0.0009}

// measurement is what the model says of a published point.
type measurement struct {
	latency   float64 // mean, in seconds
	effective float64 // requests per second that keep the level; 0 without one
	rows      []record.Request
}

func simulate(p published.Point, table []sim.Constant, requests int) (measurement, error) {
	cfg, err := configure(p.Config, table)
	if err != nil {
		return measurement{}, err
	}
	k, err := key(p, "sim-")
	if err != nil {
		return measurement{}, err
	}
	k.Engine = virtualEngine
	rows, err := simrun.Run(context.Background(), cfg, 1, load(k, p.Config, requests))
	if err != nil {
		return measurement{}, err
	}
	m := measurement{rows: rows}
	good, end := 0.0, 0.0
	for i := range rows {
		r := &rows[i]
		m.latency += r.LatencyS.Float() / float64(len(rows))
		end = max(end, r.StartS.Float()+r.LatencyS.Float())
		if p.SLAGenTPS > 0 && keeps(r, p.SLAGenTPS) {
			good++
		}
	}
	m.effective = good / end
	return m, nil
}

// keeps reports whether a request keeps the published service level, as collect
// goodput judges it.
func keeps(r *record.Request, tokensPerSecond float64) bool {
	service := metrics.NewService(r.PromptTokens, r.ChunkS[0].At, r.ChunkS)
	return service.Keeps(metrics.Level{PromptTPS: slaPrompt, GenTPS: tokensPerSecond, Rule: metrics.EMA16})
}
