package main

import (
	"testing"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/record"
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
		r := record.Request{PromptTokens: record.CountOf(prompt)}
		for _, at := range c.times {
			r.ChunkS = append(r.ChunkS, record.Chunk{At: at, Tokens: 1})
		}
		if got := keeps(&r, slaGen); got != c.want {
			t.Errorf("%s: kept %v", name, got)
		}
	}
}

func TestAPublishedLoadIsCutAtContextAndEnd(t *testing.T) {
	whole := load(record.Key{}, published.Config{Model: "phi-2", Prompt: 1900, Gen: 128}, 300)
	ended := load(record.Key{}, published.Config{Model: "mixtral-8x7b-v0.1", Prompt: 1900, Gen: 1500}, 300)
	sum := 0
	for i := range 300 {
		if size := whole.Size(i); size.Prompt > 2000 || size.Prompt+size.New > 2048 {
			t.Errorf("%+v is longer than the context", size)
		}
		sum += ended.Size(i).New
	}
	if mean := sum / 300; mean < 700 || mean > 900 { // 1/0.0009, cut at some 1500
		t.Errorf("%d tokens in the mean", mean)
	}
}
