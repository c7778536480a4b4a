package metrics

import (
	"fmt"
	"math"
	"slices"
)

// The bounds of a point that its client did not distort. Both tests let pass
// what is below a millisecond of wall time: a healthy, busy machine wakes a
// process that late now and then.
const (
	ignoredWait  = 1000.0 // wall microseconds
	blurredShare = 0.01   // of the gaps: more would move the p99, the finest figure given
	lateShare    = 0.02   // of the mean latency: what the load may fall short by
	userLagShare = 0.02   // of a gap: the error of a gap that passes as noise
	tailShare    = 0.05   // of the p99 of gaps: what it may be off by
)

// clientLimit says how the client, not the server, made the point's figures, ""
// when it did not. There are two ways.
//
// Token times are blurred. A client that reads late finds several chunks in one
// read, with one arrival time for all: the rows count them. Where they do not, a
// lag of as much as n of the request's mean chunk gaps is taken to blur n of
// them; below one gap a kernel time stamp is right however late it is read, and
// only without it a lag is an error as it stands. The point is limited when more
// than 1 % of its gaps may be blurred; see also tailLimit.
//
// The load fell short. In a closed loop a client owes the next request when the
// one before has ended (time to connect apart), in an open loop at its due time.
// The point is limited when the median request is late by more than 2 % of the
// mean latency. The median, because one stall says nothing of the load and a row
// that is missing must not pass for an idle client.
//
// The plain rule, p99 of lag_s above 1 ms and above 2 % of the median gap, was
// turned down: lag_s is a request's worst read, so with some 40 requests a
// point one late wake-up among thousands would condemn figures that it cannot
// have moved, the more so at a simulated server's high speed.
func clientLimit(speed float64, requests, ok []request) string {
	if share := blurred(ok, speed); share > blurredShare {
		return fmt.Sprintf("it read late, which may blur %.1f %% of the gaps", 100*share)
	}
	late, latency := medianLateness(requests, speed), mean(each(ok, request.response))
	if late/speed > ignoredWait && late > lateShare*latency {
		return fmt.Sprintf("its median request was sent %.1f ms late", late/speed/1000)
	}
	return ""
}

// tailLimit says how few blurred gaps may have moved the p99 nonetheless, ""
// when they may not: one gap in a hundred is long in many a stream, and then a
// thousandth of the gaps decides between two very different values.
func tailLimit(p *point) string {
	speed := float64(p.key.Speed)
	if blurred(p.ok, speed) == 0 {
		return ""
	}
	gaps := allTimes(p.ok)
	off := p.tailError(gaps)
	if p99 := Percentiles(gaps, 99)[0]; off/speed > ignoredWait && off > tailShare*p99 {
		return fmt.Sprintf("it read late, which may move the 99th percentile of gaps by %.1f ms", off/1000)
	}
	return ""
}

// tailError is how far blurred gaps may have moved the p99 of gaps, in virtual
// microseconds: as far as the percentiles are apart that lie their share to
// either side. It is NaN without gaps, and where nobody knows how late the
// client was. It reorders gaps.
func (p *point) tailError(gaps []float64) float64 {
	if len(gaps) == 0 || !slices.ContainsFunc(p.ok, func(r request) bool { return !math.IsNaN(r.lag) }) {
		return math.NaN()
	}
	share := 100 * blurred(p.ok, float64(p.key.Speed))
	if share == 0 {
		return 0
	}
	around := Percentiles(gaps, max(0, 99-share), 99, min(100, 99+share))
	return max(around[1]-around[0], around[2]-around[1])
}

// blurred is the share of chunk gaps that late reads may have blurred.
func blurred(ok []request, speed float64) float64 {
	hit, all := 0.0, 0.0
	for _, r := range ok {
		if gaps := float64(r.chunks - 1); gaps > 0 {
			all += gaps
			hit += min(gaps, r.blurredGaps(speed))
		}
	}
	if all == 0 {
		return 0
	}
	return hit / all
}

func (r request) blurredGaps(speed float64) float64 {
	if r.blurred.Known() { // a chunk's time is part of two gaps
		return 2 * float64(r.blurred)
	}
	if !(r.lag > ignoredWait) {
		return 0
	}
	waiting := r.lag * speed / r.streaming * float64(r.chunks-1)
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
func medianLateness(requests []request, speed float64) float64 {
	var late []float64
	ended := map[int]float64{} // when the answer to each client's latest request ended
	for _, r := range requests {
		connecting := 0.0
		if r.connect > 0 {
			connecting = r.connect * speed
		}
		end, again := ended[r.client]
		switch {
		case r.open:
			late = append(late, max(0, r.waited-connecting))
		case again:
			late = append(late, max(0, r.start-end-connecting))
		}
		ended[r.client] = r.start + r.end
	}
	return Percentiles(late, 50)[0]
}
