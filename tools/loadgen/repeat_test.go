package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// Runs of one sweep have names and draws of their own, and the first is what it is
// without --repeat.
func TestRepeatsAreRunsOfTheirOwn(t *testing.T) {
	s := newLockServer(t)
	for _, load := range []string{"--num-clients 1,3 --num-requests 9", "--rate 5,9 --num-requests 9"} {
		_, once := s.lockstepped(t, load+light)
		rows, text := s.lockstepped(t, load+" --repeat 3"+light)
		byRun := map[record.Text][]record.Request{}
		for _, r := range rows {
			byRun[r.Run] = append(byRun[r.Run], r)
		}
		if len(byRun) != 3 || len(byRun["r.1"]) != 18 || len(byRun["r.2"]) != 18 || len(byRun["r.3"]) != 18 {
			t.Fatalf("%s: runs of %d, %d and %d rows among %d", load, len(byRun["r.1"]), len(byRun["r.2"]), len(byRun["r.3"]), len(rows))
		}
		if !strings.HasPrefix(strings.ReplaceAll(text, "\nr.1,", "\nr,"), once) {
			t.Errorf("%s: the first run is\n%s\nwithout --repeat\n%s", load, text, once)
		}
		if slices.Equal(asked(byRun["r.1"]), asked(byRun["r.2"])) || slices.Equal(asked(byRun["r.2"]), asked(byRun["r.3"])) {
			t.Errorf("%s: two runs have the same draws", load)
		}
		second, _ := s.lockstepped(t, load+strings.Replace(light, "--seed 7", "--seed 8", 1))
		if !slices.Equal(asked(byRun["r.2"]), asked(second)) {
			t.Errorf("%s: the second run is not that of the next seed", load)
		}
	}
}

// asked are the drawn lengths and due times of the requests, by number.
func asked(rows []record.Request) (all []float64) {
	slices.SortStableFunc(rows, func(a, b record.Request) int { return a.Request.Int() - b.Request.Int() })
	for _, r := range rows {
		all = append(all, r.AskedPromptTokens.Float(), r.MaxNewTokens.Float())
		if r.DueS.Known() {
			all = append(all, r.DueS.Float())
		}
	}
	return all
}

func TestRepeatsHaveFilesOfTheirOwn(t *testing.T) {
	s := newLockServer(t)
	dir := t.TempDir()
	args := []string{"--url", s.URL, "--num-clients", "1", "--num-requests", "4", "--mean-prompt-length", "100", "--mean-max-new-tokens", "5", "--out-dir", dir, "--repeat"}
	for i, n := range []string{"2", "2", "3"} {
		status, _, stderr := result(t, loadgen(append(args, n)...))
		if files, _ := filepath.Glob(dir + "/*-clients1-repeat[123].csv"); status != 0 || len(files) != []int{2, 2, 3}[i] {
			t.Errorf("--repeat %s: status %d, files %q, %s", n, status, files, stderr)
		}
	}
}

// A schedule draws nothing: in lockstep its runs cannot differ, which is said.
func TestRepeatsOfAScheduleAreTold(t *testing.T) {
	s := newLockServer(t)
	trace := filepath.Join(t.TempDir(), "trace.csv")
	if err := os.WriteFile(trace, []byte("due_s,prompt_tokens,max_new_tokens\n0,100,5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, stderr := result(t, loadgen("--url", s.URL, "--schedule", trace, "--repeat", "2")); !strings.Contains(stderr, "all runs of one schedule are the same") {
		t.Errorf("stderr %s", stderr)
	}
}
