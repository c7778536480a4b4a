package metrics

import (
	"fmt"
	"math"
	"slices"

	"fastgenbench/tools/internal/record"
)

// The bounds of a point that its client did not distort. Effects below a millisecond
// of wall time are ignored: even a healthy, busy machine wakes a process that late
// now and then.
const (
	ignoredWait  = 1000.0 // wall microseconds
	gapShare     = 0.01   // of the gaps: more would move the p99, the finest figure given
	lateShare    = 0.02   // of the mean latency: what the load may fall short by
	userLagShare = 0.02   // of a gap: the error of a gap that passes as noise
	tailShare    = 0.05   // of the p99 of gaps: what it may be off by
)

// clientLimit says how the client, not the server, determined the point's figures;
// it is empty if it did not. There are three ways.
//
// Timestamps are uncertain. A client that reads late finds several chunks in
// one read, with one arrival time for all; rows say how much earlier each may have
// come. The point is limited when that may have moved the mean time to first token
// by more than 2 %, or the 50th, 90th, 95th or 99th percentile of the gaps by more
// than 5 %.
//
// Rows without kernel timestamps do not say so. Within one gap a kernel timestamp is
// right however late it is read; without it the whole lag is an error. A lag
// of n of the request's mean chunk gaps is assumed to affect n of them, and
// the point is limited when more than 1 % of its gaps may be wrong.
//
// The load fell short. In a closed loop a client has to send the next request when
// the last has ended (time to connect does not count), in an open loop at its due
// time. The point is limited when the median request is late by more than 2 % of
// the mean latency. The median, because one stall does not change the load, and a
// missing row must not be taken for an idle client. A pause after a failed request is
// not lateness.
//
// Rejected: p99 of lag_s above 1 ms and above 2 % of the median gap. lag_s is a
// request's worst read, so with some 40 requests per point one late wake-up among
// thousands would reject figures that it cannot have changed, especially at a
// simulated server's high speed.
//
// In virtual time a client cannot change a figure: it measures no times.
func (p *point) clientLimit() finding {
	if !slices.ContainsFunc(p.requests, func(r *request) bool { return !r.virtual }) {
		return finding{}
	}
	if share := p.uncertainShare(); share > gapShare {
		return limited(fmt.Sprintf("the client read late: timestamps of up to %.1f %% of the gaps are uncertain", 100*share),
			"it read late, timestamps of up to %.1f %% of the gaps are uncertain", 100*share)
	}
	if late := p.medianLateness(); p.matters(late) {
		since := "its client was free"
		if p.open() {
			since = "it was due"
		}
		return limited(fmt.Sprintf("the client sent the median request %.1f ms late", late/p.speed()/1000),
			"the median request was sent %.1f ms after %s", late/p.speed()/1000, since)
	}
	if p.certain() && p.uncertainShare() == 0 {
		return finding{}
	}
	if name, off := p.uncertain(); name != "" {
		return limited(fmt.Sprintf("the client read late: the %s is uncertain by %.1f ms", name, off/1000),
			"it read late, which may move the %s by %.1f ms", name, off/1000)
	}
	return finding{}
}

func limited(short, format string, args ...any) finding {
	return finding{what: "client-limited: " + fmt.Sprintf(format, args...), short: short,
		hint: "give loadgen more cores, or lower the load or the simulator's speed"}
}

// uncertain names a figure that timestamps may have moved by more than passes, and
// by how much, in virtual microseconds.
func (p *point) uncertain() (name string, off float64) {
	beyond := func(off, share, of float64) bool { return off/p.speed() > ignoredWait && off > share*of }
	early := mean(each(p.ok, func(r *request) float64 {
		if r.bounds == nil || r.inOnePiece {
			return 0
		}
		return r.bounds.first
	}))
	if beyond(early, lateShare, mean(each(p.ok, (*request).ttft))) {
		return "mean time to first token", early
	}
	gaps, off50to99 := p.tailErrors()
	for i, name := range []string{"median of gaps", "90th percentile of gaps", "95th percentile of gaps", "99th percentile of gaps"} {
		if beyond(off50to99[i], tailShare, gaps[i]) {
			return name, off50to99[i]
		}
	}
	return "", 0
}

// tailErrors are percentiles of the gaps, and by how much uncertain timestamps may
// have moved each: at most to its bounds, or, where rows do not say how early chunks
// may have come, to the percentiles that lie the share of uncertain gaps to either
// side.
func (p *point) tailErrors() (gaps, off []float64) {
	ps := []float64{50, 90, 95, 99}
	all := p.tokenGaps()
	gaps = all.percentiles(ps...)
	off = make([]float64, len(gaps))
	if !p.certain() {
		low, high := p.gapBounds()
		off = distances(gaps, low.percentiles(ps...), high.percentiles(ps...))
	}
	if share := 100 * p.uncertainShare(); share > 0 {
		around := all.percentiles(max(0, 99-share), min(100, 99+share))
		off[3] = max(off[3], gaps[3]-around[0], around[1]-gaps[3])
	}
	return gaps, off
}

// matters reports whether a delay of a request, in virtual microseconds, is
// above what passes as noise.
func (p *point) matters(delay float64) bool {
	return delay/p.speed() > ignoredWait && delay > lateShare*mean(each(p.ok, latencyOf))
}

func latencyOf(r *request) float64 { return r.latency }

// tailError is how far uncertain timestamps may have moved the p99 of gaps, in
// virtual microseconds. It is NaN without gaps, and where it is not known how late
// the client was.
func (p *point) tailError(gaps sample) float64 {
	if gaps.size() == 0 || !slices.ContainsFunc(p.ok, func(r *request) bool { return !math.IsNaN(r.lag) }) {
		return math.NaN()
	}
	if p.certain() && p.uncertainShare() == 0 {
		return 0
	}
	_, off := p.tailErrors()
	return off[3]
}

// uncertainShare is the share of chunk gaps that late reads made uncertain in rows that
// do not say by how much.
func (p *point) uncertainShare() float64 {
	hit, all := 0.0, 0.0
	for _, r := range p.ok {
		if gaps := float64(r.chunks - 1); gaps > 0 && !r.inOnePiece {
			all += gaps
			hit += min(gaps, r.uncertainGaps())
		}
	}
	if all == 0 {
		return 0
	}
	return hit / all
}

func (r *request) uncertainGaps() float64 {
	switch {
	case r.bounds != nil:
		return 0
	case r.blurred.Known(): // a chunk's time is part of two gaps
		return 2 * r.blurred.Float()
	case !(r.lag > ignoredWait):
		return 0
	}
	waiting := r.lag * r.speed / r.streaming * float64(r.chunks-1)
	switch {
	case r.kernel:
		return math.Floor(waiting)
	case waiting > userLagShare:
		return math.Ceil(waiting)
	}
	return 0
}

// medianLateness is how late the median request was sent, in virtual
// microseconds; NaN when there is not a request of which that is known.
func (p *point) medianLateness() float64 {
	var late []float64
	free := map[record.Count]float64{} // when the answer to each client's latest request ended
	for _, r := range p.requests {
		connecting := 0.0
		if r.connect > 0 {
			connecting = r.connect * p.speed()
		}
		since, again := free[r.client]
		switch {
		case !math.IsNaN(r.late):
			late = append(late, max(0, r.late-connecting))
		case again && !r.due:
			late = append(late, max(0, r.start-since-connecting))
		}
		delete(free, r.client)
		if r.ok && r.client.Known() {
			free[r.client] = r.start + r.end
		}
	}
	return Percentiles(late, 50)[0]
}
