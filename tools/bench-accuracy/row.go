package main

import (
	"math"

	"fastgenbench/tools/bench-accuracy/internal/join"
	"fastgenbench/tools/bench-accuracy/internal/trial"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// Row is one client at one number of streams. Times are wall seconds.
type Row struct {
	Client     record.Text  `csv:"client"`
	NumClients int          `csv:"num_clients"`
	RateTPS    record.Ratio `csv:"rate_tps"`
	// Transport is http or https; Sent is how the sender sends, spread over time or
	// the tokens of all streams in a burst.
	Transport record.Text `csv:"transport"`
	Sent      record.Text `csv:"sent"`
	Requests  int         `csv:"requests"`
	Tokens    int         `csv:"tokens"`
	// Unmatched rows failed or cannot be joined; their errors are not known.
	Unmatched record.Count `csv:"unmatched"`
	// The mean time to the first token and the 99th percentile of the gaps, as
	// sent and as the client reports them; the errors are their differences.
	TrueTTFTMeanS     record.Seconds `csv:"true_ttft_mean_s"`
	ReportedTTFTMeanS record.Seconds `csv:"reported_ttft_mean_s"`
	TTFTMeanErrorS    record.Seconds `csv:"ttft_mean_error_s"`
	TrueGapP99S       record.Seconds `csv:"true_gap_p99_s"`
	ReportedGapP99S   record.Seconds `csv:"reported_gap_p99_s"`
	GapP99ErrorS      record.Seconds `csv:"gap_p99_error_s"`
	// These are over the errors of single requests and gaps, which only a
	// client whose rows can be joined has.
	TTFTErrorMeanS record.Seconds `csv:"ttft_error_mean_s"`
	TTFTErrorP99S  record.Seconds `csv:"ttft_error_p99_s"`
	GapErrorMeanS  record.Seconds `csv:"gap_error_mean_s"`
	GapErrorP99S   record.Seconds `csv:"gap_error_p99_s"`
	// SentLateP99S is the sender's own lateness.
	SentLateP99S record.Seconds `csv:"sent_late_p99_s"`
	// StartCPUS is the client's processor time to start up and end, for one
	// request of two tokens; CPUNSPerToken is what it takes above that, a token,
	// in nanoseconds.
	StartCPUS     record.Seconds `csv:"start_cpu_s"`
	CPUNSPerToken record.Count   `csv:"cpu_ns_per_token"`
	// RSSBytes is the client's memory at the most.
	RSSBytes          record.Count `csv:"rss_bytes"`
	RSSBytesPerStream record.Count `csv:"rss_bytes_per_stream"`
	// OthersCPUShare is the share of all processors that was busy with neither
	// sender nor client: above some hundredths, the row says more about them.
	OthersCPUShare record.Ratio `csv:"others_cpu_share"`
	// Pinned is "apart" when sender and client had a core each, else "no".
	Pinned record.Text `csv:"pinned"`
	// StatedGapP99ErrorS is how far off the client's own rows say that its 99th
	// percentile may be, Status what collect makes of the point; loadgen alone
	// says so.
	StatedGapP99ErrorS record.Seconds `csv:"stated_gap_p99_error_s"`
	Status             record.Status  `csv:"status"`
}

func newRow(client string, p point, e join.Errors) Row {
	row := Row{
		Client: record.Text(client), NumClients: p.clients, RateTPS: record.Ratio(p.rate),
		Requests: e.Requests, Tokens: e.Tokens, Unmatched: record.CountOf(e.Unmatched),
		TTFTErrorMeanS: mean(e.TTFT), TTFTErrorP99S: p99(e.TTFT), GapErrorMeanS: mean(e.Gap), GapErrorP99S: p99(e.Gap),
		TrueTTFTMeanS: mean(e.TrueTTFT), TrueGapP99S: p99(e.TrueGap), SentLateP99S: p99(e.Late),
		Pinned: "no",
	}
	row.report(mean(e.TTFTs).Float(), p99(e.Gaps).Float())
	return row
}

// report fills in what the client says, NaN where it says nothing.
func (r *Row) report(ttftMean, gapP99 float64) {
	r.ReportedTTFTMeanS, r.ReportedGapP99S = record.InSeconds(ttftMean), record.InSeconds(gapP99)
	r.TTFTMeanErrorS = record.InSeconds(math.Abs(ttftMean - r.TrueTTFTMeanS.Float()))
	r.GapP99ErrorS = record.InSeconds(math.Abs(gapP99 - r.TrueGapP99S.Float()))
}

func mean(values []float64) record.Seconds {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return record.InSeconds(sum / float64(len(values)))
}

// p99 is as collect has it, for what was sent and what clients report alike.
func p99(values []float64) record.Seconds {
	return record.InSeconds(metrics.Percentiles(values, 99)[0])
}

// cost fills in what the client took.
func (r *Row) cost(used, start trial.Usage, cores trial.Cores) {
	r.OthersCPUShare = record.Ratio(math.Round(used.Others*1000) / 1000)
	r.StartCPUS = record.InSeconds(start.CPU.Seconds())
	if r.Tokens > 0 {
		r.CPUNSPerToken = record.CountOf(int(max(0, used.CPU-start.CPU).Nanoseconds() / int64(r.Tokens)))
	}
	if used.RSS > 0 {
		r.RSSBytes = record.CountOf(int(used.RSS))
		r.RSSBytesPerStream = record.CountOf(int(used.RSS) / r.NumClients)
	}
	if cores.Pinned() {
		r.Pinned = "apart"
	}
}
