package backend

import (
	"fmt"
	"strconv"
)

const simOptions = "host port engine-args fp6 hardware tflops gbps gb speed sim-policy truth"

// simFastGen is sim-engine with FastGen's scheduler.
var simFastGen = Backend{Name: "sim-fastgen", Options: simOptions, KeyVariable: "VLLM_API_KEY",
	Needs: needSimEngine, Command: simCommand("fastgen")}

// oldVLLM is the policy of the published comparisons.
const oldVLLM = "vllm-0.2"

// simVLLM is the vLLM of the published comparisons, or with a prefix cache today's;
// --sim-policy vllm is today's, too.
var simVLLM = Backend{Name: "sim-vllm", Options: simOptions, KeyVariable: "VLLM_API_KEY",
	Needs: needSimEngine, Command: simCommand(oldVLLM)}

func simEngine() (string, error) { return lookPath("sim-engine") }

func needSimEngine(Settings) []Need { return needProgram(simEngine, "make build") }

func simCommand(policy string) func(Settings) (Command, error) {
	return func(s Settings) (Command, error) {
		engine, err := simEngine()
		if err != nil {
			return Command{}, err
		}
		args := []string{engine, "--policy", policy, "--model", s.Model, "--host", s.Host, "--port", strconv.Itoa(s.Port),
			"--tp-size", strconv.Itoa(s.TPSize), "--num-replicas", strconv.Itoa(s.NumReplicas),
			"--hardware", s.Sim.Hardware}
		c := Command{}
		switch {
		case s.Sim.Policy != "":
			args[2] = s.Sim.Policy
		case policy == oldVLLM && s.mentions("enable-prefix-caching"):
			args[2] = "vllm"
			c.Notes = append(c.Notes, "the simulated vLLM is today's (--sim-policy vllm): the one of 2023 has no prefix cache")
		}
		for _, given := range []struct {
			flag  string
			value float64
		}{{"--speed", s.Sim.Speed}, {"--tflops", s.Sim.TFLOPS}, {"--gbps", s.Sim.GBps}, {"--gb", s.Sim.GB}} {
			if given.value > 0 {
				args = append(args, given.flag, fmt.Sprint(given.value))
			}
		}
		if s.Sim.Truth != "" {
			args = append(args, "--truth", s.Sim.Truth)
		}
		if s.FP6 {
			args = append(args, "--fp6")
		}
		args = s.limit(args, "--max-ragged-batch-size")
		c.Args = append(args, s.EngineArgs...)
		return c, nil
	}
}
