//go:build !race

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// border is the most load that keeps the level in a sweep of steps of 1 %, of 10,000
// requests each.
func border(t *testing.T, policy string, slo metrics.SLO, from, to float64) (most float64) {
	t.Helper()
	for rate := from; rate < to; rate *= 1.01 {
		rows, err := rowsAt(policy, rate, 10000, 99, "sweep")
		if err != nil {
			t.Fatal(err)
		}
		goodput := metrics.Goodput{SLOs: []metrics.SLO{slo}}
		for _, row := range rows {
			goodput.Add(row)
		}
		if row := goodput.Rows()[0]; row.Attainment.Float() < 0.95 {
			return most
		}
		most = rate
	}
	t.Fatalf("%s: no border below %g", policy, to)
	return 0
}

// The search finds the load that a fine sweep finds.
func TestTheSearchFindsWhatASweepFinds(t *testing.T) {
	level := "ttft:1000 tpot:100"
	slo, err := metrics.ParseSLO(level)
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range []string{"fastgen", "vllm"} {
		want := border(t, policy, slo, 5.8, 7)
		for seed := range 2 {
			file := filepath.Join(t.TempDir(), "answer.csv")
			_, stderr, status := call("--quiet", "--slo", level, "--seed", fmt.Sprint(seed+1), "--answer", file,
				"--", os.Args[0], "--policy", policy, "--url", "x", "--stream")
			answers := csvio.NewReader[record.Capacity]([]string{file}, nil, func(reason string) { t.Error(reason) })
			if status != 0 || !answers.Scan() {
				t.Fatalf("%s: status %d: %s", policy, status, stderr)
			}
			answer := answers.Row()
			if found := answer.Passed.Float(); found < want/1.05 || found > want*1.05 || answer.Probes > 12 {
				t.Errorf("%s, seed %d: found %g in %d loads, the sweep %g", policy, seed+1, found, answer.Probes, want)
			}
			t.Logf("%s, seed %d: found %v, the sweep %.3g, %d loads, %d requests", policy, seed+1, answer.Passed, want, answer.Probes, answer.Requests)
		}
	}
}
