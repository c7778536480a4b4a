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
	// decodes several tokens a step (speculative decoding) or a server that
	// bundles them makes one token every d/k; one gap of d and k-1 of 0 would
	// have the same mean but make half the percentiles 0 and the others depend
	// on the bundling. With one token a chunk this is PerChunk.
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

// AppendGaps appends the gaps of one request, in seconds and in order, and
// returns the longer slice.
func AppendGaps(gaps []float64, chunks record.Chunks, per Per) []float64 {
	old := len(gaps)
	gaps = appendGaps(gaps, chunks, per)
	for i := range gaps[old:] {
		gaps[old+i] /= 1e6
	}
	return gaps
}

// appendGaps is AppendGaps in microseconds.
func appendGaps(gaps []float64, chunks record.Chunks, per Per) []float64 {
	for gap, tokens := range chunkGaps(chunks) {
		if per == PerChunk || tokens == 1 {
			gaps = append(gaps, gap)
			continue
		}
		for range tokens {
			gaps = append(gaps, gap/float64(tokens))
		}
	}
	return gaps
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

// gapsOf is appendGaps to a slice of just the right size.
func gapsOf(chunks record.Chunks, per Per) []float64 {
	if len(chunks) == 0 {
		return nil
	}
	return appendGaps(make([]float64, 0, chunks.Tokens()-chunks[0].Tokens), chunks, per)
}
