package metrics

import (
	"iter"

	"fastgenbench/tools/internal/record"
)

// Per says what a gap leads to: the next token or the next chunk.
type Per int

const (
	// PerToken is the inter-token latency. A chunk that brings k tokens a time
	// d after the chunk before it stands for k gaps of d/k. An engine that
	// decodes several tokens per step (speculative decoding) or a server that
	// bundles them makes one token every d/k; one gap of d and k-1 of 0 would
	// have the same mean but make half the percentiles 0 and the others depend
	// on the bundling. With one token per chunk this is PerChunk.
	//
	// The first chunk brings no gap however many tokens it has: their pace is
	// hidden in the time to first token. So the mean of a steady stream is its
	// pace, whatever the bundles.
	PerToken Per = iota
	// PerChunk is the time from one chunk to the next, what a reader of the
	// stream sees as pauses.
	PerChunk
)

// String is token or chunk.
func (p Per) String() string {
	if p == PerChunk {
		return "chunk"
	}
	return "token"
}

// gaps walks over the gaps of one request in order: each is a time in
// microseconds and how often it counts. Per token, every chunk's number of
// tokens must be known.
func gaps(chunks record.Chunks, per Per) iter.Seq2[float64, int] {
	return func(yield func(float64, int) bool) {
		for gap, tokens := range chunkGaps(chunks) {
			if per == PerChunk {
				tokens = 1
			}
			if !yield(gap/float64(tokens), tokens) {
				return
			}
		}
	}
}

// chunkGaps walks over all chunks but the first: the time since the one
// before, in microseconds, and the tokens that came.
func chunkGaps(chunks record.Chunks) iter.Seq2[float64, int] {
	return func(yield func(float64, int) bool) {
		if len(chunks) == 0 {
			return
		}
		before := micros(chunks[0].At)
		for _, chunk := range chunks[1:] {
			at := micros(chunk.At)
			if !yield(at-before, chunk.Tokens) {
				return
			}
			before = at
		}
	}
}
