package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, tool) }

// result is what a run of the tool left.
type result testkit.Result

func tried(stdin string, args ...string) result { return result(testkit.Run(stdin, args...)) }

// runOf is a run of a server that takes slower times as long, 5 % more for every
// other client and 5 % less for the others; change may spoil its rows.
func runOf(name string, clients int, slower float64, change func(int, *record.Request)) []record.Request {
	var rows []record.Request
	for i := range 24 {
		scale := slower * (1 + 0.05*float64(i%clients%2*2-1))
		chunks := record.Chunks{{At: 0.2 * scale, Tokens: 1}, {At: 0.3 * scale, Tokens: 1}, {At: 0.4 * scale, Tokens: 1}}
		row := record.Request{
			Key: record.Key{
				ServerKey: record.ServerKey{Run: record.Text(name), Backend: "vllm", Engine: "vllm 0.11.0", Hardware: "A6000", Speed: 1, Model: "m", TPSize: 1, NumReplicas: 1},
				LoadKey:   record.LoadKey{NumClients: clients, MeanPromptLength: 100, MeanMaxNewTokens: 3},
			},
			Client: record.CountOf(i % clients), Request: record.CountOf(i), StartS: record.InSeconds(0.4 * scale * float64(i/clients)),
			LatencyS: record.InSeconds(0.4 * scale), PromptTokens: record.CountOf(100), MaxNewTokens: record.CountOf(3), GeneratedTokens: record.CountOf(3),
			ChunkS: chunks, Clock: "kernel", Attempts: record.CountOf(1), Status: record.OK,
		}
		if change != nil {
			change(i, &row)
		}
		rows = append(rows, row)
	}
	return rows
}

// runs are so many of a server, whose speed differs by a percent from run to run.
func runsOf(name string, n int, slower float64, change func(int, *record.Request)) []record.Request {
	var rows []record.Request
	for i := range n {
		rows = append(rows, runOf(name+"."+string(rune('1'+i)), 2, slower*(1+0.01*float64(i%3-1)+0.001*float64(i)), change)...)
	}
	return rows
}

func text(t *testing.T, rows []record.Request) string {
	t.Helper()
	var out bytes.Buffer
	w := csvio.NewWriter[record.Request](&out)
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// compared writes both sides into files of their own and compares them.
func compared(t *testing.T, before, after []record.Request, flags ...string) result {
	t.Helper()
	dir := t.TempDir()
	for name, rows := range map[string][]record.Request{"before": before, "after": after} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text(t, rows)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return tried("", append(flags, "before="+filepath.Join(dir, "before"), "after="+filepath.Join(dir, "after"))...)
}

// rows are the comparisons that a run wrote.
func (r result) rows(t *testing.T) []record.Comparison {
	t.Helper()
	in := csvio.NewReader[record.Comparison](nil, strings.NewReader(r.Stdout), func(reason string) { t.Error(reason) })
	var all []record.Comparison
	for in.Scan() {
		all = append(all, in.Row())
	}
	if in.Err() != nil {
		t.Fatalf("%v\n%s%s", in.Err(), r.Stdout, r.Stderr)
	}
	return all
}

// every change of a row: what it makes of a comparison of equal servers.
var (
	none    func(int, *record.Request)
	failing = func(i int, r *record.Request) {
		if i == 3 {
			r.Status, r.Error = record.Failed, "refused"
		}
	}
	onH100   = func(_ int, r *record.Request) { r.Hardware = "H100-80GB" }
	newer    = func(_ int, r *record.Request) { r.Engine = "vllm 0.12.0" }
	unstream = func(_ int, r *record.Request) { r.ChunkS = nil }
	late     = func(_ int, r *record.Request) { r.Clock, r.LagS = "user", record.InSeconds(0.05) }
	renamed  = func(_ int, r *record.Request) { r.Run = "one" }
)

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		before, after []record.Request
		flags         string
		status        int
		says          string // on stderr
	}{
		"equal":                     {runsOf("a", 5, 1, none), runsOf("b", 5, 1, none), "", 0, "same: "},
		"slower":                    {runsOf("a", 5, 1, none), runsOf("b", 5, 1.1, none), "", 10, "worse: wall_rps at 2 clients is 0.909 times as large, ttft_mean_s at 2 clients is 1.1 times as large"},
		"slower, of no matter":      {runsOf("a", 5, 1, none), runsOf("b", 5, 1.1, none), "--threshold 0.2", 0, "same: "},
		"faster":                    {runsOf("a", 5, 1.2, none), runsOf("b", 5, 1, none), "", 0, "better: "},
		"another version":           {runsOf("a", 5, 1, none), runsOf("b", 5, 1.1, newer), "", 10, "worse: "},
		"requests that failed":      {runsOf("a", 5, 1, none), runsOf("b", 5, 1.1, failing), "", 11, "unclear: "},
		"the client was the limit":  {runsOf("a", 5, 1, late), runsOf("b", 5, 1, none), "", 11, "unclear: "},
		"not streamed":              {runsOf("a", 5, 1, unstream), runsOf("b", 5, 1.1, unstream), "", 10, "worse: wall_rps at 2 clients is 0.909 times as large, latency_mean_s"},
		"other hardware":            {runsOf("a", 5, 1, none), runsOf("b", 5, 1, onH100), "", 1, "no point in common: hardware H100-80GB instead of A6000\n              --ignore hardware compares"},
		"other hardware, all right": {runsOf("a", 5, 1, none), runsOf("b", 5, 1.1, onH100), "--ignore hardware", 10, "worse: "},
		"another load":              {runsOf("a", 5, 1, none), runOf("b", 3, 1, none), "", 1, "num_clients 3 instead of 2\n              measure the same loads"},
		"a point of one side":       {append(runsOf("a", 5, 1, none), runOf("a.1", 4, 1, none)...), runsOf("b", 5, 1, none), "", 3, "before alone has vllm, A6000, m, tp_size 1, prompt 100, gen 3, 4 clients"},
		"worse beside such a point": {append(runsOf("a", 5, 1, none), runOf("a.1", 4, 1, none)...), runsOf("b", 5, 1.1, none), "", 10, "before alone has"},
		"two versions on one side":  {append(runsOf("a", 3, 1, none), runsOf("c", 3, 1, newer)...), runsOf("b", 5, 1.1, none), "", 11, "unclear: "},
		"one run twice":             {runsOf("a", 2, 1, renamed), runsOf("b", 5, 1.1, none), "", 11, "unclear: "},
		"goodput":                   {runsOf("a", 5, 1, none), runsOf("b", 5, 1.1, none), "--decide effective_rps --slo ttft:10000", 10, "worse: effective_rps"},
		"one run a side":            {runOf("a", 2, 1, none), runOf("b", 2, 1, none), "", 11, "unclear: "},
		"too few requests":          {runOf("a", 12, 1, none), runOf("b", 12, 2, none), "", 11, "unclear: "},
	} {
		got := compared(t, c.before, c.after, strings.Fields(c.flags)...)
		if got.Status != c.status || !strings.Contains(got.Stderr, c.says) {
			t.Errorf("%s: status %d, want %d; stderr\n%swant\n%s\n%s", name, got.Status, c.status, got.Stderr, c.says, got.Stdout)
		}
		if (got.Stdout == "") != (c.status == 1) {
			t.Errorf("%s: stdout\n%s", name, got.Stdout)
		}
	}
}

// A row has all that the verdict rests on.
func TestRow(t *testing.T) {
	rows := compared(t, runsOf("a", 5, 1, none), runsOf("b", 4, 1.1, newer)).rows(t)
	if len(rows) != 8 {
		t.Fatalf("%d figures", len(rows))
	}
	row := rows[3]
	if row.Run != "after" || row.Baseline != "before" || row.Engine != "vllm 0.12.0" || row.Unlike != "engine vllm 0.12.0 instead of vllm 0.11.0" {
		t.Errorf("key %+v, %s, %s", row.Key, row.Baseline, row.Unlike)
	}
	if row.Figure != "ttft_mean_s" || row.Decides != "yes" || row.Basis != "runs" || row.BeforeValues.Int() != 5 || row.AfterValues.Int() != 4 || row.Verdict != "worse" || row.Doubt != "" || row.Status != record.Complete {
		t.Errorf("%+v", row)
	}
	ratio := row.After.Float() / row.Before.Float()
	if d := ratio - row.Ratio.Float(); d < -1e-5 || d > 1e-5 || !(row.RatioLow.Float() < ratio && ratio < row.RatioHigh.Float()) {
		t.Errorf("ratio %v of %+v", ratio, row)
	}
	if level := row.Level.Float(); level < 0.99333 || level > 0.99334 {
		t.Errorf("level %v of three figures that decide", level)
	}
	if rows[1].Figure != "generated_tps" || rows[1].Decides != "no" {
		t.Errorf("%+v", rows[1])
	}
}

// Doubt is written beside the number.
func TestDoubts(t *testing.T) {
	for want, c := range map[string][2][]record.Request{
		"one run per side: the interval comes from within the runs and is weaker": {runOf("a", 2, 1, none), runOf("b", 2, 1, none)},
		"fewer than three runs per side":                                          {runsOf("a", 2, 1, none), runsOf("b", 2, 1, none)},
		"one run per side with too few requests for blocks":                       {runOf("a", 12, 1, none), runOf("b", 12, 1, none)},
		"after: runs equal each other to the last digit and count as one":         {runsOf("a", 3, 1, none), append(runOf("b.1", 2, 1, none), runOf("b.2", 2, 1, none)...)},
		"after (3 of 3 runs): 1 of 24 requests did not end ok":                    {runsOf("a", 3, 1, none), runsOf("b", 3, 1, failing)},
		"before: the runs are of vllm 0.11.0 and vllm 0.12.0":                     {append(runsOf("a", 3, 1, none), runsOf("c", 3, 1, newer)...), runsOf("b", 3, 1, none)},
		"before: rows with the request number of another row":                     {runsOf("a", 2, 1, renamed), runsOf("b", 3, 1, none)},
	} {
		if rows := compared(t, c[0], c[1]).rows(t); !strings.Contains(string(rows[0].Doubt), want) {
			t.Errorf("doubt %q, want %q", rows[0].Doubt, want)
		}
	}
}

// A figure of which a run has nothing, or 0, has no ratio and no verdict.
func TestNoRatio(t *testing.T) {
	rows := compared(t, runsOf("a", 3, 1, none), runsOf("b", 3, 1, none), "--slo", "ttft:1").rows(t)
	last := rows[len(rows)-1]
	if last.Figure != "effective_rps" || last.Ratio.Known() || last.Verdict != "unclear" || !strings.HasPrefix(string(last.Doubt), "effective_rps is 0 or unknown in a run") {
		t.Errorf("%+v", last)
	}
}

// What is asked wrongly is reported in one line before anything is read, with nothing
// on stdout; what cannot be read leaves nothing there either.
func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	rows := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(rows, []byte(text(t, runOf("a", 2, 1, none))), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"":                                       "two sides are compared",
		"ROWS":                                   "which side is it? write label=file",
		"before=ROWS":                            "two sides are compared, and the operands have labels of 1",
		"a=ROWS b=ROWS c=ROWS":                   "two sides are compared, and the operands have labels of 3",
		"before=- after=-":                       "standard input can be read once",
		"--threshold 5 before=ROWS after=ROWS":   "--threshold 5: it is a share",
		"--threshold nan before=ROWS after=ROWS": "--threshold NaN: it is a share",
		"--confidence 98 before=ROWS after=ROWS": "--confidence 98: it is a share",
		"--ignore gpu before=ROWS after=ROWS":    "--ignore gpu: it is one of backend, engine, hardware",
		"--ignore num_clients before=ROWS after=ROWS":         "--ignore num_clients: it is one of",
		"--decide speed before=ROWS after=ROWS":               "--decide speed: it is one of wall_rps",
		"--decide effective_rps before=ROWS after=ROWS":       "needs --slo",
		"--slo ttft before=ROWS after=ROWS":                   "--slo: ",
		"--format json before=ROWS after=ROWS":                "--format json: it is table or csv",
		"--nonsense before=ROWS after=ROWS":                   "flag provided but not defined",
		"before=ROWS after=ROWS --quiet":                      "--quiet comes after an operand",
		"before=ROWS after=" + filepath.Join(dir, "none.csv"): "no such file",
		"before=ROWS after=" + dir + "/none*.csv":             "no such file",
		"before=ROWS after=-":                                 "after has no request rows",
	} {
		got := tried("", strings.Fields(strings.ReplaceAll(args, "ROWS", rows))...)
		if status := map[bool]int{true: 1, false: 2}[strings.Contains(args, "none") || strings.HasSuffix(args, "after=-") && !strings.Contains(args, "before=-")]; got.Status != status || got.Stdout != "" || !strings.Contains(got.Stderr, want) {
			t.Errorf("%q: status %d, want %d; stdout %q; stderr\n%s", args, got.Status, status, got.Stdout, got.Stderr)
		}
	}
}

// The labels are any two, in any order.
func TestSides(t *testing.T) {
	dir := t.TempDir()
	for i, slower := range []float64{1, 1.005, 0.995, 1.1, 1.11, 1.09} {
		name := []string{"old-1", "old-2", "old-3", "new-1", "new-2", "new-3"}[i]
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text(t, runOf(name, 2, slower, none))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, operands := range [][]string{
		{"before=" + dir + "/old-*", "after=" + dir + "/new-*"},
		{"after=" + dir + "/new-*", "before=" + dir + "/old-*"},
		{"v1=" + dir + "/old-1", "v1=" + dir + "/old-2", "v1=" + dir + "/old-3", "v2=" + dir + "/new-*"},
	} {
		if got := tried("", operands...); got.Status != 10 {
			t.Errorf("%q: status %d\n%s", operands, got.Status, got.Stderr)
		}
	}
	piped := tried(text(t, runsOf("a", 3, 1, none)), "--format", "table", "before=-", "after="+dir+"/new-*")
	if piped.Status != 10 || !strings.Contains(piped.Stdout, "vllm, A6000, m, tp_size 1, prompt 100, gen 3, 2 clients: 3 and 3 runs\n") {
		t.Errorf("status %d\n%s%s", piped.Status, piped.Stdout, piped.Stderr)
	}
}
