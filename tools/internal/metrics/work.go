package metrics

import (
	"fmt"
	"math"

	"fastgenbench/tools/internal/record"
)

var nan = math.NaN()

// What passes as the work that was asked for, and as no prefix cache.
const (
	askedNewShare    = 0.02
	askedPromptShare = 0.05
	cachedShare      = 0.01
)

// workFaults reports lengths other than requested.
func (p *point) workFaults() []finding {
	var all []finding
	asked, done := p.both(func(r *request) (a, b record.Count) { return r.askedNew, r.generated })
	if off := done/asked - 1; math.Abs(off) > askedNewShare {
		end := ""
		if off < 0 {
			end = "; answers end early"
		}
		short := fmt.Sprintf("generated %.1f of the %.1f tokens requested per request", done, asked)
		all = append(all, finding{short: short, what: short + end})
	}
	asked, done = p.both(func(r *request) (a, b record.Count) { return r.askedPrompt, r.prompt })
	if math.Abs(done/asked-1) > askedPromptShare {
		short := fmt.Sprintf("prompts of %.1f tokens where %.1f were requested", done, asked)
		all = append(all, finding{short: short, what: short})
	}
	prompt, cached := p.both(func(r *request) (a, b record.Count) { return r.prompt, r.cached })
	if share := cached / prompt; share > cachedShare && p.key.Workload == "" {
		short := fmt.Sprintf("%.1f %% of the prompt tokens came from a prefix cache", 100*share)
		all = append(all, finding{short: short, what: short + ", although all prompts differ"})
	}
	return all
}

// both are the means of two counts over the requests that have both, NaN where
// none has.
func (p *point) both(of func(*request) (a, b record.Count)) (float64, float64) {
	sumA, sumB, n := 0.0, 0.0, 0.0
	for _, r := range p.ok {
		if a, b := of(r); a.Known() && b.Known() {
			sumA, sumB, n = sumA+a.Float(), sumB+b.Float(), n+1
		}
	}
	return sumA / n, sumB / n
}

// sendDelayP99 is the 99th percentile of start - due over all requests that
// were sent, in virtual microseconds; NaN in a closed loop.
func (p *point) sendDelayP99() float64 {
	return Percentiles(each(p.requests, func(r *request) float64 { return r.delay }), 99)[0]
}

// sendDelay reports that requests of an open loop were sent after they were due,
// and whether connections or the client took the time.
func (p *point) sendDelay() finding {
	p99 := p.sendDelayP99()
	if !p.matters(p99) || p.matters(p.medianLateness()) {
		return finding{}
	}
	late := Percentiles(each(p.requests, func(r *request) float64 { return r.late }), 99)[0]
	own := Percentiles(each(p.requests, func(r *request) float64 {
		if r.connect > 0 {
			return max(0, r.late-r.connect*p.speed())
		}
		return r.late
	}), 99)[0]
	why := "the client was late"
	switch {
	case !p.matters(late):
		why = fmt.Sprintf("they waited for one of %d slots", p.key.NumClients)
	case !p.matters(own):
		why = fmt.Sprintf("connecting took %.3f s", mean(each(p.requests, func(r *request) float64 { return r.connect }))/1e6)
	}
	short := fmt.Sprintf("sent up to %.3f s after they were due (p99): %s", p99/1e6, why)
	return finding{short: "requests " + short, what: "requests were " + short + "; latencies count from the start, not from the due time"}
}
