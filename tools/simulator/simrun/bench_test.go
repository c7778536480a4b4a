package simrun

import (
	"testing"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/simulator/simtest"
)

// BenchmarkPoint is a published point: 512 requests.
func BenchmarkPoint(b *testing.B) {
	lengths := prompt.Lengths{MeanPrompt: 2600, MeanNew: 60, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 4000, Context: 4096}
	for b.Loop() {
		run(b, simtest.A6000(b, "fastgen"), 1, 16, 512, 7, lengths)
	}
}
