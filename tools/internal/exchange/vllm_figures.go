package exchange

import (
	"math"

	"fastgenbench/tools/internal/record"
)

// values are what vLLM's figures are over: seconds of the requests that ended
// ok, where the value is known. The totals are of tokens, NaN where one is not
// known.
type values struct {
	ttft, tpot, itl, e2el []float64
	input, output         float64
}

func valuesOf(requests []record.Request) values {
	var v values
	for _, r := range requests {
		if r.Status != record.OK {
			continue
		}
		n := r.GeneratedTokens.Float()
		v.input += r.PromptTokens.Float()
		v.output += n
		v.e2el = append(v.e2el, r.LatencyS.Float())
		v.itl = append(v.itl, itls(r)...)
		first := ttft(r)
		if math.IsNaN(first) {
			continue
		}
		v.ttft = append(v.ttft, first)
		if n > 1 {
			v.tpot = append(v.tpot, (r.LatencyS.Float()-first)/(n-1))
		}
	}
	return v
}

// ttft is NaN where the answer was not streamed.
func ttft(r record.Request) float64 {
	if len(r.ChunkS) == 0 {
		return math.NaN()
	}
	return r.ChunkS[0].At
}

// itls are the times between chunks, however many tokens one brought.
func itls(r record.Request) []float64 {
	gaps := []float64{}
	for i := 1; i < len(r.ChunkS); i++ {
		gaps = append(gaps, round(r.ChunkS[i].At-r.ChunkS[i-1].At))
	}
	return gaps
}

// ofAnswer is a value as vLLM's arrays have it: 0 of a request that failed.
func ofAnswer(r record.Request, v float64) any {
	if r.Status != record.OK {
		return 0.0
	}
	return finite(v)
}

func each(requests []record.Request, of func(record.Request) any) []any {
	all := make([]any, len(requests))
	for i, r := range requests {
		all[i] = of(r)
	}
	return all
}

// setPeaks sets the largest number of chunks that came, and of requests that
// were under way, in one of the seconds since the first start. A request counts
// in every second that it touches, so the second is more than were in flight at
// once. The last key is of audio.
func setPeaks(o *Object, requests []record.Request) {
	first := math.Inf(1)
	for _, r := range requests {
		if r.Status == record.OK {
			first = min(first, r.StartS.Float())
		}
	}
	chunks, underWay := map[int]int{}, map[int]int{}
	for _, r := range requests {
		if r.Status != record.OK {
			continue
		}
		start := round(r.StartS.Float() - first)
		for _, chunk := range r.ChunkS {
			chunks[int(start+chunk.At)]++
		}
		for second := int(start); second <= int(start+r.LatencyS.Float()); second++ {
			underWay[second]++
		}
	}
	o.set("max_output_tokens_per_s", float64(largest(chunks)))
	o.set("max_concurrent_requests", largest(underWay))
	o.set("rtfx", 0.0)
}

func largest(counts map[int]int) int {
	n := 0
	for _, one := range counts {
		n = max(n, one)
	}
	return n
}

// meanAndDeviation are NaN without values; the deviation is the population's.
func meanAndDeviation(values []float64) (mean, deviation float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / n
	}
	if n == 0 {
		return math.NaN(), math.NaN()
	}
	return mean, math.Sqrt(deviation)
}

// round takes a difference of two cells back to their grain, a microsecond.
func round(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }

// rounded cuts off what is below a picosecond, the noise of the arithmetic.
func rounded(ms float64) float64 { return math.Round(ms*1e9) / 1e9 }
