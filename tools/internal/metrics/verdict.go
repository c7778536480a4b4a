package metrics

import (
	"math"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Verdict is what a service level says of one request.
type Verdict int

// The verdicts. A request that failed or timed out is Missed. Unjudged is one that
// ended ok and of which a bounded value is not known: it was not streamed, came in
// one piece, or without the number of its tokens. One that was cancelled when the
// run was ended is LeftOut: nobody knows what it would have become.
const (
	Unjudged Verdict = iota
	Good
	Missed
	LeftOut
)

// Judge judges one request by itself. Whether answers arrived in one piece shows only
// beside the point's others: Goodput looks at that, too.
func (s SLO) Judge(row record.Request) Verdict { return s.verdict(newRequest(row)) }

func (s SLO) verdict(r *request) Verdict {
	switch {
	case r.cancelled:
		return LeftOut
	case !r.ok:
		return Missed
	}
	if slices.ContainsFunc(s, func(b Bound) bool { return math.IsNaN(b.of(r)) }) {
		return Unjudged
	}
	if slices.ContainsFunc(s, func(b Bound) bool { return !b.keeps(r) }) {
		return Missed
	}
	return Good
}

// keeps reports whether a request kept one bound; one that is not ok keeps none.
func (b Bound) keeps(r *request) bool { return r.ok && b.of(r) <= b.micros() }

// of is the value that is bounded, in microseconds; NaN where it is not known. As in
// vLLM's client, TPOT is (latency - TTFT) / (tokens - 1) and 0 for an answer of one
// token, and so are the inter-token latencies of an answer without any.
func (b Bound) of(r *request) float64 {
	switch {
	case b.Part == "e2el":
		return r.latency
	case math.IsNaN(r.ttft()):
		return math.NaN()
	case b.Part == "ttft":
		return r.ttft()
	case b.Part == "tpot" && r.generated.Int() == 1:
		return 0
	case b.Part == "tpot":
		return r.tpot()
	case !r.counted:
		return math.NaN()
	case r.gaps.size() == 0:
		return 0
	case b.Percentile == 0:
		return r.gaps.mean()
	}
	return sample{ones: slices.Clone(r.gaps.ones), many: r.gaps.many}.percentiles(b.Percentile)[0]
}

func (s SLO) describe(row *record.Goodput, judged []*request) {
	row.SLO = record.Text(s.String())
	s.setParts(row, judged)
}

// setParts fills in the share of the judged requests that kept each part of the
// level: all bounds of it, where there are several.
func (s SLO) setParts(row *record.Goodput, judged []*request) {
	for _, part := range Parts() {
		bounds := slices.DeleteFunc(slices.Clone(s), func(b Bound) bool { return b.Part != part })
		if len(bounds) == 0 {
			continue
		}
		kept := count(judged, func(r *request) bool {
			return !slices.ContainsFunc(bounds, func(b Bound) bool { return !b.keeps(r) })
		})
		*attainedIn(row, part) = shareOf(kept, len(judged))
	}
}

// attainedIn is the cell of a part's attainment.
func attainedIn(row *record.Goodput, part string) *record.Rate {
	return map[string]*record.Rate{"ttft": &row.AttainmentTTFT, "tpot": &row.AttainmentTPOT, "itl": &row.AttainmentITL, "e2el": &row.AttainmentE2EL}[part]
}

// shareOf is k / n, absent where n is 0.
func shareOf(k, n int) record.Rate { return record.RateOf(float64(k) / float64(n)) }
