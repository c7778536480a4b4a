package metrics

import (
	"math"
	"runtime"
	"sync"

	"fastgenbench/tools/internal/record"
)

// Summary folds requests into one row a point. The zero value is ready.
//
// The original's throughput is num_clients / mean latency. In an open loop
// there is no fixed number of clients at work, so it is absent there: wall_rps
// is the rate that was reached.
//
// The gaps are all inter-token latencies. The original leaves each request's
// last one out because its engine ends with an empty message that is counted
// as a token; only chunks that brought tokens are in our rows, so the gaps that
// are left are the same.
type Summary struct{ Points }

// Add takes one request row.
func (s *Summary) Add(row record.Request) {
	s.further = tailLimit
	s.add(row).times = gapsOf(row.ChunkS, PerToken)
}

// Rows returns the points' rows, sorted by key.
func (s *Summary) Rows() []record.Summary {
	points := s.sorted()
	rows := make([]record.Summary, len(points))
	// Percentiles of millions of gaps are most of the work behind the reading.
	next := make(chan int)
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for i := range next {
				rows[i] = summarize(points[i])
			}
		})
	}
	for i := range points {
		next <- i
	}
	close(next)
	running.Wait()
	return rows
}

func summarize(p *point) record.Summary {
	ok, span := p.ok, p.span()
	row := record.Summary{
		Key: p.key, Requests: len(p.requests), OK: len(ok), SpanS: seconds(span),
		WallRPS:       perSecond(float64(len(ok)), span),
		GeneratedTPS:  perSecond(total(ok, func(r request) float64 { return known(r.generated) }), span),
		TotalTPS:      perSecond(total(ok, request.tokens), span),
		RequestTPS:    record.Rate(total(ok, request.rate) / float64(len(ok))),
		ThroughputRPS: record.NoRate(),
		PauseMaxS:     seconds(largest(each(p.requests, func(r request) float64 { return r.pause }))),
		ClientCPU:     clientCPU(p.requests),
		Status:        p.status(),
	}
	row.SteadyS, row.SteadyRPS = p.steady()
	setLatency(&row, distribute(each(ok, request.response)))
	setTTFT(&row, distribute(each(ok, func(r request) float64 { return r.ttft })))
	gaps := allTimes(ok)
	row.GapP99ErrorS = seconds(p.tailError(gaps))
	setGap(&row, distribute(gaps))
	row.LagP99S = seconds(Percentiles(each(ok, func(r request) float64 { return r.lag }), 99)[0])
	if p.key.RateRPS == 0 && row.LatencyMeanS > 0 {
		row.ThroughputRPS = record.Rate(float64(p.key.NumClients) / float64(row.LatencyMeanS))
	}
	return row
}

// rate is (prompt + generated tokens) / latency, per second; NaN when unknown.
func (r request) rate() float64 {
	if !(r.response() > 0) {
		return math.NaN()
	}
	return r.tokens() / r.response() * 1e6
}

// each lists what of is for all requests where it is known.
func each(requests []request, of func(request) float64) []float64 {
	values := make([]float64, 0, len(requests))
	for _, r := range requests {
		if v := of(r); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return values
}

// total adds up what of is; one that is not known makes the sum unknown.
func total(requests []request, of func(request) float64) float64 {
	sum := 0.0
	for _, r := range requests {
		sum += of(r)
	}
	return sum
}

func allTimes(requests []request) []float64 {
	n := 0
	for _, r := range requests {
		n += len(r.times)
	}
	times := make([]float64, 0, n)
	for _, r := range requests {
		times = append(times, r.times...)
	}
	return times
}

func setLatency(row *record.Summary, d distribution) {
	row.LatencyMeanS, row.LatencyP50S, row.LatencyP90S, row.LatencyP95S, row.LatencyP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setTTFT(row *record.Summary, d distribution) {
	row.TTFTMeanS, row.TTFTP50S, row.TTFTP90S, row.TTFTP95S, row.TTFTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setGap(row *record.Summary, d distribution) {
	row.GapMeanS, row.GapP50S, row.GapP90S, row.GapP95S, row.GapP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}
