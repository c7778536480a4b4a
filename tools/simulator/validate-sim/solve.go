package main

import (
	"math"
	"slices"

	"fastgenbench/tools/simulator/sim"
)

// prior is the weight of a constant's own start among the residuals: one that
// no target determines stays where it was.
const prior = 0.02

// highest are the limits of shares: nothing reaches more than all of a
// datasheet's rate, and of its memory bandwidth a copy reaches about this much.
var highest = map[string]float64{"bandwidth": 0.92, "compute": 1, "link": 1, "attention": 1, "experts": 1, "reread": 1}

// settled is the share of the cost that a round must save for another to follow.
const settled = 1e-4

// solve is the method of Levenberg and Marquardt: a step solves the normal
// equations, damped the more the less the last one helped.
func (p problem) solve(rounds int, report func(round int, residuals []float64)) ([]sim.Constant, error) {
	x := make([]float64, len(p.unknown))
	for i, place := range p.unknown {
		x[i] = math.Log(p.start[place].Value)
	}
	start := slices.Clone(x)
	at, err := p.residuals(x)
	if err != nil {
		return nil, err
	}
	report(0, slices.Concat(at...))
	damping := 0.01
	for round := 1; round <= rounds && damping < 1000; round++ {
		slopes := make([][]float64, len(x))
		for i := range x {
			if slopes[i], err = p.slopes(i, x, at); err != nil {
				return nil, err
			}
		}
		for better := false; !better && damping < 1000; damping *= 4 {
			next := p.step(slopes, slices.Concat(at...), x, start, damping)
			r, err := p.residuals(next)
			if err != nil {
				return nil, err
			}
			before, after := cost(at, x, start), cost(r, next, start)
			if better = after < before; better {
				x, at, damping = next, r, damping/20
				report(round, slices.Concat(at...))
				if after > before*(1-settled) {
					return p.table(x), nil
				}
			}
		}
	}
	return p.table(x), nil
}

func cost(residuals [][]float64, x, start []float64) float64 {
	sum := 0.0
	for _, r := range residuals {
		sum += dot(r, r)
	}
	for i := range x {
		sum += prior * prior * (x[i] - start[i]) * (x[i] - start[i])
	}
	return sum
}

// step is x and the solution of (J J' + damping diagonal + prior) d = -J r,
// where the rows of J are the slopes. No constant moves by more than a factor
// of two, nor above its limit: one that would is held there, and the others are
// solved for again.
func (p problem) step(slopes [][]float64, r, x, start []float64, damping float64) []float64 {
	n := len(x)
	a := make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n+1)
		for k := range n {
			a[i][k] = dot(slopes[i], slopes[k])
		}
		a[i][i] += damping*a[i][i] + prior*prior
		a[i][n] = -dot(slopes[i], r) - prior*prior*(x[i]-start[i])
	}
	next, free, held := slices.Clone(x), places(n), []int(nil)
	for {
		for i, d := range eliminate(smaller(a, free, held, x, next)) {
			next[free[i]] = x[free[i]] + max(-math.Ln2, min(math.Ln2, d))
		}
		before := len(held)
		free = slices.DeleteFunc(free, func(k int) bool {
			most, limited := highest[p.start[p.unknown[k]].Name]
			if !limited || next[k] <= math.Log(most) {
				return false
			}
			next[k], held = math.Log(most), append(held, k)
			return true
		})
		if len(held) == before {
			return next
		}
	}
}

// places are 0 to n-1.
func places(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// smaller is the system for the free unknowns alone, where the held ones go from x to next.
func smaller(a [][]float64, free, held []int, x, next []float64) [][]float64 {
	rows := make([][]float64, len(free))
	for i, k := range free {
		for _, m := range free {
			rows[i] = append(rows[i], a[k][m])
		}
		right := a[k][len(a)]
		for _, m := range held {
			right -= a[k][m] * (next[m] - x[m])
		}
		rows[i] = append(rows[i], right)
	}
	return rows
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// eliminate solves a positive definite system, its right side in the last column.
func eliminate(a [][]float64) []float64 {
	n := len(a)
	for i := range n {
		for k := i + 1; k < n; k++ {
			f := a[k][i] / a[i][i]
			for m := i; m <= n; m++ {
				a[k][m] -= f * a[i][m]
			}
		}
	}
	d := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		d[i] = a[i][n]
		for k := i + 1; k < n; k++ {
			d[i] -= a[i][k] * d[k]
		}
		d[i] /= a[i][i]
	}
	return d
}
