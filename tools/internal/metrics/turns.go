package metrics

import (
	"fmt"
	"math"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Turns aggregates the turns of sessions into one row per point and turn: with a
// conversation the prompt grows, and so may the part of it that is cached.
// Requests that are no turn of a session are in no row.
type Turns struct{ Points }

// Add takes one request row.
func (t *Turns) Add(row record.Request) { t.add(row.Key, newRequest(row)) }

// Rows returns the rows, sorted by key, a point's in the order of the turns.
func (t *Turns) Rows() []record.Turns {
	var rows []record.Turns
	for _, p := range t.sorted() {
		byTurn, order := map[float64][]*request{}, []float64{}
		for _, r := range p.requests {
			if math.IsNaN(r.turn) {
				continue
			}
			if byTurn[r.turn] == nil {
				order = append(order, r.turn)
			}
			byTurn[r.turn] = append(byTurn[r.turn], r)
		}
		slices.Sort(order)
		for _, turn := range order {
			rows = append(rows, turnRow(p, int(turn), byTurn[turn]))
		}
	}
	return rows
}

func turnRow(p *point, turn int, requests []*request) record.Turns {
	ok := slices.DeleteFunc(slices.Clone(requests), func(r *request) bool { return !r.ok })
	ttft, latency := distribute(each(ok, (*request).ttft)), distribute(each(ok, latencyOf))
	return record.Turns{
		Key: p.key, Turn: turn, Requests: len(requests), OK: len(ok),
		PromptTokensMean: record.RateOf(mean(each(ok, func(r *request) float64 { return r.prompt.Float() }))),
		CachedShare:      shareCached(ok),
		TTFTMeanS:        ttft.mean, TTFTP50S: ttft.p50, TTFTP90S: ttft.p90, TTFTP99S: ttft.p99,
		LatencyMeanS: latency.mean, LatencyP99S: latency.p99,
		Doubt: p.doubt(), Status: p.status(),
	}
}

// Troubles is Points.Troubles and the requests that are in no row.
func (t *Turns) Troubles() []Trouble {
	troubles := t.Points.Troubles()
	for _, p := range t.sorted() {
		if outside := count(p.requests, func(r *request) bool { return math.IsNaN(r.turn) }); outside > 0 {
			troubles = append(troubles, finding{partial: true, hint: "sessions come from loadgen --turns, or a schedule with session_id",
				what: fmt.Sprintf("%d of %d requests have no session and are in no row", outside, len(p.requests))}.of(p))
		}
	}
	return troubles
}
