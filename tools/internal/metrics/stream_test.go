package metrics

import (
	"math"
	"slices"
	"testing"

	"fastgenbench/tools/internal/record"
)

// A sender of one token each 10 ms in bundles of k: whatever k, the gap per
// token is 10 ms and per chunk k times that.
func TestGapsOfBundledTokens(t *testing.T) {
	const pace, n = 10000, 840 // 840 is a multiple of 1 to 8
	for k := 1; k <= 8; k++ {
		var chunks record.Chunks
		for sent := k; sent <= n; sent += k {
			chunks = append(chunks, record.Chunk{At: at(int64(sent) * pace), Tokens: k})
		}
		perToken := written(chunks, PerToken)
		if len(perToken) != n-k || slices.Min(perToken) != 0.01 || slices.Max(perToken) != 0.01 {
			t.Errorf("%d tokens a chunk: %d gaps from %v to %v", k, len(perToken), slices.Min(perToken), slices.Max(perToken))
		}
		perChunk := written(chunks, PerChunk)
		want := float64(k) * pace / 1e6
		if len(perChunk) != n/k-1 || slices.Min(perChunk) != want || slices.Max(perChunk) != want {
			t.Errorf("%d tokens a chunk: %d gaps from %v to %v", k, len(perChunk), slices.Min(perChunk), slices.Max(perChunk))
		}
	}
}

func TestGapsAddUpToTheStream(t *testing.T) {
	rng := newRand()
	for range 2000 {
		chunks := randomChunks(rng, 40)
		length := chunks[len(chunks)-1].At - chunks[0].At
		for _, per := range []Per{PerToken, PerChunk} {
			sum := 0.0
			for _, gap := range written(chunks, per) {
				sum += gap
			}
			if math.Abs(sum-length) > 1e-9*(1+length) {
				t.Fatalf("gaps %v add up to %v, the stream lasts %v: %v", per, sum, length, chunks)
			}
		}
	}
}

func TestGapsOfOneTokenAChunkAreTheSame(t *testing.T) {
	rng := newRand()
	chunks := randomChunks(rng, 40)
	for i := range chunks {
		chunks[i].Tokens = 1
	}
	if a, b := written(chunks, PerToken), written(chunks, PerChunk); !slices.Equal(a, b) {
		t.Errorf("per token %v, per chunk %v", a, b)
	}
	if got := written(nil, PerToken); len(got) > 0 {
		t.Errorf("gaps of no chunks: %v", got)
	}
}

// written lists the gaps one by one, in seconds.
func written(chunks record.Chunks, per Per) []float64 {
	var all []float64
	for gap, n := range gaps(chunks, per) {
		all = append(all, slices.Repeat([]float64{gap / 1e6}, n)...)
	}
	return all
}
