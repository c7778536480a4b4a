package metrics

import (
	"fmt"
	"math"
)

// The bounds of a point that its client did not distort. Both tests let pass
// what is below a millisecond of wall time: a healthy, busy machine wakes a
// process that late now and then.
const (
	ignoredWait  = 1000.0 // wall microseconds
	blurredShare = 0.01   // of the gaps: more would move the p99, the finest figure given
	lateShare    = 0.02   // of the mean latency: what the load may fall short by
	userLagShare = 0.02   // of a gap: the error of a gap that passes as noise
)

// clientLimit says how the client, not the server, made the point's figures, ""
// when it did not. There are two ways.
//
// Token times are blurred. A client that reads late finds several chunks in one
// read, with one arrival time for all. A lag of as much as n of the request's
// mean chunk gaps can blur n of them; below one gap a kernel time stamp is
// right however late it is read, and only without it a lag is an error as it
// stands. The point is limited when more than 1 % of its gaps may be blurred.
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
