package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

func fitFlags() []cli.Flag {
	return []cli.Flag{&cli.IntFlag{Name: "rounds", Value: 6, Usage: "turn every constant `N` times"}}
}

// constant is a row of what the fit found.
type constant struct {
	Name record.Text  `csv:"constant"`
	Was  record.Ratio `csv:"was"`
	Now  record.Ratio `csv:"now"`
}

func fit(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	if c.Int("rounds") < 1 {
		return cmdline.Usagef("--rounds %d is below 1", c.Int("rounds"))
	}
	target, err := newTarget()
	if err != nil {
		return err
	}
	was, now := sim.Fitted(), sim.Fitted()
	search := &descent{loss: func() (float64, error) { return target.loss(now) }, parameters: now.Parameters()}
	if err := search.start(); err != nil {
		return err
	}
	for round := range c.Int("rounds") {
		std.Notef("round %d: loss %.4f", round, search.best)
		if err := search.round(ctx); err != nil {
			return err
		}
	}
	std.Notef("done: loss %.4f", search.best)
	var rows []constant
	for i, p := range now.Parameters() {
		rows = append(rows, constant{record.Text(p.Name), record.Ratio(*was.Parameters()[i].Value), record.Ratio(*p.Value)})
	}
	return writeAll(std.Out, rows)
}

// target is what the constants are fitted to.
type target struct {
	latencies, effective []published.Point
	peaks                map[string]float64 // of each effective-throughput curve
}

// fitClients are the loads that the fit looks at: enough to bend every curve.
var fitClients = []int{1, 4, 12, 20, 32}

func newTarget() (t target, err error) {
	points, err := curvePoints()
	if err != nil {
		return t, err
	}
	part := parts(points)
	for _, p := range points {
		if part[p.Figure] == fitted && slices.Contains(fitClients, p.Clients) {
			t.latencies = append(t.latencies, p)
		}
	}
	all, err := goodputPoints()
	t.peaks = peaks(all)
	for _, p := range all {
		if p.Hardware == "1xA6000" {
			t.effective = append(t.effective, p)
		}
	}
	return t, err
}

// loss is the mean latency error, with what is above 8 % counting five times,
// and half the mean error of the A6000's effective throughput as a share of
// its peak, which is much more sensitive to how a latency comes about.
func (t target) loss(constants *sim.Constants) (float64, error) {
	off, err := latencyErrors(t.latencies, constants)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, e := range off {
		e = math.Abs(math.Log1p(e))
		sum += e + 4*max(0, e-0.08)
	}
	missed, err := goodputErrors(t.effective, constants)
	if err != nil {
		return 0, err
	}
	shares := 0.0
	for i, p := range t.effective {
		shares += math.Abs(missed[i]) / t.peaks[curveName(p)]
	}
	return sum/float64(len(off)) + 0.5*shares/float64(len(missed)), nil
}

// descent turns one parameter after the other and keeps what helps. Its steps
// grow where they do and shrink where they do not.
type descent struct {
	loss       func() (float64, error)
	parameters []sim.Parameter
	steps      []float64
	best       float64
}

func (d *descent) start() (err error) {
	d.steps = slices.Repeat([]float64{0.1}, len(d.parameters))
	d.best, err = d.loss()
	return err
}

func (d *descent) round(ctx context.Context) error {
	for i, p := range d.parameters {
		helped, err := d.turn(p, d.steps[i])
		if err != nil {
			return fmt.Errorf("%s = %v: %w", p.Name, *p.Value, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if helped {
			d.steps[i] *= 1.3
		} else {
			d.steps[i] /= 2
		}
	}
	return nil
}

// turn tries a parameter a step above and a step below.
func (d *descent) turn(p sim.Parameter, step float64) (helped bool, err error) {
	was := *p.Value
	for _, factor := range []float64{1 + step, 1 / (1 + step)} {
		*p.Value = was * factor
		if p.Most > 0 {
			*p.Value = min(*p.Value, p.Most)
		}
		loss, err := d.loss()
		if err != nil {
			return false, err
		}
		if loss < d.best {
			d.best = loss
			return true, nil
		}
	}
	*p.Value = was
	return false, nil
}
