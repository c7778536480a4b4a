package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
)

func sweepFlags() []cli.Flag {
	return append(replicaFlags(),
		&cli.StringSliceFlag{Name: "tp-size", Value: cli.NewStringSlice("1"), Usage: "tensor-parallel `SIZES`"},
		&cli.StringSliceFlag{Name: "num-replicas", Value: cli.NewStringSlice("1"), Usage: "`NUMBERS` of replicas"},
		&cli.StringSliceFlag{Name: "num-clients", Value: cli.NewStringSlice("1", "2", "4", "6", "8", "12", "16", "20", "24", "28", "32"), Usage: "`NUMBERS` of clients"},
		&cli.IntFlag{Name: "mean-prompt-length", Value: 2600, Usage: "mean prompt length in `TOKENS`"},
		&cli.IntFlag{Name: "mean-max-new-tokens", Value: 60, Usage: "mean generation length in `TOKENS`"},
		&cli.IntFlag{Name: "num-requests", Value: publishedRequests, Usage: "send `N` requests per point"},
		&cli.StringFlag{Name: "calibration", Usage: "constants as calibrate prints them: `K=V,K=V`; rows are then labelled predicted"},
	)
}

// replicaFlags say what is simulated.
func replicaFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Value: "meta-llama/Llama-2-7b-hf", Usage: "simulate `MODEL`, by name"},
		&cli.StringFlag{Name: "hardware", Value: "A6000", Usage: "simulate `GPU`, by name"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Value: publishedBatch, Usage: "put at most `TOKENS` into a forward pass"},
		&cli.StringFlag{Name: "policy", Value: "fastgen", Usage: "schedule like `ENGINE`: " + strings.Join(sim.Policies(), ", ")},
	}
}

// plan is the checked options of sweep.
type plan struct {
	cfg                    sim.Config
	engine                 string
	sizes, counts, clients []int
	requests               int
	meanPrompt, meanNew    int
}

// sweep writes the requests of every combination, in virtual time.
func sweep(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	p, err := readPlan(c)
	if err != nil {
		return err
	}
	w := csvio.NewWriter[record.Request](std.Out)
	for _, size := range p.sizes {
		p.cfg.TP = size
		if _, err := sim.New(p.cfg); err != nil {
			std.Warnf("skipped: %v", err)
			continue
		}
		for _, count := range p.counts {
			for _, clients := range p.clients {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				rows, err := simrun.Run(ctx, p.cfg, count, loadgens(p.cfg.Model, p.key(count, clients), p.requests))
				if err != nil {
					return err
				}
				if err := writeRows(w, rows); err != nil {
					return err
				}
			}
		}
	}
	return w.Header()
}

func readPlan(c *cli.Context) (plan, error) {
	p := plan{engine: virtualEngine}
	for flag, list := range map[string]*[]int{"tp-size": &p.sizes, "num-replicas": &p.counts, "num-clients": &p.clients} {
		var err error
		if *list, err = cmdline.Ints(c.StringSlice(flag)); err != nil {
			return p, cmdline.Usagef("--%s: %v", flag, err)
		}
		if len(*list) == 0 || slices.Min(*list) < 1 {
			return p, cmdline.Usagef("--%s must be above 0", flag)
		}
	}
	var err error
	if p.cfg, err = readReplica(c); err != nil {
		return p, err
	}
	if text := c.String("calibration"); text != "" {
		if p.cfg.Calibration, err = sim.ParseCalibration(p.cfg.Calibration, text); err != nil {
			return p, cmdline.Usagef("--calibration: %v", err)
		}
		p.engine += " predicted"
	}
	p.requests, p.meanPrompt, p.meanNew = c.Int("num-requests"), c.Int("mean-prompt-length"), c.Int("mean-max-new-tokens")
	if p.requests < 1 || p.meanPrompt < 1 || p.meanNew < 1 {
		return p, cmdline.Usagef("--num-requests, --mean-prompt-length and --mean-max-new-tokens must be above 0")
	}
	return p, nil
}

// readReplica is what the replicaFlags say, on one GPU.
func readReplica(c *cli.Context) (sim.Config, error) {
	model, err := sim.LookupModel(c.String("model"))
	if err != nil {
		return sim.Config{}, cmdline.Usagef("--model: %v", err)
	}
	gpu, err := sim.LookupGPU(c.String("hardware"))
	if err != nil {
		return sim.Config{}, cmdline.Usagef("--hardware: %v", err)
	}
	cfg := sim.Config{Model: model, Hardware: gpu, TP: 1, Policy: c.String("policy"), MaxBatchedTokens: c.Int("max-ragged-batch-size")}
	if cfg.MaxBatchedTokens < 1 {
		return cfg, cmdline.Usagef("--max-ragged-batch-size must be above 0")
	}
	if cfg.Calibration, err = sim.DefaultCalibration(gpu, cfg.Policy); err != nil {
		return cfg, cmdline.Usagef("--policy: %v", err)
	}
	return cfg, nil
}

// loadgens is the load that loadgen sends without further flags: the very
// requests of its plan, so that what was measured and what is simulated are the
// same work. Prompts have 4000 tokens at most, or what leaves room for an answer.
func loadgens(m sim.Model, k record.Key, requests int) simrun.Load {
	lengths := prompt.Lengths{MeanPrompt: k.MeanPromptLength, MeanNew: k.MeanMaxNewTokens, PromptVar: 0.3, NewVar: 0.3,
		MaxPrompt: min(4000, m.Context-48), Context: m.Context}
	return simrun.Load{Key: k, Requests: requests, Seed: loadgenSeed,
		Size: func(i int) prompt.Size { return lengths.Draw(loadgenSeed, i) }}
}

func (p plan) key(replicas, clients int) record.Key {
	backend, _, _ := strings.Cut("sim-"+p.cfg.Policy, "-0.")
	hardware := p.cfg.Hardware.Name
	if n := p.cfg.TP * replicas; n > 1 {
		hardware = fmt.Sprintf("%dx%s", n, hardware)
	}
	return record.Key{
		ServerKey: record.ServerKey{
			Run: "sweep", Backend: record.Text(backend), Engine: record.Text(p.engine), Hardware: record.Text(hardware), Speed: 1,
			Model: record.Text(p.cfg.Model.Name), TPSize: record.Setting(p.cfg.TP), NumReplicas: record.Setting(replicas), MaxRaggedBatchSize: record.Setting(p.cfg.MaxBatchedTokens),
		},
		LoadKey: record.LoadKey{NumClients: clients, MeanPromptLength: p.meanPrompt, MeanMaxNewTokens: p.meanNew},
	}
}
