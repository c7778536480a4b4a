package main

import (
	"fmt"
	"strconv"
	"strings"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// names gives the models of the figures their full names.
var names = map[string]string{
	"llama-2-7b": "meta-llama/Llama-2-7b-hf", "llama-2-13b": "meta-llama/Llama-2-13b-hf", "llama-2-70b": "meta-llama/Llama-2-70b-hf",
	"mixtral-8x7b-v0.1": "mistralai/Mixtral-8x7B-v0.1", "phi-2": "microsoft/phi-2",
	"falcon-40b": "tiiuae/falcon-40B", "falcon-180b": "tiiuae/falcon-180B",
}

// splitHardware parts "4xA100-80GB" into 4 and the GPU's name.
func splitHardware(hardware string) (count int, gpu string, err error) {
	number, name, found := strings.Cut(hardware, "x")
	if !found {
		return 1, hardware, nil
	}
	count, err = strconv.Atoi(number)
	return count, name, err
}

// hardwareName is the hardware as rows of the pipeline have it.
func hardwareName(hardware string) (string, error) {
	count, gpu, err := splitHardware(hardware)
	if err != nil {
		return "", fmt.Errorf("hardware %q: %w", hardware, err)
	}
	known, err := sim.LookupGPU(gpu)
	if err != nil {
		return "", err
	}
	if count == 1 {
		return known.Name, nil
	}
	return fmt.Sprintf("%dx%s", count, known.Name), nil
}

// key is the point that a published one stands for, with backend in front of
// the published engine's name.
func key(p published.Point, backend string) (record.Key, error) {
	hardware, err := hardwareName(p.Hardware)
	if err != nil {
		return record.Key{}, err
	}
	model, known := names[p.Model]
	if !known {
		return record.Key{}, fmt.Errorf("model %q of %s has no full name", p.Model, p.Figure)
	}
	return record.Key{
		ServerKey: record.ServerKey{
			Run: record.Text(p.Figure), Backend: record.Text(backend + p.Backend), Engine: "as published", Hardware: record.Text(hardware),
			Speed: 1, Model: record.Text(model), TPSize: record.Setting(p.TP), NumReplicas: 1, MaxRaggedBatchSize: publishedBatch,
		},
		LoadKey: record.LoadKey{NumClients: p.Clients, MeanPromptLength: p.Prompt, MeanMaxNewTokens: p.Gen},
	}, nil
}
