package sim

import (
	"fmt"
	"strings"
)

// Hardware is a GPU by its datasheet, and how much of it is reached.
type Hardware struct {
	// Name is the GPU's name, such as A100-80GB.
	Name string
	// TFLOPS is the dense 16-bit matrix rate, in 1e12 operations a second.
	TFLOPS float64
	// GBps is the memory bandwidth and GB the memory, in 1e9 bytes.
	GBps, GB float64
	// LinkGBps is the bandwidth of one GPU to its neighbours, in 1e9 bytes a second.
	LinkGBps float64
}

// gpus by their datasheets (dense, without sparsity).
var gpus = []Hardware{
	{"A6000", 154.8, 768, 51.5, 56},
	{"A100-80GB", 312, 2039, 85.9, 300},
	{"H100-80GB", 989, 3350, 85.5, 450},
	{"H200", 989, 4800, 150.7, 450},
	{"L4", 121, 300, 24.1, 32},
}

// GPUs lists the hardware known by name.
func GPUs() []Hardware { return append([]Hardware(nil), gpus...) }

// LookupGPU finds a GPU by its name in any case; A100 and H100 are the 80 GB ones.
func LookupGPU(name string) (Hardware, error) {
	for _, h := range gpus {
		if strings.EqualFold(name, h.Name) || strings.EqualFold(name+"-80GB", h.Name) {
			return h, nil
		}
	}
	return Hardware{}, fmt.Errorf("hardware %q is not known by name; give its --tflops, --gbps and --gb", name)
}

// Calibration is what datasheets do not say: few numbers for all figures.
type Calibration struct {
	// Compute is the share of TFLOPS that matrix products reach, Bandwidth
	// the share of GBps that reading weights and KV reaches.
	Compute, Bandwidth float64
	// Norm joins the time of computing and of reading weights, which overlap
	// in part: (c^Norm + w^Norm)^(1/Norm).
	Norm float64
	// StepS is the time between forward passes, in seconds.
	StepS float64
	// AllReduceS is the latency of one all-reduce, in seconds.
	AllReduceS float64
	// KVShare is the share of memory left to weights and KV cache.
	KVShare float64
}

// calibration is fitted to the eleven FastGen latencies of the A6000 in
// DeepSpeedExamples' A6000_benchmarks_example.PNG; nothing else is.
var calibration = Calibration{Compute: 0.60, Bandwidth: 0.80, Norm: 4, StepS: 0.0005, AllReduceS: 10e-6, KVShare: 0.92}
