package sim

import (
	"fmt"
	"strconv"
	"strings"
)

// Calibration is what neither datasheets nor shapes say: how much of a GPU is
// reached, and what an engine's own work costs.
type Calibration struct {
	// Compute is the share of TFLOPS that matrix products of many tokens reach;
	// with HalfTokens tokens they reach half of it.
	Compute, HalfTokens float64
	// Bandwidth is the share of GBps that reading weights and KV reaches.
	Bandwidth float64
	// Norm joins the time of computing and of reading weights, which overlap
	// in part: (c^Norm + w^Norm)^(1/Norm).
	Norm float64
	// StepS is the time between forward passes, SeqS what each sequence of a
	// pass adds to it (scheduling, sampling, text), LayerS what each layer adds
	// to a pass (launches, small kernels), ExpertS what it adds on top where
	// there are experts, and ShardS what a pass takes more where several GPUs
	// share it: telling their processes what to do. All in seconds.
	StepS, SeqS, LayerS, ExpertS, ShardS float64
	// AllReduceS is the latency of one all-reduce in seconds, Link the share of
	// LinkGBps that its bytes reach.
	AllReduceS, Link float64
	// KVShare is the share of memory left to weights and KV cache.
	KVShare float64
	// AllExperts says that every expert computes every token, and what the
	// router did not choose is thrown away, as in the first vLLM with Mixtral.
	AllExperts bool
}

// Adjustable are the constants that can be set by name, in the order in which
// String prints them.
func (c *Calibration) Adjustable() []Parameter {
	return []Parameter{
		{Name: "compute", Value: &c.Compute}, {Name: "half_tokens", Value: &c.HalfTokens}, {Name: "bandwidth", Value: &c.Bandwidth}, {Name: "step_s", Value: &c.StepS}, {Name: "seq_s", Value: &c.SeqS},
		{Name: "layer_s", Value: &c.LayerS}, {Name: "expert_s", Value: &c.ExpertS}, {Name: "shard_s", Value: &c.ShardS}, {Name: "all_reduce_s", Value: &c.AllReduceS}, {Name: "link", Value: &c.Link}, {Name: "kv_share", Value: &c.KVShare},
	}
}

// Parameter is a constant that a fit may turn.
type Parameter struct {
	Name  string
	Value *float64
	// Most bounds it from above where it is not 0: a share of a datasheet.
	Most float64
}

// String is the constants as Set takes them: name=value, parted by commas.
func (c Calibration) String() string {
	var words []string
	for _, p := range c.Adjustable() {
		words = append(words, p.Name+"="+strconv.FormatFloat(*p.Value, 'g', 4, 64))
	}
	return strings.Join(words, ",")
}

// Set replaces the constants that text names, as String prints them. Those
// that are shares or divisors must be above 0, none may be below.
func (c *Calibration) Set(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		number, err := strconv.ParseFloat(value, 64)
		p := lookupParameter(c.Adjustable(), name)
		switch {
		case p == nil:
			return fmt.Errorf("%q is no constant: %s", name, c)
		case err != nil || !(number >= 0) || number > 1e6:
			return fmt.Errorf("%s=%q is no number from 0 on", name, value)
		case number == 0 && !strings.HasSuffix(name, "_s") && name != "half_tokens":
			return fmt.Errorf("%s must be above 0", name)
		}
		*p = number
	}
	return nil
}

func lookupParameter(list []Parameter, name string) *float64 {
	for _, p := range list {
		if p.Name == name {
			return p.Value
		}
	}
	return nil
}
