package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

func predictFlags() []cli.Flag {
	return append(replicaFlags(),
		&cli.StringFlag{Name: "calibration", Usage: "constants as calibrate prints them: `K=V,K=V`"},
		&cli.BoolFlag{Name: "sums", Usage: "one row for all numbers of clients: mean and worst errors"},
	)
}

// prediction is a row of predict: the measured numbers, the simulated ones, and by
// which share of the measured ones they are larger.
type prediction struct {
	record.Key
	WallRPS     record.Rate    `csv:"wall_rps"`
	SimWallRPS  record.Rate    `csv:"sim_wall_rps"`
	WallOff     record.Rate    `csv:"wall_rps_off"`
	LatencyS    record.Seconds `csv:"latency_mean_s"`
	SimLatencyS record.Seconds `csv:"sim_latency_mean_s"`
	LatencyOff  record.Rate    `csv:"latency_off"`
	TTFTS       record.Seconds `csv:"ttft_mean_s"`
	SimTTFTS    record.Seconds `csv:"sim_ttft_mean_s"`
	TTFTOff     record.Rate    `csv:"ttft_off"`
	TPOTS       record.Seconds `csv:"tpot_mean_s"`
	SimTPOTS    record.Seconds `csv:"sim_tpot_mean_s"`
	TPOTOff     record.Rate    `csv:"tpot_off"`
}

func predict(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	points, err := readMeasured(c, std)
	if err != nil {
		return err
	}
	if text := c.String("calibration"); text != "" {
		for i := range points {
			at := &points[i].replica.Calibration
			if *at, err = sim.ParseCalibration(*at, text); err != nil {
				return cmdline.Usagef("--calibration: %v", err)
			}
		}
	}
	rows := make([]prediction, len(points))
	if err := parallel(len(points), func(i int) (err error) {
		rows[i], err = points[i].predict(ctx)
		return err
	}); err != nil {
		return err
	}
	if c.Bool("sums") {
		return writeSums(rows, std)
	}
	w := csvio.NewWriter[prediction](std.Out)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}

func (p measuredPoint) predict(ctx context.Context) (prediction, error) {
	simulated, err := p.simulate(ctx)
	if err != nil {
		return prediction{}, err
	}
	off := func(of column) record.Rate { return record.RateOf(share(simulated, p.row, of)) }
	return prediction{
		Key: p.row.Key, WallRPS: p.row.WallRPS, SimWallRPS: simulated.WallRPS, WallOff: off(wallRPS),
		LatencyS: p.row.LatencyMeanS, SimLatencyS: simulated.LatencyMeanS, LatencyOff: off(latency),
		TTFTS: p.row.TTFTMeanS, SimTTFTS: simulated.TTFTMeanS, TTFTOff: off(ttft),
		TPOTS: p.row.TPOTMeanS, SimTPOTS: simulated.TPOTMeanS, TPOTOff: off(tpot),
	}, nil
}
