//go:build !race

// The model runs on one goroutine, where the race detector finds nothing and takes
// ten times as long: make test runs what is long without it.

package main

import (
	"encoding/csv"
	"math"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gocarina/gocsv"
)

// judged is what the tool writes without a command, once for all tests.
var judged = sync.OnceValues(func() (curves []*curve, err error) {
	run := exec.Command(os.Args[0])
	run.Env = append(os.Environ(), asTool+"=1")
	out, err := run.Output()
	if err != nil {
		return nil, err
	}
	return curves, gocsv.UnmarshalBytes(out, &curves)
})

// What docs/simulator.md promises of the model, with a little room.
func TestErrorsArePromised(t *testing.T) {
	curves, err := judged()
	if err != nil {
		t.Fatal(err)
	}
	promised := map[string][2]float64{
		"2023-11 Llama-2, latency, fitted":              {0.035, 0.12},
		"2023-11 Llama-2, latency, held out":            {0.03, 0.06},
		"2023-11 Llama-2, effective, fitted":            {0.03, 0.14},
		"2023-11 Llama-2, effective, held out":          {0.03, 0.16},
		"2024-01 Mixtral and Falcon, latency, fitted":   {0.04, 0.09},
		"2024-01 Mixtral and Falcon, latency, held out": {0.05, 0.15},
		"2024-01 phi-2, latency, fitted":                {0.04, 0.1},
		"2024-01 phi-2, latency, held out":              {0.15, 0.3},
		"2024-03 FP6 and FP16, latency, fitted":         {0.05, 0.14},
		"2024-03 FP6 and FP16, latency, held out":       {0.05, 0.15},
	}
	for _, g := range groups(curves) {
		limit, known := promised[g.name]
		if !known || g.sum/float64(g.points) > limit[0] || g.worst > limit[1] {
			t.Errorf("%s; promised %v", g, limit)
		}
		delete(promised, g.name)
	}
	if len(promised) > 0 {
		t.Errorf("no such groups: %v", promised)
	}
	fittedCurves := 0
	for _, c := range curves {
		if c.Fitted == "yes" {
			fittedCurves++
		}
	}
	if fittedCurves*3 > len(curves)*2 {
		t.Errorf("%d of %d curves are fitted: less than a third is held out", fittedCurves, len(curves))
	}
}

// Rows of a GPU that is not as its datasheet says give back what it is.
func TestCalibrateRoundTrip(t *testing.T) {
	requests, _, _ := tooled(t, "", "sweep", "--hardware", "L4", "--calibration", "compute=0.45,bandwidth=0.6,request_s=0.03", "--num-clients", "1,8,16", "--num-requests", "120", "--mean-prompt-length", "600")
	if !strings.Contains(requests, "sim-engine virtual time predicted") {
		t.Fatalf("rows by a user's constants are not labelled predicted:\n%.500s", requests)
	}
	out, errs, status := tooled(t, collected(t, requests), "calibrate", "--hardware", "L4", "--constants", "compute,bandwidth,request_s")
	found := regexp.MustCompile(`^compute=([0-9.]+),bandwidth=([0-9.]+),request_s=([0-9.]+)\n$`).FindStringSubmatch(out)
	if status != 0 || found == nil {
		t.Fatalf("status %d, %q\n%s", status, out, errs)
	}
	for i, want := range []float64{0.45, 0.6, 0.03} {
		if got, _ := strconv.ParseFloat(found[i+1], 64); math.Abs(got/want-1) > []float64{0.05, 0.05, 0.1}[i] { // of request_s the latency shows little
			t.Errorf("%s: want %v", out, want)
		}
	}
}

// What was published has no TTFTs: nothing determines request_s.
func TestCalibrateWithoutTTFTs(t *testing.T) {
	rows, _, _ := tooled(t, "", "rows", "--figure", "fig8-left")
	published := strings.Join(strings.SplitAfter(rows, "\n")[:3], "") // of two points
	out, errs, status := tooled(t, published, "calibrate", "--rounds", "1")
	if status != 0 || !strings.Contains(errs, "request_s is not fitted") || strings.Contains(out, "request_s") {
		t.Errorf("status %d, %s%s", status, out, errs)
	}
	if _, errs, status := tooled(t, published, "calibrate", "--constants", "request_s"); status != 1 || !strings.Contains(errs, "no row has one") {
		t.Errorf("--constants request_s: status %d, %s", status, errs)
	}
}

func TestSimulatedRowsCarryTheirClients(t *testing.T) {
	out, _, _ := tooled(t, "", "simulate", "--figure", "fig3-bottomright")
	if strings.Contains(collected(t, out), "client-limited") {
		t.Error("requests in virtual time are taken for late ones")
	}
}

// Rows that the model made itself are predicted as they are, by the constants that made
// them; by others they are not.
func TestPredictRoundTrip(t *testing.T) {
	const constants = "compute=0.45,bandwidth=0.6,request_s=0.03"
	requests, _, _ := tooled(t, "", "sweep", "--hardware", "L4", "--calibration", constants, "--num-clients", "1,8", "--num-requests", "60", "--mean-prompt-length", "600")
	summary := collected(t, requests)
	for args, exact := range map[string]bool{"--calibration " + constants: true, "--calibration compute=0.9": false} {
		rows, errs, status := tooled(t, summary, append([]string{"predict", "--hardware", "L4"}, strings.Fields(args)...)...)
		if cells := columnOf(t, rows, "latency_off"); status != 0 || len(cells) != 2 || slices.ContainsFunc(cells, func(off float64) bool { return (math.Abs(off) < 1e-5) != exact }) {
			t.Errorf("%s: status %d, %s\n%s", args, status, errs, rows)
		}
		sums, _, _ := tooled(t, summary, append([]string{"predict", "--sums", "--hardware", "L4"}, strings.Fields(args)...)...)
		if most := columnOf(t, sums, "ttft_error_max"); len(most) != 1 || (most[0] < 1e-4) != exact || columnOf(t, sums, "points")[0] != 2 {
			t.Errorf("%s: %s", args, sums)
		}
	}
	unsaid := strings.ReplaceAll(summary, ",768,", ",,")
	if _, errs, status := tooled(t, unsaid, "predict", "--hardware", "L4"); status != 1 || !strings.Contains(errs, "does not say max_ragged_batch_size") {
		t.Errorf("status %d, %s", status, errs)
	}
	if rows, errs, status := tooled(t, unsaid, "predict", "--hardware", "L4", "--max-ragged-batch-size", "768"); status != 0 {
		t.Errorf("status %d, %s, %s", status, errs, rows)
	}
	unknown := strings.ReplaceAll(summary, "meta-llama/Llama-2-7b-hf", "mine")
	if _, errs, status := tooled(t, unknown, "predict", "--hardware", "L4"); status != 1 || !strings.Contains(errs, "give one with --model") {
		t.Errorf("status %d, %s", status, errs)
	}
	if rows, errs, status := tooled(t, unknown, "predict", "--hardware", "L4", "--model", "meta-llama/Llama-2-7b-hf"); status != 0 {
		t.Errorf("status %d, %s, %s", status, errs, rows)
	}
}

// columnOf is a column of CSV by its name, as numbers.
func columnOf(t *testing.T, text, name string) (numbers []float64) {
	t.Helper()
	for _, row := range cells(t, text) {
		number, err := strconv.ParseFloat(row[name], 64)
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, number)
	}
	return numbers
}

// cells are the rows of CSV, by the names of their columns.
func cells(t *testing.T, text string) (rows []map[string]string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%v: %s", err, text)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}
