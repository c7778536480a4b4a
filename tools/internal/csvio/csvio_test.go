package csvio

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

func request(n int) record.Request {
	r := record.Request{
		Key: record.Key{
			ServerKey: record.ServerKey{Run: "r1", Backend: "sim-fastgen", Engine: "sim-engine 1", Hardware: "A6000",
				Speed: 20, Model: "meta-llama/Llama-2-7b-hf", TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768},
			LoadKey: record.LoadKey{NumClients: 4, MeanPromptLength: 2600, MeanMaxNewTokens: 60},
		},
		Client: record.CountOf(0), Request: record.CountOf(n), StartS: record.InSeconds(float64(n)), LatencyS: record.InSeconds(3.25), EndS: record.InSeconds(3.5),
		PromptTokens: record.CountOf(2600), MaxNewTokens: record.CountOf(60), GeneratedTokens: record.CountOf(68),
		Clock: "kernel", LagS: record.InSeconds(0.000012), Attempts: record.CountOf(1), Status: record.OK,
	}
	for i := range 60 {
		r.ChunkS = append(r.ChunkS, record.Chunk{At: float64(412300+i*47123) / 1e6, Tokens: 1 + i%7/6})
	}
	return r
}

func text(t testing.TB, n int) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter[record.Request](&out)
	for i := range n {
		if err := w.Write(request(i)); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// readAll returns the rows printed again, the warnings and the error.
func readAll(input string, names ...string) (printed string, warnings []string, err error) {
	var out bytes.Buffer
	w := NewWriter[record.Request](&out)
	r := NewReader[record.Request](names, strings.NewReader(input), func(s string) { warnings = append(warnings, s) })
	for r.Scan() {
		if err := w.Write(r.Row()); err != nil {
			return "", nil, err
		}
	}
	if n := r.Skipped(); n <= mostTold && n != len(warnings) {
		return "", nil, errors.New("skipped rows and warnings differ")
	}
	return out.String(), warnings, r.Err()
}

func TestRoundTrip(t *testing.T) {
	whole := text(t, 3)
	got, warnings, err := readAll(whole)
	if got != whole || len(warnings) > 0 || err != nil {
		t.Errorf("read and printed again:\n%s\nwarnings %q, error %v, want:\n%s", got, warnings, err, whole)
	}
}

func TestConcatenatedFilesAreOneFile(t *testing.T) {
	whole := text(t, 2)
	got, warnings, err := readAll(whole + whole)
	if strings.Count(got, "\n") != 5 || len(warnings) > 0 || err != nil {
		t.Errorf("cat of two files gave %d lines, warnings %q, error %v", strings.Count(got, "\n"), warnings, err)
	}
}

func TestConcatenatedFilesMayOrderColumnsDifferently(t *testing.T) {
	whole := text(t, 1)
	header, row, _ := strings.Cut(strings.TrimSuffix(whole, "\n"), "\n")
	swap := func(line string) string {
		cells := strings.Split(line, ",")
		cells[1], cells[2] = cells[2], cells[1]
		cells = append(cells[:3], append([]string{"extra"}, cells[3:]...)...)
		return strings.Join(cells, ",")
	}
	got, warnings, err := readAll(whole + swap(header) + "\r\n" + swap(row) + "\r\n")
	if got != whole+row+"\n" || len(warnings) > 0 || err != nil {
		t.Errorf("got:\n%s\nwarnings %q, error %v", got, warnings, err)
	}
}

// Any prefix of a valid file gives a prefix of its rows.
func TestCutAnywhere(t *testing.T) {
	whole := text(t, 2)
	header := strings.Index(whole, "\n") + 1
	for cut := header; cut < len(whole); cut++ {
		got, _, err := readAll(whole[:cut])
		if err != nil || !strings.HasPrefix(whole, got) {
			t.Fatalf("cut at byte %d: error %v, rows\n%s", cut, err, got)
		}
	}
}

func TestBadInput(t *testing.T) {
	whole := text(t, 1)
	var summary bytes.Buffer
	if err := NewWriter[record.Summary](&summary).Header(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ input, want string }{
		"empty":          {"", "the input is empty"},
		"wrong tool":     {summary.String(), "these are summary rows of collect, not request rows of loadgen"},
		"missing column": {strings.Replace(whole, "latency_s", "letency_s", 1), "column latency_s is missing; loadgen writes it into its request rows"},
		"twice":          {strings.Replace(whole, "due_s", "start_s", 1), "column start_s occurs twice"},
		"json":           {"{\"a\": 1}\n", "stdin:1: this is JSON; import-results makes rows of"},
		"no csv":         {"\x89PNG\r\n\x1a\n", "no header of request rows"},
	} {
		_, _, err := readAll(c.input)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestBadCellsAreReportedWithTheirPlace(t *testing.T) {
	whole := text(t, 3)
	for from, to := range map[string]string{
		",3.250000,":     ",,",
		",sim-fastgen,":  `,"sim"fastgen",`,
		",1,1,768,":      ",1,1.5,768,",
		",60,68,":        ",60,67,",
		",kernel,":       ",kernel",
		"0.412300 ":      "9.412300 ",
		"0.459423 ":      "0.459423*0 ",
		",0.000012,":     ",NaN,",
		",20,meta-llama": ",0,meta-llama",
		",1,,,ok":        ",1,,,done",
		",3.500000,":     ",-3.500000,",
		",4,2600,":       ",,2600,",
		",2600,60,,":     ",2600,60.5,,",
		"768,4,":         "768,0x4,",
	} {
		lines := strings.SplitAfter(whole, "\n")
		broken := strings.Replace(lines[2], from, to, 1)
		if broken == lines[2] {
			t.Fatalf("%q is not in the row", from)
		}
		got, warnings, err := readAll(lines[0] + lines[1] + broken + lines[3])
		if want := lines[0] + lines[1] + lines[3]; got != want || err != nil {
			t.Errorf("%q for %q: error %v, rows\n%s", to, from, err, got)
		}
		if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "stdin:3: ") {
			t.Errorf("%q for %q: warnings %q", to, from, warnings)
		}
	}
}

// A message names the column and the cell, whatever the cell's type.
func TestBadCellsInWords(t *testing.T) {
	whole := text(t, 1)
	for _, c := range []struct{ from, to, want string }{
		{",4,2600,", ",,2600,", `stdin:2: column num_clients: "" is not a whole number`},
		{",4,2600,", ",4,0x10,", `stdin:2: column mean_prompt_length: "0x10" is not a whole number`},
		{",20,", ",,", `stdin:2: column speed: "" is not a finite number`},
		{",68,", ",-1,", `stdin:2: column generated_tokens: "-1" is not a count`},
		{",ok\n", ",o\n", `stdin:2: status "o" is not one of ["ok" "failed" "timeout" "cancelled"]; is the line truncated?`},
	} {
		_, warnings, err := readAll(strings.Replace(whole, c.from, c.to, 1))
		if err != nil || len(warnings) != 1 || warnings[0] != c.want {
			t.Errorf("%q for %q: warnings %q, error %v; want %q", c.to, c.from, warnings, err, c.want)
		}
	}
}

// A cell that would need quotes is refused, not written.
func TestNoCellHasQuotes(t *testing.T) {
	var out bytes.Buffer
	err := NewWriter[record.Server](&out).Write(record.Server{Status: "a,b"})
	if err == nil || !strings.Contains(err.Error(), `a cell cannot hold "a,b"`) || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("error %v, written %q", err, out.String())
	}
}

func TestOperands(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.csv"), filepath.Join(dir, "x=b.csv")
	for _, path := range []string{a, b} {
		if err := os.WriteFile(path, []byte(text(t, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := readAll(text(t, 1), "new run="+a, b, "-")
	if err != nil {
		t.Fatal(err)
	}
	var runs []string
	for _, line := range strings.Split(strings.TrimSpace(got), "\n")[1:] {
		runs = append(runs, line[:strings.Index(line, ",")])
	}
	if strings.Join(runs, "|") != "new run|r1|r1" {
		t.Errorf("runs %q", runs)
	}
	if _, _, err := readAll("", filepath.Join(dir, "absent.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A labelled pattern is its files, which a shell leaves to the tool; the label is
// told where rows keep their run.
func TestLabelledPattern(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.csv", "a.csv", "[c].csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text(t, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := NewReader[record.Request]([]string{"old=" + dir + "/?.csv", "new=" + dir + "/[c].csv"}, nil, func(reason string) { t.Error(reason) })
	r.KeepRun()
	var got []string
	for r.Scan() {
		got = append(got, r.Label()+" "+string(r.Row().Run)+" "+filepath.Base(r.in.name))
	}
	if want := "old r1 a.csv|old r1 b.csv|new r1 [c].csv"; strings.Join(got, "|") != want || r.Err() != nil {
		t.Errorf("%q, %v; want %q", got, r.Err(), want)
	}
}

func TestRowsArriveAsTheyAreWritten(t *testing.T) {
	in, out := io.Pipe()
	r := NewReader[record.Request](nil, in, func(string) {})
	w := NewWriter[record.Request](out)
	for i := range 3 {
		done := make(chan error, 1)
		go func() { done <- w.Write(request(i)) }()
		if !r.Scan() || r.Row().Request.Int() != i {
			t.Fatalf("row %d did not come through: %v", i, r.Err())
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever parses prints to rows that parse to the same rows.
func FuzzReader(f *testing.F) {
	whole := text(f, 2)
	f.Add(whole)
	f.Add(strings.ReplaceAll(whole, "ok", "failed"))
	f.Add(strings.ReplaceAll(whole, ",68,", ",,"))
	f.Add(strings.ReplaceAll(whole, ",60,", `,"60.0",`))
	f.Add(whole + drop(whole, "chunk_s", "lag_s"))
	f.Add(strings.ReplaceAll(whole, ",", ";"))
	f.Add(strings.ReplaceAll(whole, ",kernel,", ",,"))
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, input string) {
		once, _, err := readAll(input)
		if err != nil || once == "" {
			return
		}
		twice, warnings, err := readAll(once)
		if twice != once || len(warnings) > 0 || err != nil {
			t.Errorf("printed rows changed: warnings %q, error %v\n%q\n%q", warnings, err, once, twice)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	whole := text(b, 2000)
	b.SetBytes(int64(len(whole)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader[record.Request](nil, strings.NewReader(whole), func(string) {})
		n := 0
		for r.Scan() {
			n++
		}
		if n != 2000 {
			b.Fatal(n, r.Err())
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	row := request(1)
	w := NewWriter[record.Request](io.Discard)
	b.SetBytes(int64(len(text(b, 2)) - len(text(b, 1))))
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Write(row); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSelectedColumns(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter[record.Gaps](&out)
	if err := w.Select("p50_s", "backend"); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(record.Gaps{Key: record.Key{ServerKey: record.ServerKey{Backend: "b"}}, P50S: record.InSeconds(1)}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "p50_s,backend\n1.000000,b\n" {
		t.Errorf("%q", got)
	}
	if err := w.Select("none"); err == nil || !strings.Contains(err.Error(), "no column none; there are run, backend") {
		t.Errorf("%v", err)
	}
}

// A file of another width has a word for each of its first rows, not for thousands.
func TestManyBadRowsAreCounted(t *testing.T) {
	lines := strings.SplitAfter(text(t, 2), "\n")
	dir := t.TempDir()
	for name, bad := range map[string]int{"a.csv": mostTold + 3, "b.csv": 1} {
		rows := lines[0] + lines[1] + strings.Repeat("1,2\n", bad) + lines[2]
		if err := os.WriteFile(filepath.Join(dir, name), []byte(rows), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, warnings, err := readAll("", filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv"))
	if err != nil || len(warnings) != mostTold+2 {
		t.Fatalf("%d warnings: %q, %v", len(warnings), warnings, err)
	}
	if got := warnings[mostTold]; !strings.HasSuffix(got, "a.csv: 3 more rows could not be read") {
		t.Error(got)
	}
	if got := warnings[mostTold+1]; !strings.Contains(got, "b.csv:3: ") {
		t.Error(got)
	}
}
