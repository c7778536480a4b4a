package main

import (
	"strings"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

const (
	// seed draws the lengths of every simulated load.
	seed = 7
	// loadgenSeed is what loadgen draws its lengths from unless told otherwise.
	loadgenSeed = 1
	// turnaround is a client's time from a last token to its next request, in seconds.
	turnaround = 0.005
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
func load(p published.Config, clients, requests int) sim.Load {
	l := sim.Load{Clients: clients, Requests: requests, MeanPrompt: p.Prompt, MeanNew: p.Gen,
		MaxPrompt: 4000, MaxTotal: 4096, Var: 0.3, TurnaroundS: turnaround, Seed: seed, EndRate: endRates[p.Model]}
	if shortContext[p.Model] {
		l.MaxPrompt, l.MaxTotal = 2000, 2048
	}
	return l
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
	results   []sim.Result
}

func simulate(p published.Point, table []sim.Constant, requests int) (measurement, error) {
	cfg, err := configure(p.Config, table)
	if err != nil {
		return measurement{}, err
	}
	results, err := sim.Run(cfg, 1, load(p.Config, p.Clients, requests))
	if err != nil {
		return measurement{}, err
	}
	m := measurement{results: results}
	good, end := 0.0, 0.0
	for _, r := range results {
		m.latency += r.Latency() / float64(len(results))
		end = max(end, r.Start+r.Latency())
		if p.SLAGenTPS > 0 && keeps(r, p.SLAGenTPS) {
			good++
		}
	}
	m.effective = good / end
	return m, nil
}

// keeps reports whether a result keeps the published service level, as collect
// goodput judges it.
func keeps(r sim.Result, tokensPerSecond float64) bool {
	chunks := chunksOf(r)
	service := metrics.NewService(record.CountOf(r.Prompt), chunks[0].At, chunks)
	return service.Keeps(metrics.Level{PromptTPS: slaPrompt, GenTPS: tokensPerSecond, Rule: metrics.EMA16})
}

// chunksOf are a result's tokens as the chunks of a stream.
func chunksOf(r sim.Result) record.Chunks {
	chunks := make(record.Chunks, len(r.TokenTimes))
	for i, at := range r.TokenTimes {
		chunks[i] = record.Chunk{At: at - r.Start, Tokens: 1}
	}
	return chunks
}
