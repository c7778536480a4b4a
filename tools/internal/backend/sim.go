package backend

import (
	"fmt"
	"strconv"
)

var simFastGen = Backend{Name: "sim-fastgen", Needs: needSimEngine, Command: simCommand("fastgen"), HealthPath: "/health"}

// simVLLM is the vLLM of the published comparisons; --sim-policy vllm is today's.
var simVLLM = Backend{Name: "sim-vllm", Needs: needSimEngine, Command: simCommand("vllm-0.2"), HealthPath: "/health"}

func needSimEngine(Settings) []Need {
	return needProgram("sim-engine", "run make build")
}

func simCommand(policy string) func(Settings) ([]string, []string, error) {
	return func(s Settings) ([]string, []string, error) {
		engine, err := lookPath("sim-engine")
		if err != nil {
			return nil, nil, err
		}
		if s.Sim.Policy != "" {
			policy = s.Sim.Policy
		}
		args := []string{engine, "--policy", policy, "--model", s.Model, "--host", s.Host, "--port", strconv.Itoa(s.Port),
			"--tp-size", strconv.Itoa(s.TPSize), "--num-replicas", strconv.Itoa(s.NumReplicas),
			"--hardware", s.Sim.Hardware, "--speed", fmt.Sprint(s.Sim.Speed)}
		if s.MaxRaggedBatchSize > 0 {
			args = append(args, "--max-ragged-batch-size", strconv.Itoa(s.MaxRaggedBatchSize))
		}
		for flag, value := range map[string]float64{"--tflops": s.Sim.TFLOPS, "--gbps": s.Sim.GBps, "--gb": s.Sim.GB} {
			if value > 0 {
				args = append(args, flag, fmt.Sprint(value))
			}
		}
		if s.Sim.Truth != "" {
			args = append(args, "--truth", s.Sim.Truth)
		}
		return append(args, s.EngineArgs...), nil, nil
	}
}
