package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Trend reports whether a point was measured for long enough for its figures to be
// those of a steady load: requests were sent for several latencies, and latencies
// rose no more at the end. The zero value is ready. A load above what a server
// serves is not steady in an open loop: its queue grows for as long as it lasts.
type Trend struct{ requests []started }

type started struct{ start, latency float64 } // microseconds

const (
	// steadySpan is for how many mean latencies requests must have been sent.
	steadySpan = 4
	// risingShare is by how much the mean latency of the last quarter of the
	// requests may be above that of the quarter before it. Where a queue grows in a
	// straight line from nothing, the last is 1.4 times the other.
	risingShare = 0.2
	// risingSigmas is how many standard errors that has to be.
	risingSigmas = 2
)

// Add takes one request row. What was cancelled has no latency that counts.
func (t *Trend) Add(row record.Request) {
	if row.Status != record.Cancelled {
		t.requests = append(t.requests, started{microsOf(row.StartS), microsOf(row.LatencyS)})
	}
}

// Span is for how many mean latencies requests were sent; 0 without requests.
func (t *Trend) Span() float64 {
	if len(t.requests) == 0 {
		return 0
	}
	first := slices.MinFunc(t.requests, byStart)
	last := slices.MaxFunc(t.requests, byStart)
	if all, _ := spread(t.requests); all > 0 {
		return (last.start - first.start) / all
	}
	return math.Inf(1)
}

// Unsteady says why the point was not steady, "" where it was.
func (t *Trend) Unsteady() string {
	if span := t.Span(); span < steadySpan {
		return fmt.Sprintf("requests were sent for only %.1f mean latencies", span)
	}
	slices.SortStableFunc(t.requests, byStart)
	n := len(t.requests)
	before, after := t.requests[n/2:n-n/4], t.requests[n-n/4:]
	a, varA := spread(before)
	b, varB := spread(after)
	noise := math.Sqrt(varA/float64(len(before)) + varB/float64(len(after)))
	if b > (1+risingShare)*a && b-a > risingSigmas*noise {
		return fmt.Sprintf("latencies still rose: from %.3f to %.3f s in the last two quarters", a/1e6, b/1e6)
	}
	return ""
}

func byStart(a, b started) int { return cmp.Compare(a.start, b.start) }

// spread is the mean and the variance of latencies.
func spread(requests []started) (mean, variance float64) {
	for _, r := range requests {
		mean += r.latency / float64(len(requests))
	}
	for _, r := range requests {
		variance += (r.latency - mean) * (r.latency - mean) / float64(len(requests))
	}
	return mean, variance
}
