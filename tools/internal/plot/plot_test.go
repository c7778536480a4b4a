package plot

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/series"
)

// TestMain lets this binary stand for a tool, so that streams and exit
// statuses are the real ones.
func TestMain(m *testing.M) {
	if os.Getenv("PLOT_TEST_TOOL") != "" {
		cmdline.Main(toy().Tool("toy", "draws", "Reads summary rows."))
	}
	os.Exit(m.Run())
}

func toy() Kind[record.Summary, struct{}] {
	return Kind[record.Summary, struct{}]{
		Key:    func(r record.Summary) record.Key { return r.Key },
		Status: func(r record.Summary) record.Status { return r.Status },
		Doubt:  func(r record.Summary) record.Text { return r.Doubt },
		Needs:  []string{"throughput_rps", "latency_mean_s"},
		Detail: func(record.Summary) struct{} { return struct{}{} },
		Points: func(r record.Summary) []chart.Point {
			return []chart.Point{{X: r.ThroughputRPS.Float(), Y: r.LatencyMeanS.Float()}}
		},
		Figure: func(p series.Panel[record.Summary, struct{}]) chart.Figure { return chart.Figure{Title: p.Title()} },
		Stem: func(p series.Panel[record.Summary, struct{}]) string {
			return fmt.Sprintf("%s-tp%d", p.Model, p.TPSize)
		},
		Curve: 3, From: "collect",
	}
}

// run runs the tool on stdin. Figures are small: the race detector makes
// pixels expensive.
func run(t *testing.T, stdin string, args ...string) (stdout []byte, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{"--width=320", "--height=240"}, args...)...)
	cmd.Env = append(os.Environ(), "PLOT_TEST_TOOL=1", "GORACE=atexit_sleep_ms=0")
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.Bytes(), errs.String(), cmd.ProcessState.ExitCode()
}

func row(backend, model string, clients int) record.Summary {
	latency := 1 + float64(clients*clients)/50
	return record.Summary{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "2026-01-02T03:04:05Z", Backend: record.Text(backend), Speed: 1, Model: record.Text(model), TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey:   record.LoadKey{NumClients: clients, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		ThroughputRPS: record.RateOf(float64(clients) / latency), LatencyMeanS: record.InSeconds(latency), Status: record.Complete,
	}
}

// sweep is a usual input: one model, some backends.
func sweep(backends ...string) []record.Summary {
	var rows []record.Summary
	for _, backend := range backends {
		for _, clients := range []int{1, 2, 4, 6, 8} {
			rows = append(rows, row(backend, "m/x", clients))
		}
	}
	return rows
}

func csv(t *testing.T, rows []record.Summary) string {
	t.Helper()
	var out bytes.Buffer
	w := csvio.NewWriter[record.Summary](&out)
	if err := w.Header(); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

func TestOneFigureGoesToStdout(t *testing.T) {
	input := csv(t, sweep("fastgen", "vllm"))
	for _, format := range []string{"png", "svg", "txt"} {
		out, errs, status := run(t, input, "--format", format)
		if status != 0 || errs != "" {
			t.Errorf("%s: status %d, stderr %q", format, status, errs)
		}
		magic := map[string]string{"png": "\x89PNG", "svg": "<svg ", "txt": "title "}[format]
		if !bytes.HasPrefix(out, []byte(magic)) {
			t.Errorf("%s begins with %q", format, out[:min(len(out), 20)])
		}
	}
}

func TestSizeIsAsAsked(t *testing.T) {
	out, _, _ := run(t, csv(t, sweep("vllm")), "--width", "400", "--height", "300")
	img, err := png.DecodeConfig(bytes.NewReader(out))
	if err != nil || img.Width != 400 || img.Height != 300 {
		t.Errorf("%v, %v", img, err)
	}
}

// What cannot be done: the message, the status, and nothing on stdout.
func TestErrors(t *testing.T) {
	good := csv(t, sweep("vllm"))
	header := csv(t, nil)
	many := sweep("vllm")
	for model := range onOneSheet {
		many = append(many, row("vllm", fmt.Sprint("m/", model), 1))
	}
	nothing := row("vllm", "m/x", 1)
	nothing.LatencyMeanS = record.Seconds{}
	for _, c := range []struct {
		name, input string
		args        []string
		want        string
		status      int
	}{
		{"empty", "", nil, "the input is empty", 1},
		{"header only", header, nil, "no rows: nothing to draw", 1},
		{"no value", csv(t, []record.Summary{nothing}), nil, "no value, nothing to draw: 1 client", 1},
		{"wrong rows", "a,b\n1,2\n", nil, "no header of summary rows", 1},
		{"no column", strings.Replace(good, "latency_mean_s", "latency_mean", 1), nil, "column latency_mean_s is missing; collect writes it into its summary rows", 1},
		{"no file", "", []string{"absent.csv"}, "no such file", 1},
		{"too many configurations", csv(t, many), nil, "the rows make 17 figures, and stdout takes 16 on one sheet\n     give --out-dir DIR", 2},
		{"format", good, []string{"--format", "gif"}, "--format gif: it is png, svg or txt", 2},
		{"degree", good, []string{"--fit-degree", "99"}, "--fit-degree 99", 2},
		{"axis", good, []string{"--x-max", "-1"}, "an axis begins at 0", 2},
		{"size", good, []string{"--width", "5"}, "each side must have", 2},
		{"label", good, []string{"--label", "x"}, `--label "x"`, 2},
		{"color", good, []string{"--color", "vllm=red"}, `--color "vllm=red"`, 2},
		{"another's folder", good, []string{"--log_dir", "logs"}, "--log_dir is not supported: collect reads the files, and this tool its rows\n     collect results/*/*.csv | toy", 2},
		{"another's backends", good, []string{"--backend", "fastgen", "vllm"}, "--backend is not supported: every input row is drawn\n", 2},
		{"name of several", csv(t, many), []string{"--model_name", "Mine"}, "--model-name names one model, and the rows are of 17", 2},
		{"folder", good, []string{"--out-dir", "/dev/null/x"}, "/dev/null", 1},
	} {
		out, errs, status := run(t, c.input, c.args...)
		if status != c.status || !strings.Contains(errs, c.want) || len(out) > 0 {
			t.Errorf("%s: status %d, %d bytes on stdout, stderr %q", c.name, status, len(out), errs)
		}
	}
}

func TestSeveralConfigurationsShareASheet(t *testing.T) {
	two := csv(t, append(sweep("vllm"), row("vllm", "m/y", 1), row("vllm", "m/z", 1)))
	out, _, status := run(t, two, "--width", "400", "--height", "300")
	size, err := png.DecodeConfig(bytes.NewReader(out))
	if status != 0 || err != nil || size.Width != 800 || size.Height != 600 {
		t.Errorf("status %d, %v, %d x %d pixels", status, err, size.Width, size.Height)
	}
	words, _, _ := run(t, two, "--format", "txt")
	vector, _, _ := run(t, two, "--format", "svg")
	for _, model := range []string{"Model: x", "Model: y", "Model: z"} {
		if !bytes.Contains(words, []byte(model)) || !bytes.Contains(vector, []byte(model)) {
			t.Errorf("%s is not on the sheet", model)
		}
	}
}

func TestSkippedRowsArePartial(t *testing.T) {
	input := csv(t, sweep("vllm"))
	out, errs, status := run(t, input[:len(input)-5], "--format", "txt", "--fit-degree", "0")
	if status != 3 || !strings.Contains(errs, "stdin:6: ") || !bytes.Contains(out, []byte("vLLM")) {
		t.Errorf("status %d, stderr %q, stdout %q", status, errs, out)
	}
}

func TestOutDirTakesOneFileEach(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	rows := append(sweep("vllm"), row("vllm", "m/x y:..", 1), row("vllm", "other/../..", 1), row("vllm", "other.x", 1))
	unlike := row("vllm", "m/x", 1)
	unlike.MaxRaggedBatchSize = 512
	_, errs, status := run(t, csv(t, append(rows, unlike)), "--out-dir", dir, "--format", "txt")
	if status != 0 || !strings.Contains(errs, "5 figures in ") {
		t.Errorf("status %d, stderr %q", status, errs)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
	}
	want := []string{"m-x y-..-tp1.txt", "m-x-tp1-2.txt", "m-x-tp1.txt", "other-..-..-tp1.txt", "other.x-tp1.txt"}
	if !slices.Equal(names, want) {
		t.Errorf("files %q, want %q", names, want)
	}
}

func TestRemarksAreToldOnceForAllFigures(t *testing.T) {
	rows := sweep("fastgen", "vllm")
	rows[0].Doubt = "answers end early"
	rows[1].Status, rows[2].Status = record.Partial, record.ClientLimited
	rows[2].Doubt = "the client read late"
	rows[3].LatencyMeanS = record.Seconds{}
	for _, r := range rows[:5] {
		r.TPSize = 2
		rows = append(rows, r)
	}
	_, errs, status := run(t, csv(t, rows), "--out-dir", t.TempDir(), "--quiet")
	want := `toy: DeepSpeed-FastGen: doubtful (answers end early), drawn dotted: 1 client (2 of 2 figures)
toy: DeepSpeed-FastGen: partial, drawn crossed: 2 clients (2 of 2 figures)
toy: DeepSpeed-FastGen: client-limited (the client read late), drawn hollow: 4 clients (2 of 2 figures)
toy: DeepSpeed-FastGen: no value, nothing to draw: 6 clients (2 of 2 figures)
toy: DeepSpeed-FastGen: no curve is fitted: 4 points at different x are too few for degree 3, which needs 5 (2 of 2 figures)
`
	if errs != want || status != 0 {
		t.Errorf("status %d, stderr\n%s", status, errs)
	}
}

func TestOptionsChangeTheFigure(t *testing.T) {
	rows := sweep("sim-vllm", "fastgen")
	rows[0].NumClients = 3 // fastgen has none
	out, errs, _ := run(t, csv(t, rows), "--format", "txt", "--annotate", "--common-points", "--fit-degree", "0", "--title", "Mine",
		"--x_max", "9", "--y-max", "5", "--label", "sim-vllm=Ours", "--color", "sim-vllm=#123456")
	for _, want := range []string{`title "Mine (partly simulated)"`, `x "" to 9`, `y "" to 5`,
		`series "Ours (simulated)" #123456 square join`, `series "DeepSpeed-FastGen" #0072B2 circle join`, `1.85185 1.08 "2"`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !strings.Contains(errs, "not in every series, left out: 1 client, 3 clients") {
		t.Errorf("stderr %q", errs)
	}
}

func TestModelIsCalledAsAsked(t *testing.T) {
	out, _, _ := run(t, csv(t, sweep("vllm")), "--format", "txt", "--model_name", "Ours-7b")
	if !strings.HasPrefix(string(out), `title "Model: Ours-7b, Prompt: 2600`) {
		t.Errorf("%s", out)
	}
}

func TestLabelledOperandsAreSeries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.csv")
	if err := os.WriteFile(path, []byte(csv(t, sweep("vllm"))), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _, _ := run(t, "", "--format", "txt", "old="+path, "new="+path)
	for _, want := range []string{`series "vLLM, old" #E69F00 square`, `series "vLLM, new" #009E73 diamond`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestOpenLoopPointsAreCalledByTheirRate(t *testing.T) {
	r := row("vllm", "x", 0)
	r.RateRPS = 2.5
	k := toy()
	if got := k.place(r) + ", " + k.label(r, chart.Point{}); got != "2.5 queries/s, 2.5/s" {
		t.Error(got)
	}
}

func TestLooks(t *testing.T) {
	measured, simulated, published := series.ID{Engine: "fastgen"}, series.ID{Engine: "fastgen", Role: series.Simulated}, series.ID{Engine: "fastgen", Role: series.Published}
	all := []series.ID{measured, {Engine: "fastgen", Variant: 1, Suffix: "b"}, {Engine: "vllm"}, {Engine: "mine"}, {Engine: "yours"}, simulated, published, {Engine: "vllm", Role: series.Published}}
	seen := make(map[string]int)
	got := looks(all)
	for i, s := range got {
		look := s.Colour.String() + s.Shape.String()
		if other, taken := seen[look]; taken {
			t.Errorf("%v and %v look alike: %s", all[other], all[i], look)
		}
		seen[look] = i
	}
	if got[0].Colour != got[6].Colour || !got[6].Reference || got[5].Colour == got[0].Colour {
		t.Errorf("measured %v, published %v, simulated %v", got[0], got[6], got[5])
	}
	if alone := looks([]series.ID{simulated})[0]; alone.Colour != got[0].Colour || alone.Shape != got[0].Shape {
		t.Errorf("simulated alone is %v", alone)
	}
	beside := looks([]series.ID{{Engine: "vllm", Suffix: "a"}, {Engine: "vllm", Suffix: "b", Variant: 1}, {Engine: "vllm", Role: series.Simulated}})
	if beside[0].Colour == beside[2].Colour && beside[0].Shape == beside[2].Shape {
		t.Errorf("simulated beside two measured looks like one of them: %v", beside)
	}
	for _, s := range looks(make([]series.ID, 40)) {
		if s.Colour > 0xFFFFFF {
			t.Errorf("colour %s", s.Colour)
		}
	}
}

// More series than there are looks, and letters that PNG's font does not have,
// are reported with what helps; where nothing is wrong nothing is said.
func TestWhatCannotBeReadIsTold(t *testing.T) {
	var many []record.Summary
	for i := range 40 {
		many = append(many, row(fmt.Sprintf("engine-%03d", i), "m", 1))
	}
	chinese := []record.Summary{row("推理引擎", "通义千问/Qwen-模型", 1)}
	for _, c := range []struct {
		name, format, want string
		rows               []record.Summary
	}{
		{"many", "png", "of 40 series look like another one", many},
		{"many", "svg", "draw fewer in one figure", many},
		{"many", "txt", "", many},
		{"few", "png", "", sweep("fastgen", "vllm", "sim-vllm", "published-vllm", "a", "b", "c")},
		{"letters", "png", "PNG's font has no 模型推理引擎: boxes are drawn instead; --format svg shows them", chinese},
		{"letters", "svg", "", chinese},
		{"accents", "png", "", []record.Summary{row("modèle-β", "x", 1)}},
	} {
		_, errs, status := run(t, csv(t, c.rows), "--fit-degree", "0", "--format", c.format)
		if status != 0 || !strings.Contains(errs, c.want) || (c.want == "") != (errs == "") {
			t.Errorf("%s as %s: status %d, stderr %q", c.name, c.format, status, errs)
		}
	}
}

func TestHardware(t *testing.T) {
	rows := sweep("vllm")[:4]
	rows[0].Hardware, rows[1].Hardware, rows[2].Hardware = "A6000", "1xA6000", "4xL4"
	if got := Hardware(rows, toy().Key); got != "A6000, 4xL4" {
		t.Errorf("hardware %q", got)
	}
}

func TestThroughput(t *testing.T) {
	r := record.Summary{ThroughputRPS: record.RateOf(1), WallRPS: record.RateOf(2)}
	if Throughput(r) != 1 {
		t.Error("a closed loop's throughput is clients / latency")
	}
	r.RateRPS = 3
	if Throughput(r) != 2 {
		t.Error("an open loop's throughput is what was served")
	}
	if r.WallRPS = (record.Rate{}); !math.IsNaN(Throughput(r)) {
		t.Error("what is absent is not a number")
	}
}
