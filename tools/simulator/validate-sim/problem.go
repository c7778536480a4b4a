package main

import (
	"context"
	"math"
	"slices"

	"fastgenbench/tools/simulator/sim"
)

// problem is a fit as least squares. The unknowns are the logarithms of some
// constants, so that none can become negative.
type problem struct {
	start   []sim.Constant
	unknown []int // places in start
	// replicas are those of the targets: what target i shows depends on the
	// constants that hold for replica i.
	replicas []sim.Config
	// off is how far off each figure of target i is by a table of constants.
	off func(i int, table []sim.Constant) ([]float64, error)
}

// newProblem looks for the fitted constants of a table, from where they stand.
func newProblem(ctx context.Context, targets []target, start []sim.Constant) (problem, error) {
	p := problem{start: start, off: func(i int, table []sim.Constant) ([]float64, error) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		off, err := targets[i].off(table)
		return []float64{off}, err
	}}
	for _, t := range targets {
		cfg, err := configure(t.point.Config, start)
		if err != nil {
			return p, err
		}
		p.replicas = append(p.replicas, cfg)
	}
	for i, k := range start {
		if k.Fitted {
			p.unknown = append(p.unknown, i)
		}
	}
	return p, nil
}

// table is the table of constants with the unknowns at x.
func (p problem) table(x []float64) []sim.Constant {
	table := append([]sim.Constant(nil), p.start...)
	for i, place := range p.unknown {
		table[place].Value = math.Exp(x[i])
	}
	return table
}

// residuals are the figures of each target.
func (p problem) residuals(x []float64) ([][]float64, error) {
	table := p.table(x)
	r := make([][]float64, len(p.replicas))
	err := parallel(len(r), func(n int) (err error) {
		r[n], err = p.off(n, table)
		return err
	})
	return r, err
}

// slopes is the change of each figure with unknown i, by a step of a few
// percent: the schedule moves in jumps, which a smaller one would see.
func (p problem) slopes(i int, x []float64, at [][]float64) ([]float64, error) {
	const step = 0.04
	k := p.start[p.unknown[i]]
	moved := append([]float64(nil), x...)
	moved[i] += step
	table := p.table(moved)
	slopes := make([][]float64, len(at))
	err := parallel(len(at), func(n int) error {
		slopes[n] = make([]float64, len(at[n]))
		if cfg := p.replicas[n]; !k.Holds(cfg.Hardware.Name, cfg.Policy) {
			return nil
		}
		r, err := p.off(n, table)
		for f := range r {
			slopes[n][f] = (r[f] - at[n][f]) / step
		}
		return err
	})
	return slices.Concat(slopes...), err
}
