package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Calibration is what neither datasheets nor shapes say: the shares that a GPU
// and its host reach, and what an engine spends beside its matrix products.
// Shares are of the datasheet's number, times in seconds.
type Calibration struct {
	// Compute is the share of TFLOPS that large matrix products reach,
	// Bandwidth the share of GBps that reading weights and KV reaches, Link
	// the share of LinkGBps that a large all-reduce reaches.
	Compute, Bandwidth, Link float64
	// Host is the speed of the host's processor core that launches kernels,
	// as a multiple of the one that the engines' times were fitted on.
	Host float64
	// Fill is how many tokens' worth of arithmetic a large matrix product
	// loses to tiles that its tokens do not fill.
	Fill float64
	// LayerS is the host's time to launch one layer, which runs beside the
	// GPU; StepS the host's time between passes and SeqS what each sequence
	// of a pass adds (scheduling, sampling, text), which do not; RankS the
	// time to set the ranks of a tensor-parallel replica going.
	LayerS, StepS, SeqS, RankS float64
	// AllReduceS is what launching one all-reduce adds to a layer, ExpertS what
	// routing tokens to experts adds.
	AllReduceS, ExpertS float64
	// HopS is the latency of passing data from one GPU to the next.
	HopS float64
	// Attention is the share of Compute and Bandwidth that attention reaches,
	// Experts the share of Compute that grouped products of experts reach.
	Attention, Experts float64
	// Reread is the share of a KV head's reads for its second and later query
	// heads that go to memory, not to the GPU's cache.
	Reread float64
	// KVShare is the share of memory left to weights and KV cache.
	KVShare float64
	// RequestS is the time from a request's arrival to the scheduler's knowing of it:
	// HTTP, tokenizing, the hop between processes. It runs beside the GPU.
	RequestS float64
}

// ConstantNames lists the numbers of a calibration, in the order of its fields.
func ConstantNames() []string {
	return []string{"compute", "bandwidth", "link", "host", "fill", "layer_s", "step_s", "seq_s", "rank_s", "all_reduce_s", "expert_s", "hop_s", "attention", "experts", "reread", "kv_share", "request_s"}
}

// Constant is where the number of that name stands; nil for a name that is none.
func (c *Calibration) Constant(name string) *float64 {
	switch name {
	case "compute":
		return &c.Compute
	case "bandwidth":
		return &c.Bandwidth
	case "link":
		return &c.Link
	case "host":
		return &c.Host
	case "fill":
		return &c.Fill
	case "layer_s":
		return &c.LayerS
	case "step_s":
		return &c.StepS
	case "seq_s":
		return &c.SeqS
	case "rank_s":
		return &c.RankS
	case "all_reduce_s":
		return &c.AllReduceS
	case "expert_s":
		return &c.ExpertS
	case "hop_s":
		return &c.HopS
	case "attention":
		return &c.Attention
	case "experts":
		return &c.Experts
	case "reread":
		return &c.Reread
	case "kv_share":
		return &c.KVShare
	case "request_s":
		return &c.RequestS
	}
	return nil
}

// ParseCalibration reads changes to a calibration, such as "compute=0.6,seq_s=0.0005".
func ParseCalibration(base Calibration, text string) (Calibration, error) {
	for pair := range strings.SplitSeq(text, ",") {
		name, number, found := strings.Cut(pair, "=")
		at := base.Constant(name)
		if !found || at == nil {
			return base, fmt.Errorf("%q is not one of %s with its number", pair, strings.Join(ConstantNames(), "=, "))
		}
		value, err := strconv.ParseFloat(number, 64)
		if err != nil || !(value >= 0 && value <= 1000) {
			return base, fmt.Errorf("%s: %q is not a number from 0 to 1000", name, number)
		}
		*at = value
	}
	return base, base.check()
}

// check reports a number that would stop time or the arithmetic.
func (c Calibration) check() error {
	for _, name := range []string{"compute", "bandwidth", "link", "host", "attention", "experts", "kv_share"} {
		if !(*c.Constant(name) > 0) {
			return fmt.Errorf("%s must be above 0", name)
		}
	}
	return nil
}

// DefaultCalibration is what holds for a policy on a GPU by the table of
// constants; on a GPU that was not fitted, what holds on typical.
func DefaultCalibration(gpu Hardware, policy string) (Calibration, error) {
	return CalibrationFrom(constants, gpu, policy)
}

// CalibrationFrom is DefaultCalibration by another table. A later line of it
// overrules an earlier one.
func CalibrationFrom(table []Constant, gpu Hardware, policy string) (Calibration, error) {
	if _, err := lookupPolicy(policy); err != nil {
		return Calibration{}, err
	}
	owner := gpu.Name
	if !slices.ContainsFunc(table, func(k Constant) bool { return k.Owner == owner }) {
		owner = typical
	}
	var c Calibration
	for _, k := range table {
		if k.Holds(owner, policy) {
			at := c.Constant(k.Name)
			if at == nil {
				return c, fmt.Errorf("constant %q is not one of %s", k.Name, strings.Join(ConstantNames(), ", "))
			}
			*at = k.Value
		}
	}
	return c, c.check()
}
