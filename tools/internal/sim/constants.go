package sim

import (
	"maps"
	"slices"
)

// Reach is how much of a GPU's datasheet engines reach: shares of its TFLOPS
// and of its GB/s.
type Reach struct{ Compute, Bandwidth float64 }

// Overhead is an engine's own part: work in seconds, see Calibration, and how
// well its kernels compute, as a factor to what the GPU reaches.
type Overhead struct{ StepS, SeqS, LayerS, ExpertS, ShardS, Kernels float64 }

// Constants is the whole table of fitted numbers.
type Constants struct {
	// These are the same everywhere.
	HalfTokens, Norm, AllReduceS, Link float64
	// GPUs is by name, Engines by policy.
	GPUs    map[string]*Reach
	Engines map[string]*Overhead
}

// kvShare is not fitted: it leaves the A6000 the 64k tokens of KV room which its
// published saturation shows.
const kvShare = 0.92

// most bounds shares of a datasheet in a fit.
const most = 0.95

// likeGPU lends its reach to GPUs that nothing was measured on.
const likeGPU = "A100-80GB"

// Fitted returns the constants in use. `validate-sim fit` made them, from the
// published throughput-latency panels that its table calls fitted and the
// effective throughputs of the A6000: the FastGen blogs of November 2023
// (fastgen, vllm-0.2) and January 2024, with the FP6 blog of March (fastgen-0.2,
// vllm-0.2.7). Today's vllm is fitted to nothing: it has vLLM 0.2.7's layers
// and no work for each sequence, which runs beside the GPU now.
func Fitted() *Constants {
	return &Constants{
		HalfTokens: 89.2, Norm: 4, AllReduceS: 36.1e-6, Link: 0.189,
		GPUs: map[string]*Reach{
			"A6000":     {0.66, 0.94},
			"A100-80GB": {0.685, 0.81},
			"H100-80GB": {0.823, 0.95},
		},
		Engines: map[string]*Overhead{
			"fastgen":     {18.7e-6, 203e-6, 86.3e-6, 0, 4.13e-3, 1},
			"fastgen-0.2": {12.0e-6, 43.0e-6, 57.1e-6, 79.9e-6, 1.74e-3, 1},
			"vllm-0.2":    {0.8e-3, 900e-6, 78.6e-6, 0, 13.5e-3, 1.07},
			"vllm-0.2.7":  {1.68e-3, 206e-6, 83.3e-6, 73.4e-6, 71.0e-6, 1},
			"vllm":        {1e-3, 0, 74.89e-6, 81.92e-6, 0.2278e-3, 1},
		},
	}
}

// Calibrate returns what the table says of an engine, by its policy, on a GPU.
func (c *Constants) Calibrate(gpu, policy string) Calibration {
	at, own := c.GPUs[gpu], c.Engines[policy]
	if at == nil {
		at = c.GPUs[likeGPU]
	}
	if own == nil {
		own = &Overhead{Kernels: 1}
	}
	return Calibration{
		Compute: at.Compute * own.Kernels, HalfTokens: c.HalfTokens, Bandwidth: at.Bandwidth, Norm: c.Norm,
		StepS: own.StepS, SeqS: own.SeqS, LayerS: own.LayerS, ExpertS: own.ExpertS, ShardS: own.ShardS,
		AllReduceS: c.AllReduceS, Link: c.Link, KVShare: kvShare, AllExperts: policy == "vllm-0.2.7",
	}
}

// Parameters lists what a fit may turn, always in the same order. Engines of
// before January 2024 had no experts to run, today's vLLM is not fitted.
func (c *Constants) Parameters() []Parameter {
	list := []Parameter{{Name: "half_tokens", Value: &c.HalfTokens}, {Name: "norm", Value: &c.Norm}, {Name: "all_reduce_s", Value: &c.AllReduceS}, {Name: "link", Value: &c.Link}}
	for _, name := range slices.Sorted(maps.Keys(c.GPUs)) {
		gpu := c.GPUs[name]
		list = append(list, Parameter{name + " compute", &gpu.Compute, most}, Parameter{name + " bandwidth", &gpu.Bandwidth, most})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Engines)) {
		engine := c.Engines[name]
		if name == "vllm" {
			continue
		}
		list = append(list, Parameter{name + " step_s", &engine.StepS, 0}, Parameter{name + " seq_s", &engine.SeqS, 0},
			Parameter{name + " layer_s", &engine.LayerS, 0}, Parameter{name + " shard_s", &engine.ShardS, 0})
		if engine.ExpertS > 0 {
			list = append(list, Parameter{name + " expert_s", &engine.ExpertS, 0})
		}
	}
	return list
}
