package metrics

import (
	"fmt"
	"math"
	"slices"

	"fastgenbench/tools/internal/record"
)

// The bounds of a point that its client did not distort. No test looks at
// what is below a millisecond of wall time: a healthy, busy machine wakes a
// process that late now and then.
const (
	ignoredWait  = 1000.0 // wall microseconds
	blurredShare = 0.01   // of the gaps: more would move the p99, the finest figure given
	lateShare    = 0.02   // of the mean latency: what the load may fall short by
	userLagShare = 0.02   // of a gap: the error of a gap that passes as noise
	tailShare    = 0.05   // of the p99 of gaps: what it may be off by
)

// clientLimit says how the client, not the server, made the point's figures;
// it is empty when the client did not. There are three ways.
//
// Timestamps are uncertain. A client that reads late finds several chunks in
// one read, with one arrival time for all: the rows count them. Where they do
// not, a lag of as much as n of the request's mean chunk gaps is taken to
// affect n of them. Below one gap a kernel timestamp is right however late it
// is read, and only without it a lag is an error as it stands. The point is
// limited when more than 1 % of its gaps may be wrong.
//
// The load fell short. In a closed loop a client owes the next request when the
// one before has ended (time to connect apart), in an open loop at its due
// time. The point is limited when the median request is late by more than 2 %
// of the mean latency. The median, because one stall says nothing of the load
// and a row that is missing must not pass for an idle client. A pause after a
// request that failed is no lateness.
//
// The tail is unstable: one gap in a hundred is long in many a stream, and
// then a thousandth of the gaps decides between two very different values of
// the 99th percentile.
//
// The plain rule, p99 of lag_s above 1 ms and above 2 % of the median gap, was
// turned down: lag_s is a request's worst read, so with some 40 requests per
// point one late wake-up among thousands would condemn figures that it cannot
// have moved, the more so at a simulated server's high speed.
//
// In virtual time a client cannot make a figure: it takes none.
func (p *point) clientLimit() finding {
	if !slices.ContainsFunc(p.requests, func(r *request) bool { return !r.virtual }) {
		return finding{}
	}
	limited := func(short, format string, args ...any) finding {
		return finding{what: "client-limited: " + fmt.Sprintf(format, args...), short: short,
			hint: "give loadgen more cores, or lower the load or the simulator's speed"}
	}
	share := p.blurred()
	if share > blurredShare {
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
	if share == 0 {
		return finding{}
	}
	all := p.tokenGaps()
	off := p.tailError(all)
	if off/p.speed() > ignoredWait && off > tailShare*all.percentiles(99)[0] {
		return limited(fmt.Sprintf("the client read late: the p99 of gaps is uncertain by %.1f ms", off/1000),
			"it read late, which may move the 99th percentile of gaps by %.1f ms", off/1000)
	}
	return finding{}
}

// matters reports whether a delay of a request, in virtual microseconds, is
// above what passes as noise.
func (p *point) matters(delay float64) bool {
	return delay/p.speed() > ignoredWait && delay > lateShare*mean(each(p.ok, latencyOf))
}

func latencyOf(r *request) float64 { return r.latency }

// tailError is how far uncertain timestamps may have moved the p99 of gaps, in
// virtual microseconds: as far as the percentiles are apart that lie their
// share to either side. It is NaN without gaps, and where it is not known how
// late the client was. It sorts gaps.
func (p *point) tailError(gaps sample) float64 {
	if gaps.size() == 0 || !slices.ContainsFunc(p.ok, func(r *request) bool { return !math.IsNaN(r.lag) }) {
		return math.NaN()
	}
	share := 100 * p.blurred()
	if share == 0 {
		return 0
	}
	around := gaps.percentiles(max(0, 99-share), 99, min(100, 99+share))
	return max(around[1]-around[0], around[2]-around[1])
}

// blurred is the share of chunk gaps whose timestamps are uncertain because of
// late reads.
func (p *point) blurred() float64 {
	hit, all := 0.0, 0.0
	for _, r := range p.ok {
		if gaps := float64(r.chunks - 1); gaps > 0 && !r.inOnePiece {
			all += gaps
			hit += min(gaps, r.blurredGaps())
		}
	}
	if all == 0 {
		return 0
	}
	return hit / all
}

func (r *request) blurredGaps() float64 {
	if r.blurred.Known() { // a chunk's time is part of two gaps
		return 2 * r.blurred.Float()
	}
	if !(r.lag > ignoredWait) {
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
// microseconds; NaN when there is no request of which that is known.
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
