package main

import (
	"math"
	"slices"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// errorSum is a row of predict --sums: one server under loads of the same lengths.
// Errors are shares of what was measured, without their signs.
type errorSum struct {
	Backend     record.Text    `csv:"backend"`
	Model       record.Text    `csv:"model"`
	TPSize      record.Setting `csv:"tp_size"`
	NumReplicas record.Setting `csv:"num_replicas"`
	BatchSize   record.Setting `csv:"max_ragged_batch_size"`
	Prompt      int            `csv:"mean_prompt_length"`
	New         int            `csv:"mean_max_new_tokens"`
	Points      int            `csv:"points"`
	WallMean    record.Rate    `csv:"wall_rps_error_mean"`
	WallMax     record.Rate    `csv:"wall_rps_error_max"`
	LatencyMean record.Rate    `csv:"latency_error_mean"`
	LatencyMax  record.Rate    `csv:"latency_error_max"`
	TTFTMean    record.Rate    `csv:"ttft_error_mean"`
	TTFTMax     record.Rate    `csv:"ttft_error_max"`
	TPOTMean    record.Rate    `csv:"tpot_error_mean"`
	TPOTMax     record.Rate    `csv:"tpot_error_max"`
}

// writeSums writes a row for each server and lengths, in the order of their first rows.
func writeSums(rows []prediction, std *cmdline.Std) error {
	var order []errorSum
	members := map[errorSum][]prediction{}
	for _, row := range rows {
		of := errorSum{
			Backend: row.Backend, Model: row.Model, TPSize: row.TPSize, NumReplicas: row.NumReplicas, BatchSize: row.MaxRaggedBatchSize,
			Prompt: row.MeanPromptLength, New: row.MeanMaxNewTokens,
		}
		if !slices.Contains(order, of) {
			order = append(order, of)
		}
		members[of] = append(members[of], row)
	}
	w := csvio.NewWriter[errorSum](std.Out)
	for _, of := range order {
		if err := w.Write(of.over(members[of])); err != nil {
			return err
		}
	}
	return nil
}

// over is the row with the errors of its predictions.
func (e errorSum) over(rows []prediction) errorSum {
	e.Points = len(rows)
	for _, column := range []struct {
		mean, most *record.Rate
		of         func(prediction) record.Rate
	}{
		{&e.WallMean, &e.WallMax, func(p prediction) record.Rate { return p.WallOff }},
		{&e.LatencyMean, &e.LatencyMax, func(p prediction) record.Rate { return p.LatencyOff }},
		{&e.TTFTMean, &e.TTFTMax, func(p prediction) record.Rate { return p.TTFTOff }},
		{&e.TPOTMean, &e.TPOTMax, func(p prediction) record.Rate { return p.TPOTOff }},
	} {
		known, sum, most := 0, 0.0, 0.0
		for _, row := range rows {
			if off := column.of(row); off.Known() {
				size := math.Abs(off.Float())
				known, sum, most = known+1, sum+size, max(most, size)
			}
		}
		if known > 0 {
			*column.mean, *column.most = record.RateOf(sum/float64(known)), record.RateOf(most)
		}
	}
	return e
}
