package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fastgenbench/tools/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, tool) }

func file(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The rows of testdata/requests.csv: two clients and four clients on FastGen,
// one request failed, one chunk of two tokens; two clients on vLLM, not streamed.
func TestGolden(t *testing.T) {
	for golden, c := range map[string]struct {
		args   string
		status int
		stderr string
	}{
		"summary.csv": {"", 0, "1 of 6 requests did not end ok"},
		"goodput.csv": {"goodput --sla-prompt 512 --sla-gen 4,2 --sla-rule ema16,cum", 3, "good and effective_rps are unknown"},
		"slo.csv":     {"goodput --slo ttft:1100,itl_p90:260 --slo e2el:2300", 3, "no request can be judged (not all that ttft:1100 itl_p90:260 bounds)"},
		"json.jsonl":  {"json", 0, "1 of 6 requests did not end ok"},
		"gaps.csv":    {"gaps --skip-requests 1 --skip-tokens 1", 3, "no gap is known: not streamed"},
	} {
		path := filepath.Join("testdata", golden)
		got := testkit.Run(file(t, "testdata/requests.csv"), strings.Fields(c.args)...)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(path, []byte(got.Stdout), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want := file(t, path); got.Stdout != want || got.Status != c.status || !strings.Contains(got.Stderr, c.stderr) {
			t.Errorf("collect %s: status %d, stderr %q, stdout\n%s\nwant status %d, stderr %q, stdout\n%s",
				c.args, got.Status, got.Stderr, got.Stdout, c.status, c.stderr, want)
		}
	}
}

// The original suite's flags mean what ours do.
func TestOriginalFlags(t *testing.T) {
	const file = "testdata/requests.csv"
	for original, ours := range map[string]string{
		"goodput --sla_prompt_tokens_per_sec 256 --sla_gen_tokens_per_sec 2 4 " + file: "goodput --sla-prompt 256 --sla-gen 2,4 " + file,
		"goodput --sla_gen_tokens_per_sec 4 --sla-rule cum " + file:                    "goodput --sla-gen 4 --sla-rule cum " + file,
		"gaps --skip_head_token_num 2 --skip_request_num 0 " + file:                    "gaps --skip-tokens 2 --skip-requests 0 " + file,
	} {
		got, want := testkit.Run("", strings.Fields(original)...), testkit.Run("", strings.Fields(ours)...)
		if got != want || got.Stdout == "" {
			t.Errorf("collect %s: %+v\ncollect %s: %+v", original, got, ours, want)
		}
	}
	if got := testkit.Run("", "goodput", "--ema_span", "8"); got.Status != 2 || !strings.Contains(got.Stderr, "--ema_span is not supported: the span is 16\n") {
		t.Errorf("%+v", got)
	}
}

// The rows of several files are those of their concatenation, and of each alone.
func TestConcatenation(t *testing.T) {
	lines := strings.SplitAfter(file(t, "testdata/requests.csv"), "\n")
	dir, points := t.TempDir(), []string{}
	var concatenated, rows, header string
	for i, part := range [][]string{lines[1:5], lines[5:11], lines[11:]} {
		path := filepath.Join(dir, string(rune('c'-i))+".csv")
		text := lines[0] + strings.Join(part, "")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		points = append(points, path)
		concatenated += text
		head, row, _ := strings.Cut(testkit.Run(text).Stdout, "\n")
		header, rows = head+"\n", rows+row
	}
	if got := testkit.Run("", points...).Stdout; got != header+rows {
		t.Errorf("files together\n%s\napart\n%s", got, header+rows)
	}
	if got := testkit.Run(concatenated).Stdout; got != header+rows {
		t.Errorf("concatenated\n%s\napart\n%s", got, header+rows)
	}
}

// Conditions choose rows by the text of their cells, a label by the run it gives.
func TestWhere(t *testing.T) {
	const requests = "testdata/requests.csv"
	lines := strings.SplitAfter(testkit.Run("", requests).Stdout, "\n")
	if len(lines) != 5 { // a header, fastgen with 2 and 4 clients, vllm with 2
		t.Fatal(lines)
	}
	for args, want := range map[string]string{
		"--where num_clients=4 " + requests:                                             lines[0] + lines[2],
		"--where num_clients=2,9 " + requests:                                           lines[0] + lines[1] + lines[3],
		"--where num_clients=2 --where backend=fake,vllm --where status=ok " + requests: lines[0] + lines[3],
		"--where num_clients=2 --where mean_prompt_length=7,1200 " + requests:           lines[0] + lines[1] + lines[3],
		"--where run=new --columns run new=" + requests + " old=" + requests:            "run\nnew\nnew\nnew\n",
	} {
		if got := testkit.Run("", strings.Fields(args)...); got.Status != 0 || got.Stdout != want {
			t.Errorf("collect %s: %+v\nwant %s", args, got, want)
		}
	}
	for _, fold := range []string{"gaps", "goodput", "json"} {
		if got := testkit.Run("", fold, "--where", "backend=fastgen", requests).Stdout; got == "" || strings.Contains(got, "vllm 0.11.0") {
			t.Errorf("%s --where backend=fastgen: %s", fold, got)
		}
	}
}

func TestWhatCannotBeDone(t *testing.T) {
	whole := file(t, "testdata/requests.csv")
	header, _, _ := strings.Cut(whole, "\n")
	for name, c := range map[string]struct {
		stdin, args string
		status      int
		stderr      string
	}{
		"empty":            {"", "", 1, "collect: the input is empty: not even a header\n"},
		"header only":      {header + "\n", "", 1, "collect: a header and no request rows: nothing to summarize\n"},
		"summary rows":     {file(t, "testdata/summary.csv"), "", 1, "collect: stdin:1: these are summary rows of collect, not request rows of loadgen\n"},
		"goodput of gaps":  {file(t, "testdata/gaps.csv"), "goodput", 1, "collect: stdin:1: these are gap rows of collect gaps, not request rows of loadgen\n"},
		"a missing column": {strings.Replace(whole, ",start_s", ",begin_s", 1), "", 1, "collect: stdin:1: column start_s is missing; loadgen writes it into its request rows\n"},
		"no token times":   {strings.Replace(whole, ",chunk_s", ",chunks", 1), "gaps", 1, "collect: stdin:1: column chunk_s is missing; loadgen writes it into its request rows\n"},
		"no prompts":       {strings.Replace(whole, ",prompt_tokens", ",prompts", 1), "goodput", 1, "collect: stdin:1: column prompt_tokens is missing; loadgen writes it into its request rows\n"},
		"only broken rows": {header + "\nr1,x\n", "gaps", 1, "collect: none of 1 rows could be read: nothing to summarize\n"},
		"no such file":     {whole, "nowhere.csv", 1, "collect: open nowhere.csv: no such file or directory\n"},
		"unknown flag":     {whole, "--nonsense", 2, "flag provided but not defined"},
		"late flag":        {whole, "- --quiet", 2, "--quiet comes after an operand"},
		"no such rule":     {whole, "goodput --sla-rule ema17", 2, `rule "ema17" is not one of`},
		"no such level":    {whole, "goodput --sla-gen 0", 2, "0 tokens per second is not a valid promise"},
		"no number":        {whole, "goodput --sla-gen two", 2, `"two" is not a number`},
		"no level":         {whole, "goodput --sla-gen ,", 2, "must name a level"},
		"no bound":         {whole, "goodput --slo ,", 2, "--slo: no bound is given"},
		"no such bound":    {whole, "goodput --slo latency:5", 2, `"latency" is not ttft, tpot, itl`},
		"no milliseconds":  {whole, "goodput --slo ttft:fast", 2, "a number above 0"},
		"no quotes":        {whole, "goodput --slo ttft:200 tpot:50", 2, "tpot:50 is a bound where a file is expected"},
		"no chunk times":   {strings.Replace(whole, ",chunk_s", ",chunks", 1), "goodput --slo ttft:200", 1, "column chunk_s is missing"},
		"negative skip":    {whole, "gaps --skip-tokens -1", 2, "--skip-tokens -1 is below 0"},
		"where nothing":    {whole, "--where num_clients=77", 1, "collect: none of 14 rows meets --where: nothing to sum up\n"},
		"where what":       {whole, "goodput --where clients=4", 2, "--where: no column clients; there are run, backend,"},
		"where no value":   {whole, "--where num_clients", 2, `--where: "num_clients" is not NAME=VALUE`},
		"per what":         {whole, "gaps --per word", 2, `--per "word" is neither token nor chunk`},
	} {
		got := testkit.Run(c.stdin, strings.Fields(c.args)...)
		if got.Stdout != "" || got.Status != c.status || !strings.Contains(got.Stderr, c.stderr) {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want status %d, stderr %q", name, got.Status, got.Stdout, got.Stderr, c.status, c.stderr)
		}
	}
}

func TestWhatIsDoneInPart(t *testing.T) {
	whole := file(t, "testdata/requests.csv")
	lines := strings.SplitAfter(whole, "\n")
	for name, c := range map[string]struct{ stdin, same, stderr string }{
		"cut":    {strings.TrimSuffix(whole, "ok\n"), strings.TrimSuffix(whole, lines[len(lines)-2]), "is the line truncated?\n"},
		"broken": {lines[0] + "x\n" + strings.Join(lines[1:], ""), whole, "collect: stdin:2: 1 cells where the header has 35"},
		"endless": {lines[0] + strings.Replace(lines[1], "0.990372 1.248691", "0.990372 1.248691*2000000000", 1) + strings.Join(lines[2:], ""),
			lines[0] + strings.Join(lines[2:], ""), `collect: stdin:2: column chunk_s: "2000000000" is not a number of tokens`},
		"before the start": {lines[0] + strings.Replace(lines[1], "0.990372", "-0.990372", 1) + strings.Join(lines[2:], ""),
			lines[0] + strings.Join(lines[2:], ""), "collect: stdin:2: chunk_s lies between -0.990372 and 1.9285"},
		"doubled": {whole + whole, whole, "duplicate rows, counted once: 4\n"},
	} {
		got, want := testkit.Run(c.stdin), testkit.Run(c.same)
		if got.Stdout != want.Stdout || got.Status != 3 || !strings.Contains(got.Stderr, c.stderr) {
			t.Errorf("%s: status %d, stderr %q, stdout\n%s\nwant\n%s", name, got.Status, got.Stderr, got.Stdout, want.Stdout)
		}
	}
}

func TestFullDiskIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	cmd := testkit.Command("testdata/requests.csv")
	cmd.Stdout = full
	_ = cmd.Run() // the status is what is looked at
	if status := cmd.ProcessState.ExitCode(); status != 1 {
		t.Errorf("status %d on a full disk, want 1", status)
	}
}

// The first interrupt reaches the whole pipe: the rows that loadgen still
// brings home must be in the sum.
func TestInterruptReadsToTheEnd(t *testing.T) {
	whole := file(t, "testdata/requests.csv")
	want := testkit.Run(whole).Stdout
	lines := strings.SplitAfter(whole, "\n")
	cmd := testkit.Command()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	told := bufio.NewReader(stderr)
	// A broken row is answered, so it shows that collect has come so far.
	sync := func() {
		if _, err := io.WriteString(stdin, "broken\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := told.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(stdin, strings.Join(lines[:3], "")); err != nil {
		t.Fatal(err)
	}
	sync()
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	sync()
	if _, err := io.WriteString(stdin, strings.Join(lines[3:], "")); err != nil {
		t.Fatal(err)
	}
	stdin.Close()
	if _, err := io.Copy(io.Discard, told); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its status is that of the interrupt
	if stdout.String() != want {
		t.Errorf("after an interrupt\n%s\nwant\n%s", &stdout, want)
	}
}

func TestWarningsDoNotFlood(t *testing.T) {
	lines := strings.SplitAfter(file(t, "testdata/requests.csv"), "\n")
	var input strings.Builder
	input.WriteString(lines[0])
	for i := range 30 { // 30 points whose only request failed
		row := strings.Replace(strings.Replace(lines[1], "r1,", "r"+strings.Repeat("x", i)+",", 1), ",ok", ",failed", 1)
		input.WriteString(row)
	}
	got := testkit.Run(input.String())
	if n := strings.Count(got.Stderr, "\n"); n != 22 || !strings.HasSuffix(got.Stderr, "collect: and 40 more warnings\n") || strings.Count(got.Stdout, "partial") != 30 {
		t.Errorf("%d lines on stderr, %d rows:\n%s", n, strings.Count(got.Stdout, "partial"), got.Stderr)
	}
}
