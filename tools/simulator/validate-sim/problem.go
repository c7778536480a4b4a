package main

import (
	"context"
	"math"

	"fastgenbench/tools/simulator/sim"
)

// problem is a fit as least squares. The unknowns are the logarithms of some
// constants, so that none can become negative.
type problem struct {
	start   []sim.Constant
	unknown []int // places in start
	// replicas are those of the targets: residual i depends on the constants
	// that hold for replica i.
	replicas []sim.Config
	// residual is how far off target i is by a table of constants.
	residual func(i int, table []sim.Constant) (float64, error)
}

// newProblem looks for the fitted constants of a table, from where they stand.
func newProblem(ctx context.Context, targets []target, start []sim.Constant) (problem, error) {
	p := problem{start: start, residual: func(i int, table []sim.Constant) (float64, error) {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return targets[i].off(table)
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

func (p problem) residuals(x []float64) ([]float64, error) {
	table := p.table(x)
	r := make([]float64, len(p.replicas))
	err := parallel(len(r), func(i int) (err error) {
		r[i], err = p.residual(i, table)
		return err
	})
	return r, err
}

// slopes is the change of each residual with unknown i, by a step of a few
// percent: the schedule moves in jumps, which a smaller one would see.
func (p problem) slopes(i int, x, at []float64) ([]float64, error) {
	const step = 0.04
	k := p.start[p.unknown[i]]
	moved := append([]float64(nil), x...)
	moved[i] += step
	table := p.table(moved)
	slopes := make([]float64, len(at))
	err := parallel(len(at), func(n int) error {
		if cfg := p.replicas[n]; !k.Holds(cfg.Hardware.Name, cfg.Policy) {
			return nil
		}
		r, err := p.residual(n, table)
		slopes[n] = (r - at[n]) / step
		return err
	})
	return slopes, err
}
