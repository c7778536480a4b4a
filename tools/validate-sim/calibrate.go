package main

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

func calibrateFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "policy", Value: "vllm", Usage: "the engine schedules like `POLICY` of sim-engine"},
		&cli.StringFlag{Name: "hardware", Usage: "the GPU is a `NAME` that sim-engine knows; the rows' own when not given"},
		&cli.StringFlag{Name: "model", Usage: "the model has the shape of `NAME`; the rows' own when not given"},
		&cli.IntFlag{Name: "rounds", Value: 12, Usage: "turn every constant `N` times"},
	}
}

// sample is a measured point and what it is simulated with. A value that the
// row lacks is NaN.
type sample struct {
	setting
	replicas           int
	latency, ttft, gap float64
}

func calibrate(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	samples, err := readSamples(c, std)
	if err != nil {
		return err
	}
	first := samples[0].cfg
	constants := sim.Fitted().Calibrate(first.Hardware.Name, first.Policy)
	search := &descent{loss: func() (float64, error) { return samplesLoss(samples, constants) }}
	for _, p := range constants.Adjustable() {
		switch p.Name {
		case "compute", "bandwidth", "step_s", "seq_s", "layer_s":
			*p.Value = max(*p.Value, 1e-6)
			search.parameters = append(search.parameters, p)
		}
	}
	if err := search.start(); err != nil {
		return err
	}
	std.Notef("before: mean error %.1f %%", 100*search.best)
	for range c.Int("rounds") {
		if err := search.round(ctx); err != nil {
			return err
		}
	}
	std.Notef("after: mean error %.1f %% over latency, TTFT and gap of %d points", 100*search.best, len(samples))
	_, err = fmt.Fprintln(std.Out, constants)
	return err
}

func readSamples(c *cli.Context, std *cmdline.Std) ([]sample, error) {
	in := csvio.NewReader[record.Summary](c.Args().Slice(), std.In, func(reason string) { std.Warnf("%s", reason) })
	var samples []sample
	for in.Scan() {
		s, err := sampleOf(in.Row(), c)
		if err != nil {
			return nil, err
		}
		samples = append(samples, s)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(samples) == 0 {
		return nil, errors.New("no point to calibrate with")
	}
	return samples, nil
}

func sampleOf(row record.Summary, c *cli.Context) (s sample, err error) {
	if row.NumClients < 1 || row.RateRPS != 0 {
		return s, cmdline.Usagef("a point of an open loop cannot be calibrated with: only --num-clients")
	}
	s.cfg = sim.Config{TP: row.TPSize, Policy: c.String("policy"), MaxBatchedTokens: row.MaxRaggedBatchSize}
	name := string(row.Model)
	if c.String("model") != "" {
		name = c.String("model")
	}
	if s.cfg.Model, err = sim.LookupModel(name); err != nil {
		return s, cmdline.Usagef("--model: %v", err)
	}
	name = string(row.Hardware)
	if c.String("hardware") != "" {
		name = c.String("hardware")
	} else if _, gpu, err := splitHardware(name); err == nil {
		name = gpu
	}
	if s.cfg.Hardware, err = sim.LookupGPU(name); err != nil {
		return s, cmdline.Usagef("--hardware: %v", err)
	}
	s.replicas = max(1, row.NumReplicas)
	s.load = sim.Load{Clients: row.NumClients, Requests: max(row.Requests, row.NumClients), MeanPrompt: row.MeanPromptLength, MeanNew: row.MeanMaxNewTokens,
		MaxPrompt: s.cfg.Model.Context - 1, Var: 0.3, Context: s.cfg.Model.Context, Seed: seed}
	s.latency, s.ttft, s.gap = float64(row.LatencyMeanS), float64(row.TTFTMeanS), float64(row.GapMeanS)
	return s, nil
}

// samplesLoss is the mean error of what is known of the samples, in logarithms.
func samplesLoss(samples []sample, constants sim.Calibration) (float64, error) {
	sum, n := 0.0, 0
	for _, s := range samples {
		s.cfg.Calibration = constants
		results, err := sim.Run(s.cfg, s.replicas, s.load)
		if err != nil {
			return 0, err
		}
		ttft, gaps, tokens := 0.0, 0.0, 0.0
		for _, r := range results {
			ttft += (r.TokenTimes[0] - r.Start) / float64(len(results))
			gaps += r.TokenTimes[len(r.TokenTimes)-1] - r.TokenTimes[0]
			tokens += float64(len(r.TokenTimes) - 1)
		}
		for _, pair := range [][2]float64{{meanLatency(results), s.latency}, {ttft, s.ttft}, {gaps / tokens, s.gap}} {
			if off := math.Abs(math.Log(pair[0] / pair[1])); !math.IsNaN(off) && !math.IsInf(off, 0) {
				sum, n = sum+off, n+1
			}
		}
	}
	if n == 0 {
		return 0, errors.New("the points have no latencies")
	}
	return sum / float64(n), nil
}
