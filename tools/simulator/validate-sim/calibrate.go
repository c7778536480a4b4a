package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/simulator/sim"
)

func calibrateFlags() []cli.Flag {
	return append(replicaFlags(),
		&cli.StringSliceFlag{Name: "constants", Value: cli.NewStringSlice("compute", "bandwidth", "request_s"), Usage: "fit these `CONSTANTS`; one that the rows do not determine stays near its present value"},
		&cli.IntFlag{Name: "rounds", Value: 40, Usage: "stop after `N` steps, or earlier if none improves the fit"},
	)
}

func calibrate(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	cfg, err := readReplica(c)
	if err != nil {
		return err
	}
	names := cmdline.Words(c.StringSlice("constants"))
	table, err := calibrationTable(cfg, names)
	if err != nil {
		return err
	}
	points, err := readMeasured(c, std)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(table, fitsRequest) && !slices.ContainsFunc(points, knowsTTFT) {
		if c.IsSet("constants") {
			return errors.New("request_s is fitted to TTFTs, and no row has one")
		}
		std.Notef("no row has a TTFT: request_s is not fitted")
		table = slices.DeleteFunc(table, fitsRequest)
	}
	return fitPoints(ctx, table, points, c.Int("rounds"), std)
}

// fitPoints fits the table's constants to measured points and prints them in one line.
func fitPoints(ctx context.Context, table []sim.Constant, points []measuredPoint, rounds int, std *cmdline.Std) error {
	p := problem{start: table, off: func(i int, table []sim.Constant) ([]float64, error) { return points[i].off(ctx, table) }}
	for i := range table {
		if table[i].Fitted {
			p.unknown = append(p.unknown, i)
		}
	}
	for _, point := range points {
		p.replicas = append(p.replicas, point.replica)
	}
	last := 0 // the last round that improved the fit
	table, err := p.solve(rounds, func(round int, r []float64) {
		last = round
		std.Notef("round %d: %d figures, off by %.1f %% on average", round, len(r), 100*meanSize(r))
	})
	if err != nil {
		return err
	}
	if last == rounds {
		std.Warnf("the fit still improved in round %d, the last: more --rounds change the constants", rounds)
	}
	pairs := make([]string, len(p.unknown))
	for i, place := range p.unknown {
		pairs[i] = fmt.Sprintf("%s=%g", table[place].Name, threeDigits(table[place].Value))
	}
	_, err = fmt.Fprintln(std.Out, strings.Join(pairs, ","))
	return err
}

// unheard is where a time begins that the table has not, in seconds: the fit moves
// by shares, which lead nowhere from 0.
const unheard = 2e-3

// calibrationTable is sim's table, none of it to be fitted, and behind it the
// named constants as they hold for a replica.
func calibrationTable(cfg sim.Config, names []string) ([]sim.Constant, error) {
	table := sim.Constants()
	for i := range table {
		table[i].Fitted = false
	}
	for _, name := range names {
		at := cfg.Calibration.Constant(name)
		if at == nil {
			return nil, cmdline.Usagef("--constants: %q is not one of %s", name, strings.Join(sim.ConstantNames(), ", "))
		}
		table = append(table, sim.Constant{Owner: cfg.Policy, Name: name, Value: cmp.Or(*at, unheard), Fitted: true})
	}
	return table, nil
}

// fitsRequest reports whether it is request_s that is fitted.
func fitsRequest(k sim.Constant) bool { return k.Fitted && k.Name == "request_s" }

func knowsTTFT(p measuredPoint) bool { return p.row.TTFTMeanS.Known() }

// off is by which shares of the measured figures the model's are larger by a table: of
// the mean latency, and if request_s is fitted, which changes little else, of the mean TTFT.
func (p measuredPoint) off(ctx context.Context, table []sim.Constant) ([]float64, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var err error
	if p.replica.Calibration, err = sim.CalibrationFrom(table, p.replica.Hardware, p.replica.Policy); err != nil {
		return nil, err
	}
	simulated, err := p.simulate(ctx)
	if err != nil {
		return nil, err
	}
	shares := []float64{share(simulated, p.row, latency)}
	if knowsTTFT(p) && slices.ContainsFunc(table, fitsRequest) {
		shares = append(shares, share(simulated, p.row, ttft))
	}
	if slices.ContainsFunc(shares, func(s float64) bool { return math.IsNaN(s) || math.IsInf(s, 0) }) {
		return nil, fmt.Errorf("%d clients: a mean latency of %v s and a mean TTFT of %v s are not valid", p.row.NumClients, latency(p.row), ttft(p.row))
	}
	return shares, nil
}
