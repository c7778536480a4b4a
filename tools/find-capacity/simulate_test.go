package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
)

// A simulated server of the border test: Llama-2-7b on one A6000, under prompts of
// 600 tokens and answers of 20.
func rowsAt(policy string, rate float64, requests int, seed uint64, run string) ([]record.Request, error) {
	model, err := sim.LookupModel("llama-2-7b-hf")
	if err != nil {
		return nil, err
	}
	gpu, err := sim.LookupGPU("a6000")
	if err != nil {
		return nil, err
	}
	constants, err := sim.DefaultCalibration(gpu, policy)
	if err != nil {
		return nil, err
	}
	lengths := prompt.Lengths{MeanPrompt: 600, MeanNew: 20, PromptVar: 0.3, NewVar: 0.3, Context: 4096}
	key := record.Key{
		ServerKey: record.ServerKey{Run: record.Text(run), Backend: "sim-vllm", Engine: "sim-engine 1", Model: "m", Speed: 1, TPSize: 1, NumReplicas: 1},
		LoadKey:   record.LoadKey{MeanPromptLength: 600, MeanMaxNewTokens: 20, RateRPS: record.OfferedRate(rate)},
	}
	return simrun.Run(context.Background(),
		sim.Config{Model: model, Hardware: gpu, Calibration: constants, TP: 1, Policy: policy, MaxBatchedTokens: 768}, 1,
		simrun.Load{Key: key, Requests: requests, Seed: seed, Due: load.Arrivals{Rate: rate, Burstiness: 1}.Draw(seed, requests),
			Size: func(i int) prompt.Size { return lengths.Draw(seed, i) }})
}

// simulate stands for loadgen in front of such a server.
func simulate(args []string) int {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	policy, rate := flags.String("policy", "", ""), flags.Float64("rate", 0, "")
	requests, seed, run := flags.Int("num-requests", 0, ""), flags.Uint64("seed", 0, ""), flags.String("run", "", "")
	for _, ignored := range []string{"url", "mean-prompt-length", "mean-max-new-tokens"} {
		flags.String(ignored, "", "")
	}
	flags.Bool("stream", false, "")
	flags.Bool("quiet", false, "")
	if flags.Parse(args) != nil {
		return 2
	}
	rows, err := rowsAt(*policy, *rate, *requests, *seed, *run)
	buffered := bufio.NewWriterSize(os.Stdout, 1<<16)
	out := csvio.NewWriter[record.Request](buffered)
	for _, row := range rows {
		if err == nil {
			err = out.Write(row)
		}
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
