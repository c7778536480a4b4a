package main

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// turnaround is the time from a client's last token to its next request
// reaching the engine, in seconds.
const turnaround = 0.005

// seed draws the simulated loads. Another one moves latencies by about 1 %.
const seed = 7

// setting is what a published point is simulated with, but for the constants.
type setting struct {
	cfg  sim.Config
	load sim.Load
}

func settingOf(p published.Point) (s setting, err error) {
	s.cfg = sim.Config{TP: p.TP, Policy: policyOf(p), MaxBatchedTokens: 768}
	if s.cfg.Model, err = sim.LookupModel(names[p.Model]); err != nil {
		return s, err
	}
	_, name, err := splitHardware(p.Hardware)
	if err != nil {
		return s, err
	}
	if s.cfg.Hardware, err = sim.LookupGPU(name); err != nil {
		return s, err
	}
	if p.Backend == "fastgen-fp6" {
		s.cfg.Model.WeightBits = 6
	}
	s.load = sim.Load{Clients: p.Clients, Requests: publishedRequests, MeanPrompt: p.Prompt, MeanNew: p.Gen, MaxPrompt: 4000, Var: 0.3,
		Context: s.cfg.Model.Context, TurnaroundS: turnaround, Seed: seed}
	if s.load.Context < 4096 {
		s.load.MaxPrompt = 2000
	}
	if strings.HasPrefix(p.Figure, "deepspeed-fp6") {
		s.load.Requests = 128
	}
	return s, nil
}

// policyOf is the engine of the publication's time.
func policyOf(p published.Point) string {
	first := strings.HasPrefix(p.Figure, "fastgen-blog-2023") || strings.HasPrefix(p.Figure, "DeepSpeedExamples")
	switch {
	case p.Backend == "vllm" && first:
		return "vllm-0.2"
	case p.Backend == "vllm":
		return "vllm-0.2.7"
	case first:
		return "fastgen"
	}
	return "fastgen-0.2"
}

// simulate runs a published point in virtual time.
func simulate(p published.Point, constants *sim.Constants) ([]sim.Result, error) {
	s, err := settingOf(p)
	if err != nil {
		return nil, err
	}
	s.cfg.Calibration = constants.Calibrate(s.cfg.Hardware.Name, s.cfg.Policy)
	results, err := sim.Run(s.cfg, 1, s.load)
	if err != nil {
		return nil, fmt.Errorf("%s, %d clients: %w", p.Figure, p.Clients, err)
	}
	return results, nil
}

func meanLatency(results []sim.Result) float64 {
	sum := 0.0
	for _, r := range results {
		sum += r.Latency()
	}
	return sum / float64(len(results))
}

// requests are the rows that loadgen would have written.
func requests(k record.Key, results []sim.Result) []record.Request {
	rows := make([]record.Request, len(results))
	for i, r := range results {
		chunks := make(record.Chunks, len(r.TokenTimes))
		for j, at := range r.TokenTimes {
			chunks[j] = record.Chunk{At: record.Seconds(at - r.Start), Tokens: 1}
		}
		rows[i] = record.Request{
			Key: k, Client: i, Request: i, DueS: record.NoSeconds(), StartS: record.Seconds(r.Start), LatencyS: record.Seconds(r.Latency()),
			PromptTokens: record.Count(r.Prompt), MaxNewTokens: record.Count(r.New), GeneratedTokens: record.Count(r.New), CachedTokens: record.NoCount,
			ChunkS: chunks, LagS: record.NoSeconds(), MergedReads: record.NoCount, PauseS: record.NoSeconds(), ClientCPU: record.NoRate(),
			ConnectS: record.NoSeconds(), Attempts: 1, Status: record.OK,
		}
	}
	return rows
}

// each calls do for every point, on all processors, and returns the first error.
func each(points []published.Point, do func(i int, p published.Point) error) error {
	var running sync.WaitGroup
	errs := make([]error, len(points))
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for i := range next {
				errs[i] = do(i, points[i])
			}
		})
	}
	for i := range points {
		next <- i
	}
	close(next)
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// curvePoints are the published points with a latency.
func curvePoints() ([]published.Point, error) {
	all, err := published.Points()
	var points []published.Point
	for _, p := range all {
		if !math.IsNaN(p.LatencyS) {
			points = append(points, p)
		}
	}
	return points, err
}
