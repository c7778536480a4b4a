package main

import (
	"bytes"
	"context"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/sim"
)

// call runs the tool as a process and returns its rows.
func call(t *testing.T, stdin string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	command := exec.Command("go", append([]string{"run", "."}, args...)...)
	var out, errs bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(stdin), &out, &errs
	if err := command.Run(); err != nil {
		status = 1
	}
	return out.String(), errs.String(), status
}

func TestPartsLeaveAThirdOut(t *testing.T) {
	points, err := curvePoints()
	if err != nil {
		t.Fatal(err)
	}
	count := map[record.Text]int{}
	for _, part := range parts(points) {
		count[part]++
	}
	if 2*(count[held]+count[odd]) < count[fitted] || count[held] < 7 {
		t.Errorf("%v: less than a third is left out", count)
	}
}

// Held-out panels are predicted about as well as fitted ones are met, and the
// model is within the bounds that docs/simulator.md states.
func TestTheModelHolds(t *testing.T) {
	points, err := curvePoints()
	if err != nil {
		t.Fatal(err)
	}
	off, err := latencyErrors(points, sim.Fitted())
	if err != nil {
		t.Fatal(err)
	}
	curves := fold(points, off)
	met, worst := sumUp(curves, fitted)
	predicted, _ := sumUp(curves, held)
	if met > 0.06 || worst > 0.2 || predicted > 1.5*met {
		t.Errorf("fitted %.3f in the mean, %.3f at worst; held out %.3f", met, worst, predicted)
	}
}

func TestRowsArePublishedOrSimulated(t *testing.T) {
	published, _, _ := call(t, "", "rows", "--figure", "fig8-left")
	simulated, _, _ := call(t, "", "rows", "--figure", "fig8-left", "--simulated")
	for text, prefix := range map[string]string{published: "published-", simulated: "sim-"} {
		rows := csvio.NewReader[record.Summary](nil, strings.NewReader(text), func(reason string) { t.Error(reason) })
		n := 0
		for rows.Scan() {
			n++
			if row := rows.Row(); !strings.HasPrefix(string(row.Backend), prefix) || !(row.LatencyMeanS > 0) {
				t.Errorf("%+v", row)
			}
		}
		if rows.Err() != nil || n != 18 {
			t.Errorf("%s: %d rows, %v", prefix, n, rows.Err())
		}
	}
	// What was simulated passes the comparison, what was not measured does not.
	if out, errs, status := call(t, simulated, "compare"); status != 0 || strings.Count(out, ",within") < 18 {
		t.Errorf("%d, %s%s", status, out, errs)
	}
	worse := strings.ReplaceAll(simulated, ",1.8", ",9.8")
	if _, errs, status := call(t, worse, "compare"); status == 0 {
		t.Errorf("a latency five times as long passed: %s", errs)
	}
}

// A point simulated with other constants gives them back.
func TestCalibrationFindsWhatWasMeasured(t *testing.T) {
	p := published.Point{Clients: 8, Config: published.Config{Figure: "x", Hardware: "1xA100-80GB", Model: "llama-2-13b", TP: 1, Prompt: 600, Gen: 60, Backend: "vllm"}}
	s, err := settingOf(p)
	if err != nil {
		t.Fatal(err)
	}
	truth := sim.Fitted().Calibrate("A100-80GB", s.cfg.Policy)
	truth.Compute *= 0.8
	truth.LayerS *= 2
	s.load.Requests = 64
	var samples []sample
	for _, clients := range []int{1, 8} {
		one := sample{setting: s, replicas: 1, ttft: math.NaN(), gap: math.NaN()}
		one.load.Clients = clients
		one.cfg.Calibration = truth
		results, err := sim.Run(one.cfg, 1, one.load)
		if err != nil {
			t.Fatal(err)
		}
		one.latency = meanLatency(results)
		samples = append(samples, one)
	}
	found := sim.Fitted().Calibrate("A100-80GB", s.cfg.Policy)
	before, err := samplesLoss(samples, found)
	if err != nil {
		t.Fatal(err)
	}
	search := &descent{loss: func() (float64, error) { return samplesLoss(samples, found) }, parameters: found.Adjustable()[:1]}
	search.parameters = append(search.parameters, found.Adjustable()[5])
	if err := search.start(); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := search.round(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if search.best > 0.01 || before < 0.1 {
		t.Errorf("off by %v, before %v; %v", search.best, before, found)
	}
}

func TestHardwareNames(t *testing.T) {
	for text, want := range map[string]string{"4xA100-80GB": "4 A100-80GB", "A6000": "1 A6000"} {
		n, gpu, err := splitHardware(text)
		if got := strconv.Itoa(n) + " " + gpu; err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
}
