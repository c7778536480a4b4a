package sim

import "strings"

// Constant is a number that was fitted or taken from elsewhere.
type Constant struct {
	// Owner is a GPU, a policy, policies that begin alike such as "vllm*", or "every".
	Owner string
	// Name is one of ConstantNames.
	Name   string
	Value  float64
	Fitted bool // by validate-sim fit; the others stand
	Source string
}

// Holds reports whether the constant is that of a GPU or policy.
func (k Constant) Holds(gpu, policy string) bool {
	family, all := strings.CutSuffix(k.Owner, "*")
	return k.Owner == every || k.Owner == gpu || k.Owner == policy || all && strings.HasPrefix(policy, family)
}

const (
	// every owns what holds for all GPUs and engines.
	every = "every"
	// typical is the GPU whose shares stand for one that was not fitted.
	typical = "A100-80GB"
)

// Constants lists the table of constants.
func Constants() []Constant { return append([]Constant(nil), constants...) }

// constants are all numbers of the model that neither a datasheet nor a
// model's shape gives. Figures are those of the FastGen blogs and, for 2024-03,
// of the FP6 blog. Where a constant is fitted, its source names the figures
// that determine it most; the fit looks at all fitted figures at once.
var constants = []Constant{
	{every, "host", 1, false, "by definition: the host of the A100s and the A6000"},
	{every, "kv_share", 0.92, false, "64k tokens of KV cache beside Llama-2-7b on an A6000, where 2023-11 fig8 saturates"},
	{every, "attention", 1, false, "flash attention on whole tiles is taken to reach what products reach"},
	{every, "fill", 73.1, true, "2023-11 fig2-left against fig3-left, 2024-01"},
	{every, "experts", 0.561, true, "2024-01 fig1-topright (Mixtral, FastGen)"},
	{every, "expert_s", 2.16e-05, true, "2024-01 fig1-topright at one client"},
	{every, "reread", 0.92, true, "2024-03 fig1-g250 and 2024-01 fig4-topleft (few KV heads)"},
	{every, "link", 0.33, true, "2023-11 fig2-left and fig7-left, 2024-01 fig5-topleft"},
	{every, "hop_s", 7.24e-06, true, "2024-01 fig4-topleft against fig5-topleft (2 and 8 GPUs)"},
	{"A6000", "compute", 0.756, true, "2023-11 fig8"},
	{"A6000", "fill", 388, true, "2023-11 fig8: FastGen at 768 tokens a pass, vLLM at 2600"},
	{"A6000", "bandwidth", 0.853, true, "2023-11 fig8 at one client"},
	{"A100-80GB", "compute", 0.71, true, "2023-11 fig2-left and fig3-left, 2024-01"},
	{"A100-80GB", "bandwidth", 0.735, true, "2023-11 fig3-left, 2024-03 fig1-g250"},
	{"H100-80GB", "compute", 0.646, true, "2023-11 fig7-left"},
	{"H100-80GB", "bandwidth", 0.566, true, "2023-11 fig7-left at few clients"},
	{"H100-80GB", "host", 1.74, true, "2023-11 fig7-left at one client"},
	{"fastgen*", "step_s", 0.000127, true, "2023-11 fig8, 2024-01 fig3-topleft"},
	{"fastgen", "layer_s", 0.000491, true, "2023-11 fig2-left and fig3-left at one client"},
	{"fastgen", "seq_s", 0.000295, true, "2023-11 fig2-left and fig8"},
	{"fastgen-0.2", "layer_s", 0.000212, true, "2024-01 fig3-topleft at one client (phi-2 on one GPU)"},
	{"fastgen-0.2", "seq_s", 0.000178, true, "2024-03 fig1-g250"},
	{"fastgen-0.2", "all_reduce_s", 0.000165, true, "2024-01 fig4-topleft and fig5-topleft at one client"},
	{"vllm*", "attention", 0.82, true, "2023-11 fig8: paged attention over 2600 tokens"},
	{"vllm-0.2", "layer_s", 0.000396, true, "2023-11 fig3-left at one client"},
	{"vllm-0.2", "step_s", 0.00122, true, "2023-11 fig8"},
	{"vllm-0.2", "seq_s", 0.000706, true, "2023-11 fig2-left and fig8"},
	{"vllm-0.2", "rank_s", 0.0127, true, "2023-11 fig2-left: its workers are called through Ray"},
	{"vllm-0.2.7", "layer_s", 0.00013, true, "2024-01, passes with prompts: others are captured graphs"},
	{"vllm-0.2.7", "step_s", 0.00334, true, "2024-01 fig3-topleft"},
	{"vllm-0.2.7", "seq_s", 0.000164, true, "2024-01 fig3-topleft and fig1-topright"},
	{"vllm-0.2.7", "rank_s", 0.00187, true, "2024-01 fig4-topleft"},
	{"vllm-0.2.7", "all_reduce_s", 5.42e-05, true, "2024-01, passes with prompts"},
	{"vllm", "step_s", 1e-3, false, "an estimate: its work for sequences runs beside the GPU"},
}
