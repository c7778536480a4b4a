package main

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// The test binary is the tool itself when this is set.
const asTool = "VALIDATE_SIM_AS_TOOL"

func TestMain(m *testing.M) {
	if os.Getenv(asTool) != "" {
		main()
	}
	os.Exit(m.Run())
}

// tooled runs the tool and returns what it wrote and its exit status.
func tooled(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	run := exec.Command(os.Args[0], args...)
	run.Env = append(os.Environ(), asTool+"=1")
	run.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	run.Stdout, run.Stderr = &out, &errs
	if err := run.Run(); err != nil {
		if run.ProcessState == nil {
			t.Fatal(err)
		}
	}
	return out.String(), errs.String(), run.ProcessState.ExitCode()
}

// Least squares finds the numbers that made the residuals, and a constant that
// nothing determines stays.
func TestSolve(t *testing.T) {
	start := []sim.Constant{{Owner: "A6000", Name: "fill", Value: 3, Fitted: true}, {Owner: "every", Name: "step_s", Value: 5, Fitted: true},
		{Owner: "every", Name: "seq_s", Value: 7}, {Owner: "every", Name: "hop_s", Value: 2, Fitted: true}}
	p := problem{start: start, unknown: []int{0, 1, 3}, replicas: []sim.Config{{Hardware: sim.Hardware{Name: "A6000"}}, {}, {}}}
	p.off = func(i int, k []sim.Constant) ([]float64, error) {
		return [][]float64{{k[0].Value - 11}, {math.Log(k[1].Value / 2), k[1].Value - 2}, {k[2].Value - 7}}[i], nil
	}
	rounds := 0
	table, err := p.solve(30, func(int, []float64) { rounds++ })
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{11, 2, 7, 2} {
		if math.Abs(table[i].Value/want-1) > 0.01 {
			t.Errorf("%s = %v, want %v", table[i].Name, table[i].Value, want)
		}
	}
	if rounds < 3 || start[0].Value != 3 {
		t.Errorf("%d reports, start %v", rounds, start[0].Value)
	}
}

func TestFitLowersTheError(t *testing.T) {
	out, errs, status := tooled(t, "", "fit", "--rounds", "1", "--num-clients", "60")
	if status != 0 || !strings.HasPrefix(out, "owner,name,before,after\nevery,fill,") {
		t.Fatalf("status %d\n%s%s", status, out, errs)
	}
	if strings.Count(errs, "targets") != 2 || strings.Count(out, "\n") < 25 {
		t.Errorf("%s\n%s", out, errs)
	}
	if _, errs, status := tooled(t, "", "fit", "--num-clients", "5"); status != 2 || !strings.Contains(errs, "no fitted figure") {
		t.Errorf("status %d, %s", status, errs)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"no such figure":      {[]string{"simulate", "--figure", "fig99"}, 1, "no published point"},
		"no such model":       {[]string{"sweep", "--model", "gpt"}, 2, "not known by name"},
		"no such hardware":    {[]string{"sweep", "--hardware", "TPU"}, 2, "not known by name"},
		"no such policy":      {[]string{"sweep", "--policy", "orca"}, 2, "policy \"orca\" is not one of"},
		"bad size":            {[]string{"sweep", "--tp-size", "0"}, 2, "must be above 0"},
		"bad calibration":     {[]string{"sweep", "--calibration", "luck=1"}, 2, "luck=1"},
		"bad batch":           {[]string{"sweep", "--max-ragged-batch-size", "0"}, 2, "must be above 0"},
		"bad load":            {[]string{"sweep", "--num-requests", "0"}, 2, "must be above 0"},
		"no such constant":    {[]string{"calibrate", "--constants", "luck"}, 2, "not one of"},
		"rows without points": {[]string{"calibrate"}, 1, ""},
	} {
		out, errs, status := tooled(t, "", c.args...)
		if status != c.status || !strings.Contains(errs, c.want) {
			t.Errorf("%s: status %d, %s%s", name, status, out, errs)
		}
	}
}

func TestSweepLeavesOutWhatDoesNotFit(t *testing.T) {
	out, errs, status := tooled(t, "", "sweep", "--model", "llama-2-13b-hf", "--hardware", "L4", "--tp-size", "1,2", "--num-replicas", "2", "--num-clients", "3", "--num-requests", "7", "--policy", "vllm-0.2", "--max-ragged-batch-size", "4096")
	if status != 0 || !strings.Contains(errs, "skipped") || strings.Count(out, "\n") != 8 || strings.Count(out, "sweep,sim-vllm,sim-engine virtual time,4xL4,") != 7 || strings.Count(out, ",2,2,4096,3,") != 7 {
		t.Errorf("status %d\n%.600s\n%s", status, out, errs)
	}
}

// What is swept is what loadgen sends by itself.
func TestSweepsAreLoadgensRequests(t *testing.T) {
	out, _, status := tooled(t, "", "sweep", "--num-clients", "2", "--num-requests", "9", "--mean-prompt-length", "1900", "--model", "microsoft/phi-2")
	rows := csvio.NewReader[record.Request](nil, strings.NewReader(out), func(s string) { t.Error(s) })
	lengths := prompt.Lengths{MeanPrompt: 1900, MeanNew: 60, PromptVar: 0.3, NewVar: 0.3, MaxPrompt: 2000, Context: 2048}
	n := 0
	for ; rows.Scan(); n++ {
		row := rows.Row()
		if want := lengths.Draw(1, row.Request.Int()); row.PromptTokens.Int() != want.Prompt || row.GeneratedTokens.Int() != want.New {
			t.Errorf("request %d: %d and %d tokens, want %+v", row.Request.Int(), row.PromptTokens.Int(), row.GeneratedTokens.Int(), want)
		}
	}
	if status != 0 || n != 9 || rows.Err() != nil {
		t.Errorf("status %d, %d rows, %v", status, n, rows.Err())
	}
}
