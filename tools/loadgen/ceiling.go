package main

import "fastgenbench/tools/internal/record"

// ceiling says which points of a sweep are left out, because the mean latency was
// above a limit with fewer clients, or at a lower rate: the original suite's
// early_stop_latency.
type ceiling struct {
	limit float64 // seconds; 0: there is none
	// loads are the smallest that passed the limit.
	loads map[ladder]float64
}

// ladder is what the points have in common that differ in their load.
type ladder struct{ repeat, prompt, generation int }

func (p *point) ladder() ladder {
	return ladder{p.repeat, p.key.MeanPromptLength, p.key.MeanMaxNewTokens}
}

// load is the number of clients, or the rate of an open loop.
func (p *point) load() float64 {
	if p.key.RateRPS > 0 {
		return float64(p.key.RateRPS)
	}
	return float64(p.key.NumClients)
}

// saw takes the mean latency of a point.
func (c *ceiling) saw(p point, latency mean) {
	if c.limit == 0 || !(latency.value() > c.limit) {
		return
	}
	if c.loads == nil {
		c.loads = map[ladder]float64{}
	}
	if load, known := c.loads[p.ladder()]; !known || p.load() < load {
		c.loads[p.ladder()] = p.load()
	}
}

// leavesOut reports whether a smaller load of the point's passed the limit.
func (c *ceiling) leavesOut(p point) bool {
	load, known := c.loads[p.ladder()]
	return known && p.load() > load
}

// under are the points that are not left out.
func (c *ceiling) under(points []point) []point {
	var all []point
	for _, p := range points {
		if !c.leavesOut(p) {
			all = append(all, p)
		}
	}
	return all
}

// mean is one of latencies: those of the requests that ended ok.
type mean struct {
	sum float64
	n   int
}

func (m *mean) add(row record.Request) {
	if row.Status == record.OK {
		m.sum += row.LatencyS.Float()
		m.n++
	}
}

// value is NaN where there is none.
func (m mean) value() float64 { return m.sum / float64(m.n) }
