package metrics

import (
	"math"

	"fastgenbench/tools/internal/record"
)

// bounds are between what the gaps per token of a request, and its time to first
// token, can have been, in microseconds. Where every chunk has a timestamp of its
// own, they are the gaps themselves.
type bounds struct {
	low, high sample
	first     float64 // by how much the first chunk may have come earlier
	early     int     // chunks that may have come earlier
}

// bound finds the bounds of a request with early chunks; of others it returns
// false. A chunk that may have come d before its time t came between t - d and t.
// The chunks of one read have one time, so that
//
//   - the gap that leads to the first of them is at most as long as it seems, and
//     shorter by d at most;
//   - the gaps between them add up to d at most: the longest is at most d, the
//     second longest d/2, and so on.
//
// A percentile of all gaps lies between those of all lower and all upper bounds:
// for any length, at least as many lower bounds as gaps are below it, and at most
// as many upper bounds.
func bound(chunks record.Chunks) (b bounds, uncertain bool) {
	for _, c := range chunks {
		if c.Early > 0 {
			b.early++
		}
	}
	if b.early == 0 {
		return b, false
	}
	b.first = micros(chunks[0].Early)
	behind, within := 0, 0.0 // tokens behind the first chunk of the read, and what their gaps add up to
	for i := 1; i < len(chunks); i++ {
		c, before := chunks[i], chunks[i-1]
		gap, tokens := micros(c.At)-micros(before.At), float64(c.Tokens)
		early := min(micros(c.Early), micros(c.At))
		if before.Early > 0 && gap == 0 { // of the read of the one before
			if behind == 0 {
				within = micros(before.Early)
			}
			b.low.add(0, c.Tokens)
			b.high.add(within/max(tokens, float64(behind+1)), c.Tokens)
			behind += c.Tokens
			continue
		}
		behind = 0
		b.low.add(max(0, gap-early)/tokens, c.Tokens)
		b.high.add((gap+micros(before.Early))/tokens, c.Tokens)
	}
	return b, true
}

// markUncertain marks the uncertain chunks of rows written before rows said how
// early a chunk may have come, which only count them: those with the time of the next
// one may have come any time since the previous one.
func markUncertain(chunks record.Chunks, blurred record.Count) record.Chunks {
	if blurred.Int() == 0 {
		return chunks
	}
	marked, last := append(record.Chunks(nil), chunks...), 0.0
	for i := range marked {
		if marked[i].Early > 0 {
			return chunks
		}
		if i+1 < len(marked) && micros(marked[i].At) == micros(marked[i+1].At) {
			marked[i].Early = marked[i].At - last
		} else {
			last = marked[i].At
		}
	}
	return marked
}

// gapBounds are the bounds of the gaps of all requests that ended ok.
func (p *point) gapBounds() (low, high sample) {
	for _, r := range p.ok {
		switch {
		case r.inOnePiece:
		case r.bounds == nil:
			low.join(r.gaps)
			high.join(r.gaps)
		default:
			low.join(r.bounds.low)
			high.join(r.bounds.high)
		}
	}
	return low, high
}

// certain reports whether all chunks have timestamps of their own.
func (p *point) certain() bool {
	return count(p.ok, func(r *request) bool { return r.bounds != nil && !r.inOnePiece }) == 0
}

// distances are by how much each percentile lies from where its bounds are.
func distances(value, low, high []float64) []float64 {
	far := make([]float64, len(value))
	for i := range far {
		far[i] = math.Max(value[i]-low[i], high[i]-value[i])
	}
	return far
}
