package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// loads lists the points of rows, in their order.
func loads(rows []record.Request) (all []string) {
	for _, r := range rows {
		if name := fmt.Sprintf("%d/%g/%d", r.NumClients, float64(r.RateRPS), r.MeanPromptLength); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

func TestLargerLoadsAreLeftOut(t *testing.T) {
	s := newLockServer(t)
	const load = " --num-requests 30 --mean-max-new-tokens 12 --stream"
	whole, _ := s.lockstepped(t, "--num-clients 1,8 --mean-prompt-length 300"+load)
	var few, many mean
	for _, r := range whole {
		if r.NumClients == 1 {
			few.add(r)
		} else {
			many.add(r)
		}
	}
	between := fmt.Sprint((few.value() + many.value()) / 2)
	for args, want := range map[string]string{
		"--num-clients 1,8,9,16 --mean-prompt-length 300 --early-stop-latency " + between:       "1/0/300 8/0/300",
		"--num-clients 16,1,8 --mean-prompt-length 300,100 --early-stop-latency " + between:     "16/0/300 1/0/300 8/0/300 16/0/100 1/0/100 8/0/100",
		"--num-clients 1,8,16 --mean-prompt-length 300,3000 --early-stop-latency " + between:    "1/0/300 8/0/300 1/0/3000",
		"--num-clients 1,8,16 --mean-prompt-length 300 --early-stop-latency 1000":               "1/0/300 8/0/300 16/0/300",
		"--rate 0.1,1000,2000 --mean-prompt-length 300 --early-stop-latency " + between:         "0/0.1/300 0/1000/300",
		"--num-clients 8,9 --repeat 2 --mean-prompt-length 300 --early-stop-latency " + between: "8/0/300",
	} {
		if rows, _ := s.lockstepped(t, args+load); strings.Join(loads(rows), " ") != want {
			t.Errorf("%s: %q, want %s", args, loads(rows), want)
		}
	}
}

// A point that exists counts, too: neither --pending nor the next call begins what
// the first left out.
func TestWhatWasLeftOutStaysOut(t *testing.T) {
	s := newLockServer(t)
	dir := t.TempDir()
	sweep := []string{"--url", s.URL, "--num-clients", "8,16", "--num-requests", "20", "--mean-prompt-length", "300", "--mean-max-new-tokens", "12", "--early-stop-latency", "0.001", "--out-dir", dir}
	status, _, stderr := result(t, loadgen(sweep...))
	if files, _ := filepath.Glob(dir + "/*"); status != 0 || len(files) != 1 || !strings.Contains(stderr, "16 clients, prompt 300, generation 12: skipped") {
		t.Fatalf("status %d, files %q: %s", status, files, stderr)
	}
	if status, _, stderr := result(t, loadgen(sweep...)); status != 0 || !strings.Contains(stderr, "1 points are skipped") {
		t.Errorf("the second time: status %d, %s", status, stderr)
	}
	if status, stdout, stderr := result(t, loadgen(append(sweep, "--pending", "--model", "m", "--max-ragged-batch-size", "768")...)); status != 0 || stdout != "" {
		t.Errorf("pending: %s%s", stdout, stderr)
	}
}
