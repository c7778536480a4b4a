package metrics

import (
	"runtime"
	"slices"
	"sync"

	"fastgenbench/tools/internal/record"
)

// Summary aggregates requests into one row per point. The zero value is ready.
//
// The original's throughput is num_clients / mean latency. In an open loop
// there is no fixed number of clients at work, so it is absent there: wall_rps
// is the rate that was reached. Nor is it there for sessions, whose users think.
//
// The gaps are all inter-token latencies. The original leaves each request's
// last one out because its engine ends with an empty message that is counted
// as a token; only chunks that brought tokens are in our rows, so the gaps that
// are left are the same.
type Summary struct{ Points }

// Add takes one request row.
func (s *Summary) Add(row record.Request) { s.add(row.Key, newRequest(row)) }

// Rows returns the points' rows, sorted by key.
func (s *Summary) Rows() []record.Summary {
	points := s.sorted()
	rows := make([]record.Summary, len(points))
	// Sorting millions of gaps is most of the work after the reading.
	next := make(chan int)
	var running sync.WaitGroup
	for range min(len(points), runtime.GOMAXPROCS(0)) {
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
	row := record.Summary{
		Key: p.key, Requests: len(p.requests), OK: len(p.ok), SpanS: seconds(p.span()),
		InFlightMean:  record.RateOf(p.inFlight()),
		SendDelayP99S: seconds(p.sendDelayP99()),
		PauseMaxS:     seconds(largest(each(p.requests, func(r *request) float64 { return r.pause }))),
		ClientCPU:     clientCPU(p.requests),
		LagP99S:       seconds(Percentiles(each(p.ok, func(r *request) float64 { return r.lag }), 99)[0]),
		Doubt:         p.doubt(), Status: p.status(),
	}
	row.SteadyS, row.SteadyRPS = p.steady()
	setRates(&row, p)
	setLengths(&row, p.ok)
	setLatency(&row, distribute(each(p.ok, latencyOf)))
	setTTFT(&row, p.ok)
	setTPOT(&row, distribute(each(p.ok, (*request).tpot)))
	gaps := p.tokenGaps()
	setGap(&row, gaps.distribution())
	row.GapP99ErrorS = seconds(p.tailError(gaps))
	if n := p.key.NumClients; !p.open() && !p.sessions() && n > 0 && row.LatencyMeanS.Float() > 0 {
		row.ThroughputRPS = record.RateOf(float64(n) / row.LatencyMeanS.Float())
	}
	return row
}

func setRates(row *record.Summary, p *point) {
	span := p.span()
	row.WallRPS = perSecond(float64(len(p.ok)), span)
	row.GeneratedTPS = perSecond(total(p.ok, generatedOf), span)
	row.TotalTPS = perSecond(total(p.ok, (*request).tokens), span)
	row.RequestTPS = record.RateOf(total(p.ok, (*request).rate) / float64(len(p.ok)))
}

func generatedOf(r *request) float64 { return r.generated.Float() }

func setLengths(row *record.Summary, ok []*request) {
	meanOf := func(of func(*request) record.Count) record.Rate {
		return record.RateOf(mean(each(ok, func(r *request) float64 { return of(r).Float() })))
	}
	row.AskedPromptTokensMean = meanOf(func(r *request) record.Count { return r.askedPrompt })
	row.PromptTokensMean = meanOf(func(r *request) record.Count { return r.prompt })
	row.MaxNewTokensMean = meanOf(func(r *request) record.Count { return r.askedNew })
	row.GeneratedTokensMean = meanOf(func(r *request) record.Count { return r.generated })
	row.ReasoningTokens = sum(ok, func(r *request) record.Count { return r.reasoning })
	row.CachedTokens = sum(ok, func(r *request) record.Count { return r.cached })
	row.CachedShare = shareCached(ok)
	row.ServerQueueMeanS = seconds(mean(each(ok, func(r *request) float64 { return r.queue })))
	row.ServerTTFTMeanS = seconds(mean(each(ok, func(r *request) float64 { return r.server })))
}

// shareCached is the cached tokens / the prompt tokens of the requests that have
// both; absent where none has.
func shareCached(ok []*request) record.Rate {
	both := slices.DeleteFunc(slices.Clone(ok), func(r *request) bool { return !r.prompt.Known() || !r.cached.Known() })
	return record.RateOf(total(both, func(r *request) float64 { return r.cached.Float() }) /
		total(both, func(r *request) float64 { return r.prompt.Float() }))
}

// sum adds up a count where it is known, absent where it is nowhere.
func sum(requests []*request, of func(*request) record.Count) record.Count {
	var all record.Count
	for _, r := range requests {
		if n := of(r); n.Known() {
			all = record.CountOf(all.Int() + n.Int())
		}
	}
	return all
}

func setLatency(row *record.Summary, d distribution) {
	row.LatencyMeanS, row.LatencyP50S, row.LatencyP90S, row.LatencyP95S, row.LatencyP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setTTFT(row *record.Summary, ok []*request) {
	d := distribute(each(ok, (*request).ttft))
	row.TTFTMeanS, row.TTFTP50S, row.TTFTP90S, row.TTFTP95S, row.TTFTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
	d = distribute(each(ok, (*request).visibleTTFT))
	row.TTFTVisibleMeanS, row.TTFTVisibleP99S = d.mean, d.p99
}

func setTPOT(row *record.Summary, d distribution) {
	row.TPOTMeanS, row.TPOTP50S, row.TPOTP90S, row.TPOTP95S, row.TPOTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setGap(row *record.Summary, d distribution) {
	row.GapMeanS, row.GapP50S, row.GapP90S, row.GapP95S, row.GapP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}
