package sim

import (
	"math"
	"testing"
)

func TestConstantsComeBackFromTheirText(t *testing.T) {
	want := Fitted().Calibrate("H100-80GB", "vllm-0.2.7")
	var got Calibration
	if err := got.Set(want.String()); err != nil {
		t.Fatal(err)
	}
	for i, p := range got.Adjustable() {
		if was := *want.Adjustable()[i].Value; math.Abs(*p.Value-was) > 1e-3*was {
			t.Errorf("%s = %v, was %v", p.Name, *p.Value, was)
		}
	}
	for _, text := range []string{"", "compute", "compute=", "compute=x", "compute=0", "compute=-1", "step_s=NaN", "speed=1", "layer_s=Inf"} {
		before := got
		if err := got.Set(text); err == nil {
			t.Errorf("%q passed: %v", text, got)
		}
		if got != before {
			t.Errorf("%q changed something", text)
		}
	}
	if err := got.Set("step_s=0,compute=0.5"); err != nil || got.StepS != 0 || got.Compute != 0.5 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestEveryPolicyHasItsConstants(t *testing.T) {
	for _, policy := range Policies() {
		if Fitted().Engines[policy] == nil {
			t.Errorf("%s has no constants", policy)
		}
		if c := Fitted().Calibrate("L4", policy); c.Compute != Fitted().Calibrate(likeGPU, policy).Compute {
			t.Errorf("%s on a GPU that nothing was measured on reaches %v", policy, c.Compute)
		}
	}
	seen := map[string]bool{}
	for _, p := range Fitted().Parameters() {
		if seen[p.Name] || !(*p.Value > 0) || p.Most > 0 && *p.Value > p.Most {
			t.Errorf("%s = %v", p.Name, *p.Value)
		}
		seen[p.Name] = true
	}
}

// More work never takes less time, whatever the engine.
func TestPassesTakeLongerWithMoreWork(t *testing.T) {
	for _, policy := range Policies() {
		for _, model := range Models() {
			cfg := Config{Model: model, Hardware: gpus[1], TP: 8, Policy: policy, Calibration: Fitted().Calibrate(gpus[1].Name, policy)}
			last := 0.0
			for _, tokens := range []int{1, 64, 256, 768, 2048, 4096} {
				now := cfg.forwardSeconds(batch{tokens: tokens, reads: float64(tokens), pairs: float64(tokens * tokens / 2), seqs: 1})
				if now <= last {
					t.Errorf("%s, %s: %d tokens take %v, fewer took %v", policy, model.Name, tokens, now, last)
				}
				last = now
			}
		}
	}
}
