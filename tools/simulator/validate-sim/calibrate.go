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
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/simrun"
)

func calibrateFlags() []cli.Flag {
	return append(replicaFlags(),
		&cli.StringSliceFlag{Name: "constants", Value: cli.NewStringSlice("compute", "bandwidth", "seq_s"), Usage: "fit these `CONSTANTS`; with fewer rows than constants the others stay near their present values"},
		&cli.IntFlag{Name: "rounds", Value: 8, Usage: "stop after `N` steps, or earlier if none improves the fit"},
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
	rows, err := readSummaries(c.Args().Slice(), std)
	if err != nil {
		return err
	}
	return fitRows(ctx, cfg, table, rows, c.Int("rounds"), std)
}

// fitRows fits the table's constants to measured summary rows and prints them in
// one line.
func fitRows(ctx context.Context, cfg sim.Config, table []sim.Constant, rows []record.Summary, rounds int, std *cmdline.Std) error {
	p, of := problem{start: table}, figuresOf(table, rows)
	for i := range table {
		if table[i].Fitted {
			p.unknown = append(p.unknown, i)
		}
	}
	for _, m := range of {
		cfg.TP = int(m.row.TPSize)
		p.replicas = append(p.replicas, cfg)
	}
	p.residual = func(i int, table []sim.Constant) (float64, error) {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return of[i].off(p.replicas[i], table)
	}
	table, err := p.solve(rounds, func(round int, r []float64) {
		std.Notef("round %d: %d figures, off by %.1f %% on average", round, len(r), 100*meanSize(r))
	})
	if err != nil {
		return err
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

// figure is one that the constants are fitted to: a row's mean latency or mean TTFT.
type figure struct {
	row  record.Summary
	name string
	want float64
	of   func(record.Request) float64
}

// figuresOf lists the figures that rows are fitted by: their mean latencies, and with
// request_s, which little else shows, their mean TTFTs.
func figuresOf(table []sim.Constant, rows []record.Summary) (all []figure) {
	for _, row := range rows {
		all = append(all, figure{row, "latency", row.LatencyMeanS.Float(), func(r record.Request) float64 { return r.LatencyS.Float() }})
	}
	if !slices.ContainsFunc(table, func(k sim.Constant) bool { return k.Fitted && k.Name == "request_s" }) {
		return all
	}
	for _, row := range rows {
		if row.TTFTMeanS.Known() {
			all = append(all, figure{row, "TTFT", row.TTFTMeanS.Float(), func(r record.Request) float64 { return r.ChunkS[0].At }})
		}
	}
	return all
}

// off is the model's mean of the figure by a table over the measured one, less 1.
func (f figure) off(cfg sim.Config, table []sim.Constant) (float64, error) {
	var err error
	if cfg.Calibration, err = sim.CalibrationFrom(table, cfg.Hardware, cfg.Policy); err != nil {
		return 0, err
	}
	rows, err := simrun.Run(context.Background(), cfg, int(f.row.NumReplicas), loadgens(cfg.Model, f.row.Key, f.row.OK))
	if err != nil {
		return 0, fmt.Errorf("%d clients: %w", f.row.NumClients, err)
	}
	sum := 0.0
	for _, r := range rows {
		sum += f.of(r)
	}
	off := sum/float64(len(rows))/f.want - 1
	if math.IsNaN(off) || math.IsInf(off, 0) {
		return 0, fmt.Errorf("%d clients: a mean %s of %v s is not valid", f.row.NumClients, f.name, f.want)
	}
	return off, nil
}
