// Package simtest holds the engine that tests of several packages simulate. No
// program imports it.
package simtest

import (
	"testing"

	"fastgenbench/tools/simulator/sim"
)

// A6000 is the engine of the published example: Llama-2-7b on one A6000, with the
// batch size of the original suite.
func A6000(t testing.TB, policy string) sim.Config {
	t.Helper()
	model, err := sim.LookupModel("llama-2-7b-hf")
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := sim.LookupGPU("a6000")
	if err != nil {
		t.Fatal(err)
	}
	return sim.Config{Model: model, Hardware: gpu, TP: 1, Policy: policy, MaxBatchedTokens: 768}
}
