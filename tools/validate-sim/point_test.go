package main

import (
	"testing"

	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// The model's requests are judged as collect judges rows: the TTFT at its
// limit is kept, a pace at its limit is not.
func TestTheLevelIsThatOfCollect(t *testing.T) {
	const prompt = slaPrompt // one second is the limit of the TTFT
	for name, c := range map[string]struct {
		times []float64
		want  bool
	}{
		"one token":                      {[]float64{1}, true},
		"one token, late":                {[]float64{1.5}, false},
		"exactly the promised rate":      {[]float64{1, 1.25, 1.5, 1.75}, false},
		"faster":                         {[]float64{1, 1.125, 1.25}, true},
		"slower":                         {[]float64{1, 1.125, 1.75}, false},
		"faster, then just at the limit": {[]float64{0.5, 0.75}, false},
	} {
		r := sim.Result{Prompt: prompt, New: len(c.times), TokenTimes: c.times}
		if got := keeps(r, slaGen); got != c.want {
			t.Errorf("%s: kept %v", name, got)
		}
		row := requestRow(record.Key{ServerKey: record.ServerKey{Speed: 1}}, 0, r)
		service := metrics.NewService(row.PromptTokens, row.ChunkS[0].At, row.ChunkS)
		if got := service.Keeps(metrics.Level{PromptTPS: slaPrompt, GenTPS: slaGen, Rule: metrics.EMA16}); got != c.want {
			t.Errorf("%s: kept %v by collect's rule", name, got)
		}
	}
}
