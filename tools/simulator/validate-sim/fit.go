package main

import (
	"context"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

func fitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "rounds", Value: 12, Usage: "stop after `N` steps, or earlier if none improves the fit"},
		&cli.StringSliceFlag{Name: "num-clients", Value: cli.NewStringSlice("1", "2", "6", "16", "32", "60"), Usage: "fit to the points of these `CLIENTS`"},
	}
}

// constantRow is a row of fit.
type constantRow struct {
	Owner  record.Text  `csv:"owner"`
	Name   record.Text  `csv:"name"`
	Before record.Ratio `csv:"before"`
	After  record.Ratio `csv:"after"`
}

func fit(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	clients, err := cmdline.Ints(c.StringSlice("num-clients"))
	if err != nil {
		return cmdline.Usagef("--num-clients: %v", err)
	}
	return fitAgain(ctx, clients, c.Int("rounds"), std)
}

// fitAgain prints each fitted constant and what it would be by a new fit to the
// published points of these clients.
func fitAgain(ctx context.Context, clients []int, rounds int, std *cmdline.Std) error {
	points, err := published.Points()
	if err != nil {
		return err
	}
	var targets []target
	for _, p := range points {
		if slices.Contains(clients, p.Clients) && slices.Contains(fitted, p.Figure) {
			targets = append(targets, newTarget(points, p))
		}
	}
	if len(targets) == 0 {
		return cmdline.Usagef("--num-clients: no fitted figure has a point of %v clients", clients)
	}
	p, err := newProblem(ctx, targets, sim.Constants())
	if err != nil {
		return err
	}
	table, err := p.solve(rounds, func(round int, r []float64) {
		std.Notef("round %d: %d targets, %d constants, off by %.2f %% on average", round, len(r), len(p.unknown), 100*meanSize(r))
	})
	if err != nil {
		return err
	}
	return writeConstants(std, p.unknown, table)
}

func writeConstants(std *cmdline.Std, unknown []int, table []sim.Constant) error {
	w := csvio.NewWriter[constantRow](std.Out)
	for _, i := range unknown {
		k := sim.Constants()[i]
		row := constantRow{record.Text(k.Owner), record.Text(k.Name), record.Ratio(k.Value), record.Ratio(threeDigits(table[i].Value))}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}

// threeDigits rounds to three significant digits.
func threeDigits(v float64) float64 {
	scale := math.Pow(10, 2-math.Floor(math.Log10(v)))
	return math.Round(v*scale) / scale
}

func meanSize(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += math.Abs(v)
	}
	return sum / float64(len(values))
}
