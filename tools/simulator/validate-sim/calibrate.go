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
	p, of := problem{start: table}, figuresOf(table, points)
	for i := range table {
		if table[i].Fitted {
			p.unknown = append(p.unknown, i)
		}
	}
	for _, f := range of {
		p.replicas = append(p.replicas, f.point.replica)
	}
	p.residual = func(i int, table []sim.Constant) (float64, error) {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return of[i].off(ctx, table)
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

// figure is one that the constants are fitted to: a point's mean latency or mean TTFT.
type figure struct {
	point measuredPoint
	name  string
	of    column
}

// fitsRequest reports whether it is request_s that is fitted.
func fitsRequest(k sim.Constant) bool { return k.Fitted && k.Name == "request_s" }

func knowsTTFT(p measuredPoint) bool { return p.row.TTFTMeanS.Known() }

// figuresOf lists the figures that points are fitted by: their mean latencies, and if
// request_s is fitted, which changes little else, their mean TTFTs.
func figuresOf(table []sim.Constant, points []measuredPoint) (all []figure) {
	for _, p := range points {
		all = append(all, figure{p, "latency", latency})
	}
	if !slices.ContainsFunc(table, fitsRequest) {
		return all
	}
	for _, p := range points {
		if knowsTTFT(p) {
			all = append(all, figure{p, "TTFT", ttft})
		}
	}
	return all
}

// off is the model's figure by a table over the measured one, less 1.
func (f figure) off(ctx context.Context, table []sim.Constant) (float64, error) {
	var err error
	at := f.point
	if at.replica.Calibration, err = sim.CalibrationFrom(table, at.replica.Hardware, at.replica.Policy); err != nil {
		return 0, err
	}
	simulated, err := at.simulate(ctx)
	if err != nil {
		return 0, err
	}
	off := share(simulated, at.row, f.of)
	if math.IsNaN(off) || math.IsInf(off, 0) {
		return 0, fmt.Errorf("%d clients: a mean %s of %v s is not valid", at.row.NumClients, f.name, f.of(at.row))
	}
	return off, nil
}
