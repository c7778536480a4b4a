package digest

import "fastgenbench/tools/internal/record"

// Row is a workload in numbers. docs/format.md defines the columns.
type Row struct {
	// Workload is the file's name.
	Workload record.Text `csv:"workload"`
	// Requests are the lines that could be used; of these Texts and Messages have
	// their prompt as such, the others its length.
	Requests int `csv:"requests"`
	Texts    int `csv:"texts"`
	Messages int `csv:"messages"`

	// SpanS is from the first timestamp to the last, RateRPS the requests with
	// one, except for the first, per second of it.
	SpanS   record.Seconds `csv:"span_s"`
	RateRPS record.Rate    `csv:"rate_rps"`
	// PeakRPS is the most that arrived within one second.
	PeakRPS record.Rate `csv:"peak_rps"`
	// ArrivalCV is the coefficient of variation of the times between arrivals: 1
	// is Poisson, above it comes in bursts.
	ArrivalCV record.Rate `csv:"arrival_cv"`
	// OutOfOrder is how many timestamps are below the one before.
	OutOfOrder int `csv:"out_of_order"`

	InputMean  record.Rate  `csv:"input_length_mean"`
	InputP50   record.Count `csv:"input_length_p50"`
	InputP90   record.Count `csv:"input_length_p90"`
	InputP99   record.Count `csv:"input_length_p99"`
	InputMax   record.Count `csv:"input_length_max"`
	OutputMean record.Rate  `csv:"output_length_mean"`
	OutputP50  record.Count `csv:"output_length_p50"`
	OutputP90  record.Count `csv:"output_length_p90"`
	OutputP99  record.Count `csv:"output_length_p99"`
	OutputMax  record.Count `csv:"output_length_max"`

	// BlockSize is the number of tokens per hash id, Hashed how many
	// requests have ids, Blocks how many ids they have, Distinct how many different
	// beginnings of prompts these are, block by block.
	BlockSize int          `csv:"block_size"`
	Hashed    int          `csv:"hashed"`
	Blocks    record.Count `csv:"blocks"`
	Distinct  record.Count `csv:"distinct_blocks"`
	// ReusedBlocks is the share of the blocks, and CachedShare that of the prompt
	// tokens, that an unlimited prefix cache would hold, over hashed requests.
	ReusedBlocks record.Rate `csv:"reused_blocks_share"`
	CachedShare  record.Rate `csv:"ideal_cached_share"`

	// Sessions is how many there are, and the rest is over their requests.
	Sessions  int            `csv:"sessions"`
	TurnsMean record.Rate    `csv:"turns_mean"`
	TurnsP50  record.Count   `csv:"turns_p50"`
	TurnsP99  record.Count   `csv:"turns_p99"`
	TurnsMax  record.Count   `csv:"turns_max"`
	DelayMean record.Seconds `csv:"delay_mean_s"`
	DelayP50  record.Seconds `csv:"delay_p50_s"`
	DelayP99  record.Seconds `csv:"delay_p99_s"`
}
