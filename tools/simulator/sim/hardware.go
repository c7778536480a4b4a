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
	// SharedKB is the shared memory of a multiprocessor, in 1024 bytes; 0 is not known.
	SharedKB int
}

// gpus by their datasheets (dense, without sparsity).
var gpus = []Hardware{
	{"A6000", 154.8, 768, 51.5, 56, 100},
	{"A100-80GB", 312, 2039, 85.9, 300, 164},
	{"H100-80GB", 989, 3350, 85.5, 450, 228},
	{"H200", 989, 4800, 150.7, 450, 228},
	{"L4", 121, 300, 24.1, 32, 100},
}

// LookupGPU finds a GPU by its name in any case; A100 and H100 are the 80 GB ones.
func LookupGPU(name string) (Hardware, error) {
	for _, h := range gpus {
		if strings.EqualFold(name, h.Name) || strings.EqualFold(name+"-80GB", h.Name) {
			return h, nil
		}
	}
	return Hardware{}, fmt.Errorf("hardware %q is not known by name; give its --tflops, --gbps and --gb", name)
}
