package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// The line on stderr prints collect's figures.
func TestTheLineHasCollectsFigures(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	key := record.Key{ServerKey: record.ServerKey{Backend: "b", Model: "m", Speed: 1, TPSize: 1, NumReplicas: 1}, LoadKey: record.LoadKey{NumClients: 3}}
	sum, all := newTally(), metrics.Summary{}
	for i := range 40 {
		row := record.Request{Key: key, Request: record.CountOf(i), Client: record.CountOf(i % 3), StartS: record.InSeconds(float64(i)), Status: record.OK,
			PromptTokens: record.CountOf(1 + random.IntN(50))}
		at, tokens := 0.0, 0
		for range 1 + random.IntN(9) {
			at += 0.01 + random.Float64()
			n := 1 + random.IntN(2)
			tokens += n
			row.ChunkS = append(row.ChunkS, record.Chunk{At: at, Tokens: n})
		}
		row.LatencyS, row.GeneratedTokens = record.InSeconds(at), record.CountOf(tokens)
		if i%7 == 0 {
			row.Status, row.Error = record.Failed, "no luck"
		}
		sum.add(row)
		all.Add(row)
	}
	want := all.Rows()[0]
	line := sum.line(point{key: key})
	for _, one := range []struct {
		format string
		value  float64
	}{
		{"query throughput: %.3f queries/s", want.ThroughputRPS.Float()},
		{"token throughput (per request): %.1f tokens/s", want.RequestTPS.Float()},
		{"query latency: %.3f s", want.LatencyMeanS.Float()},
		{"token generation latency: %.4f s/token", want.GapMeanS.Float()},
		{"first token received: %.3f s", want.TTFTMeanS.Float()},
	} {
		if text := known(one.format, one.value); !strings.Contains(line, text) {
			t.Errorf("%q is not in %q", text, line)
		}
	}
}
