package sim

// Calibration is what neither datasheets nor shapes say: few numbers for each
// engine, the same for every figure of it.
type Calibration struct {
	// Compute is the share of TFLOPS that the engine's matrix products reach,
	// Bandwidth the share of GBps that reading weights and KV reaches.
	Compute, Bandwidth float64
	// Norm joins the time of computing and of reading weights, which overlap
	// in part: (c^Norm + w^Norm)^(1/Norm).
	Norm float64
	// StepS is the time between forward passes and SeqS what each sequence of
	// a pass adds to it (scheduling, sampling, text), in seconds.
	StepS, SeqS float64
	// AllReduceS is the latency of one all-reduce, in seconds.
	AllReduceS float64
	// KVShare is the share of memory left to weights and KV cache.
	KVShare float64
}

// The constants, and where they come from. Fitted to means and effective
// throughputs of Llama-2-7b on one A6000, prompt 2600, generation 60: FastGen to
// DeepSpeedExamples' A6000_benchmarks_example.PNG, vLLM to figure 8 of the
// FastGen blog of November 2023. The latency of an all-reduce is an estimate
// for NVLink, the share of memory is what the 64k tokens of KV room are that
// the published saturation shows.
var (
	fastGen01 = Calibration{Compute: 0.59, Bandwidth: 0.80, Norm: 4, StepS: 0.0005, AllReduceS: 10e-6, KVShare: 0.92}
	vllm02    = Calibration{Compute: 0.70, Bandwidth: 0.80, Norm: 4, StepS: 0.001, SeqS: 0.0009, AllReduceS: 10e-6, KVShare: 0.92}
	// vllmNow is vLLM 0.2's kernels without its work for each sequence, which
	// runs beside the GPU today. It is fitted to nothing.
	vllmNow = Calibration{Compute: 0.70, Bandwidth: 0.80, Norm: 4, StepS: 0.001, AllReduceS: 10e-6, KVShare: 0.92}
)
