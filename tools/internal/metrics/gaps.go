package metrics

import (
	"slices"

	"fastgenbench/tools/internal/record"
)

// Gaps folds requests into one row of token latencies a point, as the original
// suite's percentile figure has them.
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
	if r := g.add(row); r.streamed() {
		r.times = append(make([]float64, 0, row.ChunkS.Tokens()), r.ttft)
		r.times = appendGaps(r.times, row.ChunkS, g.Per)
	}
}

// Rows returns the points' rows, sorted by key. A point of which nothing
// remains has none; see Troubles.
func (g *Gaps) Rows() []record.Gaps {
	var rows []record.Gaps
	for _, p := range g.sorted() {
		times := slices.Concat(g.kept(p.ok)...)
		if len(times) == 0 {
			continue
		}
		d := distribute(times)
		rows = append(rows, record.Gaps{
			Key: p.key, SkipRequests: g.SkipRequests, SkipTokens: g.SkipTokens,
			Per: record.Text(g.Per.String()), Gaps: len(times),
			P50S: d.p50, P90S: d.p90, P95S: d.p95, P99S: d.p99, Status: p.status(),
		})
	}
	return rows
}

// kept lists, request by request, the token times that are not skipped.
func (g *Gaps) kept(ok []request) [][]float64 {
	first := min(g.SkipRequests, len(ok))
	ok = ok[first:max(first, len(ok)-g.SkipRequests)]
	var kept [][]float64
	for _, r := range ok {
		if last := len(r.times) - 1; last > g.SkipTokens {
			kept = append(kept, r.times[g.SkipTokens:last])
		}
	}
	return kept
}

// Troubles is Points.Troubles and the points of which nothing remained.
func (g *Gaps) Troubles() []Trouble {
	troubles := g.Points.Troubles()
	for _, p := range g.sorted() {
		if len(g.kept(p.ok)) == 0 {
			troubles = append(troubles, trouble(p, true,
				"no gap remains, left out: not streamed, or too few requests or tokens", "measure with --stream, or skip less"))
		}
	}
	return troubles
}
