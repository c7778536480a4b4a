package metrics

import (
	"math"

	"fastgenbench/tools/internal/record"
)

// steady is the window of a closed loop in which every client was at work, and
// the rate at which requests ended well in it. Outside of it the load rises or
// drains. Both are absent in an open loop, and where there is no such window.
func (p *point) steady() (record.Seconds, record.Rate) {
	first, last := map[int]float64{}, map[int]float64{}
	for _, r := range p.requests { // in the order of their starts
		if r.open {
			return record.NoSeconds(), record.NoRate()
		}
		if _, known := first[r.client]; !known {
			first[r.client] = r.start
		}
		last[r.client] = max(last[r.client], r.start+r.latency)
	}
	from, to := math.Inf(-1), math.Inf(1)
	for client := range first {
		from, to = max(from, first[client]), min(to, last[client])
	}
	if len(first) < p.key.NumClients || !(to > from) {
		return record.NoSeconds(), record.NoRate()
	}
	ended := count(p.ok, func(r request) bool { end := r.start + r.latency; return end > from && end <= to })
	return seconds(to - from), perSecond(float64(ended), to-from)
}

// clientCPU is the mean share that the client took of its processors, where it
// is known, each request weighted by its time.
func clientCPU(requests []request) record.Rate {
	share, time := 0.0, 0.0
	for _, r := range requests {
		if !math.IsNaN(r.cpu) {
			share, time = share+r.cpu*r.latency, time+r.latency
		}
	}
	return record.Rate(share / time)
}

// largest of none is NaN.
func largest(values []float64) float64 {
	most := math.NaN()
	for _, v := range values {
		if !(most >= v) {
			most = v
		}
	}
	return most
}
