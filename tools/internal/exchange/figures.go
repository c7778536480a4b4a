package exchange

import "fastgenbench/tools/internal/record"

// figures are what a file states of one of a point's times.
type figures struct{ mean, p50, p90, p95, p99 record.Seconds }

// stated are the figures of a metric as vLLM and SGLang spell them, in
// milliseconds; 0 is how they write that there was nothing to measure.
func stated(f *fields, metric string) figures {
	ms := func(statistic string) record.Seconds {
		key := statistic + "_" + metric + "_ms"
		return f.inSeconds(key, f.positive(key)/1e3)
	}
	return figures{mean: ms("mean"), p50: ms("median"), p90: ms("p90"), p95: ms("p95"), p99: ms("p99")}
}

// perChunk is the doubt of gaps that are not per token.
const perChunk = "; its gaps are per chunk"

func setLatency(s *record.Summary, d figures) {
	s.LatencyMeanS, s.LatencyP50S, s.LatencyP90S, s.LatencyP95S, s.LatencyP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setTTFT(s *record.Summary, d figures) {
	s.TTFTMeanS, s.TTFTP50S, s.TTFTP90S, s.TTFTP95S, s.TTFTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setTPOT(s *record.Summary, d figures) {
	s.TPOTMeanS, s.TPOTP50S, s.TPOTP90S, s.TPOTP95S, s.TPOTP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}

func setGaps(s *record.Summary, d figures) {
	s.GapMeanS, s.GapP50S, s.GapP90S, s.GapP95S, s.GapP99S = d.mean, d.p50, d.p90, d.p95, d.p99
}
