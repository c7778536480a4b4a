package metrics

import (
	"math"

	"fastgenbench/tools/internal/record"
)

// steadyWindow is the time in which every client of a closed loop was at work,
// in microseconds: from the last client's first start to the first client's
// last end. Outside of it the load rises or drains.
func (p *point) steadyWindow() (from, to float64, found bool) {
	first, last := map[record.Count]float64{}, map[record.Count]float64{}
	for _, r := range p.requests { // in the order of their starts
		if !r.client.Known() {
			return 0, 0, false
		}
		if _, known := first[r.client]; !known {
			first[r.client] = r.start
		}
		last[r.client] = max(last[r.client], r.start+r.latency)
	}
	from, to = math.Inf(-1), math.Inf(1)
	for client := range first {
		from, to = max(from, first[client]), min(to, last[client])
	}
	return from, to, !p.open() && len(first) >= p.key.NumClients && to > from
}

// steady is the length of the steady window and the rate at which requests
// ended well in it, both absent where there is no such window.
func (p *point) steady() (record.Seconds, record.Rate) {
	from, to, found := p.steadyWindow()
	if !found {
		return record.Seconds{}, record.Rate{}
	}
	ended := count(p.ok, func(r *request) bool { end := r.start + r.latency; return end > from && end <= to })
	return seconds(to - from), perSecond(float64(ended), to-from)
}

// clientCPU is the mean share that the client took of its processors, where it
// is known, each request weighted by its time.
func clientCPU(requests []*request) record.Rate {
	share, time := 0.0, 0.0
	for _, r := range requests {
		if !math.IsNaN(r.cpu) {
			share, time = share+r.cpu*r.latency, time+r.latency
		}
	}
	return record.RateOf(share / time)
}
