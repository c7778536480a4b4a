//go:build !race

package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// border is the most load that keeps the level, to 1 %, by halving the range: each
// load has 10,000 requests. The level must hold at from and not at to.
func border(t *testing.T, policy string, slo metrics.SLO, from, to float64) float64 {
	t.Helper()
	if !keeps(t, policy, slo, from) || keeps(t, policy, slo, to) {
		t.Fatalf("%s: the border is not between %g and %g", policy, from, to)
	}
	for to > from*1.01 {
		if middle := math.Sqrt(from * to); keeps(t, policy, slo, middle) {
			from = middle
		} else {
			to = middle
		}
	}
	return from
}

// keeps reports whether 95 % of the requests at the rate meet the level.
func keeps(t *testing.T, policy string, slo metrics.SLO, rate float64) bool {
	t.Helper()
	rows, err := rowsAt(policy, rate, 10000, 99, "sweep")
	if err != nil {
		t.Fatal(err)
	}
	goodput := metrics.Goodput{SLOs: []metrics.SLO{slo}}
	for _, row := range rows {
		goodput.Add(row)
	}
	return goodput.Rows()[0].Attainment.Float() >= 0.95
}

// The search finds the load that a fine sweep finds.
func TestTheSearchFindsWhatASweepFinds(t *testing.T) {
	level := "ttft:1000 tpot:100"
	slo, err := metrics.ParseSLO(level)
	if err != nil {
		t.Fatal(err)
	}
	for policy, seed := range map[string]int{"fastgen": 1, "vllm": 2} {
		want := border(t, policy, slo, 5.8, 7)
		file := filepath.Join(t.TempDir(), "answer.csv")
		_, stderr, status := call("--quiet", "--slo", level, "--seed", fmt.Sprint(seed), "--answer", file,
			"--", os.Args[0], "--policy", policy, "--url", "x", "--stream")
		answers := csvio.NewReader[record.Capacity]([]string{file}, nil, func(reason string) { t.Error(reason) })
		if status != 0 || !answers.Scan() {
			t.Fatalf("%s: status %d: %s", policy, status, stderr)
		}
		answer := answers.Row()
		if found := answer.Passed.Float(); found < want/1.05 || found > want*1.05 || answer.Probes > 12 {
			t.Errorf("%s, seed %d: found %g in %d loads, the sweep %g", policy, seed, found, answer.Probes, want)
		}
		t.Logf("%s, seed %d: found %v, the sweep %.3g, %d loads, %d requests", policy, seed, answer.Passed, want, answer.Probes, answer.Requests)
	}
}
