package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/models"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
)

// measuredPoint is a measured summary row and the replica it is about.
type measuredPoint struct {
	row     record.Summary
	replica sim.Config
}

// readMeasured reads the closed-loop rows that have a mean latency, and the replica of
// each: the flags', with the row's own sizes, and its model and token budget unless
// flags give others.
func readMeasured(c *cli.Context, std *cmdline.Std) ([]measuredPoint, error) {
	flags, err := readReplica(c)
	if err != nil {
		return nil, err
	}
	rows, err := readSummaries(c.Args().Slice(), std)
	if err != nil {
		return nil, err
	}
	points := make([]measuredPoint, len(rows))
	for i, row := range rows {
		cfg := flags
		if cfg.TP = int(row.TPSize); cfg.TP < 1 || row.NumReplicas < 1 {
			return nil, fmt.Errorf("%d clients: the row has no tp_size or num_replicas", row.NumClients)
		}
		if !c.IsSet("max-ragged-batch-size") {
			if row.MaxRaggedBatchSize == 0 {
				return nil, fmt.Errorf("%d clients: the row does not say max_ragged_batch_size; give --max-ragged-batch-size, the engine's own", row.NumClients)
			}
			cfg.MaxBatchedTokens = int(row.MaxRaggedBatchSize)
		}
		if !c.IsSet("model") {
			if cfg.Model, err = shapeOf(string(row.Model)); err != nil {
				return nil, err
			}
		}
		points[i] = measuredPoint{row, cfg}
	}
	return points, nil
}

// shapeOf finds a row's model by its name, or by the size in it: llama-2-7b-random
// has the shape of Llama-2-7b-hf.
func shapeOf(name string) (sim.Model, error) {
	if m, known := models.Size(name); known {
		name = m.Name
	}
	model, err := sim.LookupModel(name)
	if err != nil {
		return model, fmt.Errorf("%w; give one with --model", err)
	}
	return model, nil
}

// readSummaries takes the closed-loop rows of which a mean latency is known.
func readSummaries(files []string, std *cmdline.Std) ([]record.Summary, error) {
	in := csvio.NewReader[record.Summary](files, std.In, func(reason string) { std.Warnf("%s", reason) })
	in.Need("ok", "latency_mean_s")
	var rows []record.Summary
	for in.Scan() {
		row := in.Row()
		if row.RateRPS > 0 || !row.LatencyMeanS.Known() || row.NumClients < 1 || row.OK < 1 {
			std.Warnf("skipped: %d clients, a row without a mean latency or of an open loop", row.NumClients)
			continue
		}
		rows = append(rows, row)
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errors.New("no row has a mean latency of a closed loop")
	}
	return rows, nil
}

// simulate is the row that the model makes of the same requests.
func (p measuredPoint) simulate(ctx context.Context) (record.Summary, error) {
	rows, err := simrun.Run(ctx, p.replica, int(p.row.NumReplicas), loadgens(p.replica.Model, p.row.Key, p.row.OK))
	if err != nil {
		return record.Summary{}, fmt.Errorf("%d clients: %w", p.row.NumClients, err)
	}
	var summary metrics.Summary
	for _, row := range rows {
		summary.Add(row)
	}
	return summary.Rows()[0], nil
}

// column is a number of a summary row that the model is compared with.
type column func(record.Summary) float64

func wallRPS(r record.Summary) float64 { return r.WallRPS.Float() }
func latency(r record.Summary) float64 { return r.LatencyMeanS.Float() }
func ttft(r record.Summary) float64    { return r.TTFTMeanS.Float() }
func tpot(r record.Summary) float64    { return r.TPOTMeanS.Float() }

// share is by which share of the measured number the simulated one is larger.
func share(simulated, measured record.Summary, of column) float64 {
	return of(simulated)/of(measured) - 1
}
