//go:build !race

// Long without need under the race detector: see model_test.go.

package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// trial is a run of an engine: the model is calibrated to some of its points, and
// predicts others before and after.
type trial struct {
	engine    string
	file      string   // in results
	replica   []string // flags of calibrate and predict
	calibrate []string // more flags of calibrate
	fitted    func(record.Summary) bool
	predicted []predicted
}

// predicted are points of servers that were started alike.
type predicted struct {
	engine string
	flags  []string // more flags of predict
	points func(record.Summary) bool
}

const (
	oneH200 = "2026-11-23-h200-llama-2-7b/"
	twoH100 = "2026-11-26-2xh100-llama-2/"
)

var trials = map[string][]trial{
	"h200": {
		{"vLLM", oneH200 + "vllm", replica("H200", "vllm"), nil, budget(768, threeOf2600), []predicted{
			{"vLLM 0.26.0, 768", nil, budget(768, all)},
			{"vLLM 0.26.0, 8192", []string{"--max-ragged-batch-size", "8192"}, budget(0, all)}}},
		{"FastGen", oneH200 + "fastgen", replica("H200", "fastgen-0.2"), nil, threeOf2600, []predicted{{"DeepSpeed-FastGen 0.3.3, 768", nil, all}}},
	},
	"h100": {
		{"vLLM", twoH100 + "vllm", replica("H100-80GB", "vllm"), nil, threeOf13b, []predicted{{"vLLM", nil, all}}},
		{"FastGen", twoH100 + "fastgen", replica("H100-80GB", "fastgen-0.2"), []string{"--constants", "host,compute,bandwidth,request_s,all_reduce_s"}, threeOf13b, []predicted{{"FastGen", nil, all}}},
	},
}

func replica(gpu, policy string) []string { return []string{"--hardware", gpu, "--policy", policy} }

func threeOf2600(r record.Summary) bool {
	return r.MeanPromptLength == 2600 && (r.NumClients == 1 || r.NumClients == 8 || r.NumClients == 32)
}

func threeOf13b(r record.Summary) bool { return r.Model == "llama-2-13b-random" && threeOf2600(r) }

// budget keeps the rows of servers with so many tokens per pass; 0 is an engine's own.
func budget(tokens record.Setting, of func(record.Summary) bool) func(record.Summary) bool {
	return func(r record.Summary) bool { return r.MaxRaggedBatchSize == tokens && of(r) }
}

// calibratedTable is a line for each server and load of trials, and the constants below.
func calibratedTable(t *testing.T, trials []trial) string {
	t.Helper()
	var lines, constants strings.Builder
	lines.WriteString("| engine | model | load | points | latency before | calibrated | TTFT before | calibrated |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, run := range trials {
		points := summaries(t, requestsOf(t, run.file))
		fitted := run.calibration(t, points)
		fmt.Fprintf(&constants, "- %s: `%s`\n", run.engine, fitted)
		for _, p := range run.predicted {
			before, after := run.sums(t, points, p), run.sums(t, points, p, "--calibration", fitted)
			for i, row := range before {
				fmt.Fprintf(&lines, "| %s | %s | %s/%s | %s | %s | %s | %s | %s |\n", p.engine, server(row), row["mean_prompt_length"], row["mean_max_new_tokens"],
					row["points"], percents(t, row, "latency"), percents(t, after[i], "latency"), percents(t, row, "ttft"), percents(t, after[i], "ttft"))
			}
		}
	}
	return lines.String() + "\n" + constants.String()
}

func requestsOf(t *testing.T, file string) string {
	t.Helper()
	requests, err := os.ReadFile("../../../results/" + file + "/requests.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(requests)
}

// calibration is what calibrate prints of a trial's points.
func (run trial) calibration(t *testing.T, points []record.Summary) string {
	t.Helper()
	out, errs, status := tooled(t, written(t, points, run.fitted), slices.Concat([]string{"calibrate"}, run.replica, run.calibrate)...)
	if status != 0 || strings.Contains(errs, "still improved") {
		t.Fatalf("%s: status %d, %s", run.engine, status, errs)
	}
	return strings.TrimSpace(out)
}

// sums are the rows of predict --sums.
func (run trial) sums(t *testing.T, points []record.Summary, p predicted, flags ...string) []map[string]string {
	t.Helper()
	out, errs, status := tooled(t, written(t, points, p.points), slices.Concat([]string{"predict", "--sums"}, run.replica, p.flags, flags)...)
	if status != 0 {
		t.Fatalf("%s: status %d, %s", p.engine, status, errs)
	}
	return cells(t, out)
}

// server says which server a row of predict --sums is about: 13b, tp 2.
func server(row map[string]string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(row["model"], "llama-2-"), "-random")
	if row["num_replicas"] != "1" {
		return name + ", " + row["num_replicas"] + " replicas"
	}
	return name + ", tp " + row["tp_size"]
}

// percents are the mean and the worst error of a figure.
func percents(t *testing.T, row map[string]string, figure string) string {
	t.Helper()
	var shares [2]float64
	for i, column := range []string{figure + "_error_mean", figure + "_error_max"} {
		var err error
		if shares[i], err = strconv.ParseFloat(row[column], 64); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%.1f %%, %.1f %%", 100*shares[0], 100*shares[1])
}
