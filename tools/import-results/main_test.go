package main

import (
	"os"
	"strings"
	"testing"

	"fastgenbench/tools/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, tool) }

func run(stdin string, args ...string) (stdout, stderr string, status int) {
	r := testkit.Run(stdin, args...)
	return r.Stdout, r.Stderr, r.Status
}

const files = "../internal/exchange/testdata/"

// Flags say what a file does not know, and outweigh what it says.
func TestFlagsFillTheKey(t *testing.T) {
	out, errs, status := run("", "--backend", "sim-vllm", "--engine", "vllm 0.33", "--hardware", "4xA100", "--model", "m", "--tp_size", "4", "--num-replicas", "1",
		"--max-ragged-batch-size", "512", "--num-clients", "3", "--mean-prompt-length", "99", "--mean-max-new-tokens", "9", "old="+files+"fastgen.json")
	if want := "\nold,sim-vllm,vllm 0.33,4xA100,1,m,4,1,512,3,99,9,,"; status != 0 || strings.Count(out, want) != 2 {
		t.Errorf("status %d, stderr %q, stdout\n%s", status, errs, out)
	}
	if !strings.Contains(errs, "fastgen.json: messages were counted, each is taken for one token") {
		t.Errorf("stderr %q", errs)
	}
}

// Request rows where every file has them, summary rows where none has, and a
// mixture only when asked for.
func TestOneKindOfRows(t *testing.T) {
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{files + "vllm-python.json " + files + "vllm-rust.json", 0, ",clock,"},
		{"--model m " + files + "sglang.jsonl " + files + "aiperf.json", 0, ",ttft_mean_s,"},
		{"--summary " + files + "vllm-python.json " + files + "aiperf.json", 0, ",ttft_mean_s,"},
		{files + "vllm-python.json " + files + "aiperf.json", 1, "vllm-python.json has requests and ../internal/exchange/testdata/aiperf.json only figures"},
		{"--summary " + files + "fastgen.json", 1, "fastgen.json states no figures, only requests"},
	} {
		out, errs, status := run("", strings.Fields(c.args)...)
		where := out
		if c.status != 0 {
			where = errs
		}
		if status != c.status || !strings.Contains(where, c.want) || c.status != 0 && out != "" {
			t.Errorf("%s: status %d, stderr %q, stdout\n%s", c.args, status, errs, out)
		}
	}
}

// What cannot be done: the message, the status, and nothing on stdout.
func TestWhatCannotBeDone(t *testing.T) {
	for _, c := range []struct {
		stdin, args string
		status      int
		want        string
	}{
		{"", "", 1, "import-results: stdin: the input is empty\n"},
		{"{", "", 1, "import-results: stdin: line 1: not JSON: unexpected EOF\n"},
		{"run,backend\n1,2\n", "", 1, "import-results: stdin: line 1: not JSON: invalid character 'r'"},
		{"{}", "", 1, "import-results: nothing could be imported\n"},
		{"[1]", "", 1, "stdin: document 1: it is not a JSON object\n"},
		{`{"model_id": "m"}`, "--format vllm", 1, "give --backend\n"},
		{`{"metadata": {"benchmark_phase": "warmup"}, "metrics": {}}`, "--model m", 1, "import-results: nothing could be imported\n"},
		{"", "absent.json", 1, "absent.json: no such file"},
		{"", "--format csv", 2, `--format "csv" is not one of vllm, sglang, aiperf, aiperf-records, fastgen`},
		{"", "--tp-size 0", 2, "--tp-size 0 is below 1"},
		{"", "--num-clients -3", 2, "--num-clients -3 is below 1"},
		{"", "--tp-size two", 2, "import-results: invalid value"},
		{"", "--model=", 2, "--model is empty"},
		{"", "--nonsense", 2, "flag provided but not defined"},
		{"", "x.json --summary", 2, "--summary comes after an operand"},
	} {
		out, errs, status := run(c.stdin, strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(errs, c.want) || out != "" {
			t.Errorf("%q %s: status %d, stderr %q, stdout %q", c.stdin, c.args, status, errs, out)
		}
	}
}

// A file that is half good is imported by half, told, and has its status.
func TestPartial(t *testing.T) {
	good, err := os.ReadFile(files + "vllm-rust.json")
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.Replace(string(good), `"latencies":[0.75`, `"latencies":[0.1`, 1)
	out, errs, status := run(string(good)+bad+"{", "--num-clients", "1")
	if status != 3 || strings.Count(out, "\n") != 4 || !strings.Contains(errs, "stdin: point 2, request 0: chunk_s lies") || !strings.Contains(errs, "invalid documents and requests: 2") {
		t.Errorf("status %d, stderr %q, stdout\n%s", status, errs, out)
	}
}
