package metrics

import "fastgenbench/tools/internal/record"

// Gaps aggregates requests into one row of token latencies per point, as the
// original suite's percentile figure has them.
type Gaps struct {
	Points
	// SkipRequests of the first and as many of the last requests by start are
	// left out: the start and the end of a run are not its steady state.
	SkipRequests int
	// SkipTokens of each request's first token times are left out, and the last
	// one always. The time of the first token is its TTFT, so with 1 the
	// inter-token latencies are left, with 0 the TTFT is among them, as in the
	// original.
	SkipTokens int
	// Per is what a gap leads to; tokens unless set.
	Per Per
}

// Add takes one request row.
func (g *Gaps) Add(row record.Request) {
	r := newRequest(row)
	if r.streamed() && (r.counted || g.Per == PerChunk) {
		r.times = g.keep(r.first, row.ChunkS)
	}
	g.add(row.Key, r)
}

// keep lists the token times that are not skipped.
func (g *Gaps) keep(ttft float64, chunks record.Chunks) sample {
	left := 0 // of those that are kept
	for _, n := range gaps(chunks, g.Per) {
		left += n
	}
	left -= g.SkipTokens // one more with the TTFT, one less for the last
	skip := g.SkipTokens
	var kept sample
	take := func(time float64, n int) {
		skipped := min(skip, n)
		skip -= skipped
		n = min(n-skipped, left)
		kept.add(time, n)
		left -= max(0, n)
	}
	take(ttft, 1)
	for gap, n := range gaps(chunks, g.Per) {
		take(gap, n)
	}
	return kept
}

// Rows returns the points' rows, sorted by key. Where nothing is known of when
// tokens came, it is not known how many gaps there are.
func (g *Gaps) Rows() []record.Gaps {
	var rows []record.Gaps
	for _, p := range g.sorted() {
		row := record.Gaps{
			Key: p.key, SkipRequests: g.SkipRequests, SkipTokens: g.SkipTokens, Per: record.Text(g.Per.String()),
			Doubt: p.doubt(), Status: p.status(),
		}
		if g.known(p) {
			times := g.times(p)
			row.Gaps = record.CountOf(times.size())
			d := times.distribution()
			row.P50S, row.P90S, row.P95S, row.P99S = d.p50, d.p90, d.p95, d.p99
		}
		rows = append(rows, row)
	}
	return rows
}

// known reports whether gaps are known of any request.
func (g *Gaps) known(p *point) bool {
	return count(p.ok, func(r *request) bool {
		return r.streamed() && !r.inOnePiece && (r.counted || g.Per == PerChunk)
	}) > 0
}

// times are those that are left of a point.
func (g *Gaps) times(p *point) sample {
	first := min(g.SkipRequests, len(p.ok))
	var all sample
	for _, r := range p.ok[first:max(first, len(p.ok)-g.SkipRequests)] {
		if !r.inOnePiece {
			all.join(r.times)
		}
	}
	return all
}

// Troubles is Points.Troubles and the points of which nothing remained.
func (g *Gaps) Troubles() []Trouble {
	troubles := g.Points.Troubles()
	for _, p := range g.sorted() {
		switch {
		case !g.known(p):
			troubles = append(troubles, finding{partial: true, hint: "measure with --stream",
				what: "no gap is known: not streamed, buffered, or without tokens per chunk"}.of(p))
		case g.times(p).size() == 0:
			troubles = append(troubles, finding{partial: true, hint: "skip less, or send more requests or longer ones",
				what: "no gap remains: too few requests or tokens"}.of(p))
		}
	}
	return troubles
}
