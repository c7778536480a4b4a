package metrics

import (
	"fmt"

	"fastgenbench/tools/internal/record"
)

// The least share of a closed loop's clients that must have a request in
// flight on average: over the whole span, in which the load rises and drains,
// and in the window where all clients are at work.
const (
	leastInFlight       = 0.9
	leastInFlightSteady = 0.95
)

// inFlight is the mean number of requests in flight over the span, by Little's
// law the sum of latencies / span; NaN without a span.
func (p *point) inFlight() float64 {
	if span := p.span(); span > 0 {
		return total(p.requests, latencyOf) / span
	}
	return nan
}

// inFlightSteady is the mean number in flight in the steady window, NaN where
// there is none.
func (p *point) inFlightSteady() float64 {
	from, to, found := p.steadyWindow()
	if !found {
		return nan
	}
	busy := total(p.requests, func(r *request) float64 {
		return max(0, min(to, r.start+r.latency)-max(from, r.start))
	})
	return busy / (to - from)
}

// littlesLaw reports that the clients of a closed loop were not always waiting
// for an answer, as num_clients / latency supposes, and why.
func (p *point) littlesLaw() finding {
	n := float64(p.key.NumClients)
	if p.open() || n < 1 {
		return finding{}
	}
	mean, over := p.inFlight(), "on average"
	idle := p.idle()
	if p.sessions() && idle.absent == 0 { // users think
		return finding{}
	}
	if !(mean < leastInFlight*n) && idle.absent == 0 {
		if mean, over = p.inFlightSteady(), "while all were at work"; !(mean < leastInFlightSteady*n) {
			return finding{}
		}
	}
	why := idle.why(p)
	return finding{short: fmt.Sprintf("in flight %.3g of %.0f: %s", mean, n, why),
		what: fmt.Sprintf("%.3g of %.0f clients had a request in flight %s: %s", mean, n, over, why),
		hint: "throughput_rps assumes that each client always has a request in flight; wall_rps does not"}
}

// idle is the time in which clients had no request in flight, in microseconds
// summed over clients, by its cause.
type idle struct {
	// absent clients never sent anything.
	absent int
	// ramp is before a client's first and after its last request, open while the
	// server kept an answer open after its last token, connect for connecting,
	// failed after requests that did not end ok.
	ramp, open, connect, failed, other float64
}

func (p *point) idle() idle {
	var i idle
	span, from := p.span(), p.requests[0].start
	last := map[record.Count]*request{}
	for _, r := range p.requests {
		if !r.client.Known() {
			return idle{other: span}
		}
		before := last[r.client]
		if before == nil {
			i.ramp += r.start - from
		} else {
			i.between(before, r)
		}
		last[r.client] = r
	}
	for _, r := range last {
		i.ramp += from + span - r.start - r.latency
	}
	i.absent = max(0, p.key.NumClients-len(last))
	return i
}

// between accounts for the time between two requests of one client.
func (i *idle) between(before, r *request) {
	wait := max(0, r.start-before.start-before.latency)
	take := func(cause *float64, most float64) {
		if most = min(most, wait); most > 0 {
			*cause, wait = *cause+most, wait-most
		}
	}
	take(&i.open, before.end-before.latency)
	take(&i.connect, r.connect*r.speed)
	if before.ok {
		take(&i.other, wait)
	} else {
		take(&i.failed, wait)
	}
}

// why names the largest cause.
func (i idle) why(p *point) string {
	n := p.key.NumClients
	switch worst := max(i.ramp, i.open, i.connect, i.failed, i.other); {
	case len(p.requests) < n:
		return fmt.Sprintf("fewer requests than clients (%d)", len(p.requests))
	case i.absent > 0:
		return fmt.Sprintf("only %d clients sent a request", n-i.absent)
	case worst == i.ramp:
		return fmt.Sprintf("few requests per client (the rise and fall of the load take %.0f %% of the span)", 100*i.ramp/p.span()/float64(n))
	case worst == i.open:
		return fmt.Sprintf("answers stay open for %.3f s after their last token", mean(each(p.requests, func(r *request) float64 { return r.end - r.latency }))/1e6)
	case worst == i.connect:
		return fmt.Sprintf("connecting took %.3f s per request", mean(each(p.requests, func(r *request) float64 { return r.connect }))/1e6)
	case worst == i.failed:
		return "clients pause after requests that fail"
	case p.limit.what != "":
		return "the client was late"
	}
	if missing := missingRows(p.requests); missing > 0 {
		return fmt.Sprintf("%d rows are missing", missing)
	}
	return "the rows do not show why"
}

// missingRows is how many of the numbers from 0 up no request has.
func missingRows(requests []*request) int {
	last, numbers := -1, map[int]bool{}
	for _, r := range requests {
		if r.number.Known() {
			last, numbers[r.number.Int()] = max(last, r.number.Int()), true
		}
	}
	return last + 1 - len(numbers)
}
