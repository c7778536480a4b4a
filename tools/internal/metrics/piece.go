package metrics

import "fmt"

const (
	// sameMoment is how far apart, in wall microseconds, chunks may come that
	// one write of the server, or of a proxy, brought.
	sameMoment = 20.0
	// sameMomentVirtual bounds it where a simulator's time runs fast.
	sameMomentVirtual = 1000.0
	// pieceGap is the mean time between chunks, in wall microseconds, below
	// which no server makes tokens: they were made before and sent together.
	pieceGap = 200.0
	// pieceShare is the most of the latency that such an answer takes to come.
	pieceShare = 0.05
	// pieceTokens is the most tokens that one step of an engine makes.
	pieceTokens = 8
	// fewPieces is the share of answers that may come so by chance.
	fewPieces = 0.05
)

// findPieces marks the answers that arrived in one piece, where they are more
// than a few: something between server and client holds the stream back until
// it is complete. The time to the first token is then the latency, and gaps
// say nothing.
func (p *point) findPieces() finding {
	several, pieces, held := 0, 0, 0
	for _, r := range p.requests {
		r.inOnePiece = false
	}
	for _, r := range p.ok {
		if r.chunks < 2 && !r.wholeChunk() {
			continue
		}
		several++
		if r.cameTogether() {
			pieces++
			if !r.lagExplains() {
				held++
			}
		}
	}
	if held < min(3, several) || float64(held) <= fewPieces*float64(several) {
		return finding{}
	}
	for _, r := range p.requests {
		r.inOnePiece = r.cameTogether()
	}
	what := fmt.Sprintf("%d of %d answers arrived in one piece", pieces, several)
	return finding{partial: pieces < several, short: what + ": the stream is buffered",
		what: what + ": something between server and client buffers the stream; ttft, gaps, tpot and goodput exclude them",
		hint: "measure the server directly, or disable the buffering of the proxy before it"}
}

// wholeChunk reports whether one chunk carried more tokens than an engine makes
// at once.
func (r *request) wholeChunk() bool { return r.chunks == 1 && r.generated.Int() > pieceTokens }

// cameTogether reports whether all tokens of a streamed answer came faster than
// any server makes them, long after the request was sent.
func (r *request) cameTogether() bool {
	return r.wholeChunk() || r.chunks > 1 && r.streaming <= pieceGap*r.speed*float64(r.chunks-1) && r.streaming <= pieceShare*r.latency
}

// lagExplains reports whether the client stood still for so long that the
// answer may have come piece by piece meanwhile.
func (r *request) lagExplains() bool {
	late := r.lag
	if r.pause > late {
		late = r.pause
	}
	return r.chunks > 1 && late > ignoredWait && late*r.speed > pieceShare*r.latency
}

// streamFaults reports what is unknown about the times of tokens.
func (p *point) streamFaults() []finding {
	n, all := len(p.ok), []finding{}
	streamed := count(p.ok, (*request).streamed)
	unstreamed := count(p.ok, func(r *request) bool { return !r.streamed() && r.generated.Int() > 0 })
	if unstreamed > 0 && streamed > 0 {
		short := fmt.Sprintf("%d of %d requests were not streamed", unstreamed, n)
		all = append(all, finding{partial: true, short: short, what: short + "; ttft and gaps exclude them"})
	}
	empty := count(p.ok, func(r *request) bool {
		return !r.streamed() && r.generated.Int() == 0 && (r.generated.Known() || streamed > 0)
	})
	if empty > 0 {
		short := fmt.Sprintf("%d of %d answers without a token", empty, n)
		all = append(all, finding{short: short, what: short + "; the mean latency includes them"})
	}
	if uncounted := count(p.ok, func(r *request) bool { return r.streamed() && !r.counted }); uncounted > 0 {
		short := fmt.Sprintf("tokens per chunk are unknown in %d of %d answers", uncounted, streamed)
		all = append(all, finding{partial: uncounted < streamed, short: short, what: short + "; gaps per token and goodput exclude them",
			hint: "collect gaps --per chunk needs no tokens"})
	}
	return append(all, p.bursts())
}

// bursts reports streams in which more than half of the chunks came in the
// same moment as the one before, without a lag of the client.
func (p *point) bursts() finding {
	chunks, starts := 0, 0
	for _, r := range p.ok {
		if r.streamed() && !r.inOnePiece {
			chunks += r.chunks
			starts += r.chunks - r.unexplained()
		}
	}
	if chunks == 0 || 2*(chunks-starts) <= chunks {
		return finding{}
	}
	short := fmt.Sprintf("tokens come in bursts of about %.0f chunks", float64(chunks)/float64(starts))
	return finding{short: short, what: short + ": most gaps are 0, percentiles of gaps say little"}
}

// unexplained is how many chunks came together with the one before though the
// client did not read late.
func (r *request) unexplained() int {
	if !r.blurred.Known() && r.lag > ignoredWait {
		return 0
	}
	explained := r.blurred.Int()
	if r.bounds != nil {
		explained = max(explained, r.bounds.early)
	}
	return max(0, r.together-explained)
}
