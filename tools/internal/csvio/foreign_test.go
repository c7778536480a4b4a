package csvio

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// drop leaves columns out of a text of rows.
func drop(text string, columns ...string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	header := strings.Split(lines[0], ",")
	for i, line := range lines {
		var kept []string
		for j, cell := range strings.Split(line, ",") {
			if len(missing([]string{header[j]}, columns)) > 0 {
				kept = append(kept, cell)
			}
		}
		lines[i] = strings.Join(kept, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Rows of an older version have fewer columns: their values are absent, also
// behind rows that had them.
func TestAbsentColumnsAreAbsentValues(t *testing.T) {
	whole := text(t, 1)
	old := drop(whole, "asked_prompt_tokens", "generated_tokens", "chunk_s", "client", "request", "lag_s", "attempts")
	r := NewReader[record.Request](nil, strings.NewReader(whole+old), func(s string) { t.Error(s) })
	n := 0
	for ; r.Scan(); n++ {
		row := r.Row()
		if known := row.GeneratedTokens.Known(); known != (n == 0) || known != row.Client.Known() || known != row.Request.Known() ||
			known != row.LagS.Known() || known != row.Attempts.Known() || known != (row.ChunkS != nil) {
			t.Errorf("row %d: %+v", n, row)
		}
	}
	if n != 2 || r.Err() != nil {
		t.Errorf("%d rows, %v", n, r.Err())
	}
}

func TestNeededColumns(t *testing.T) {
	old := drop(text(t, 1), "chunk_s")
	r := NewReader[record.Request](nil, strings.NewReader(old), func(s string) { t.Error(s) })
	r.Need("prompt_tokens", "chunk_s")
	if r.Scan() || r.Err() == nil || r.Err().Error() != "stdin:1: column chunk_s is missing; loadgen writes it into its request rows" {
		t.Error(r.Err())
	}
	for _, required := range append(key(), "start_s", "latency_s", "status") {
		_, _, err := readAll(drop(text(t, 1), required))
		if err == nil || !strings.Contains(err.Error(), "column "+required+" is missing") {
			t.Errorf("without %s: %v", required, err)
		}
	}
}

// Rows of versions that knew no workloads are rows of plain draws.
func TestRowsWithoutWorkload(t *testing.T) {
	r := NewReader[record.Request](nil, strings.NewReader(drop(text(t, 2), "workload", "session", "turn")), func(s string) { t.Error(s) })
	n := 0
	for ; r.Scan(); n++ {
		if row := r.Row(); row.Workload != "" || row.Session != "" || row.Turn.Known() {
			t.Errorf("row %d: %+v", n, row)
		}
	}
	if n != 2 || r.Err() != nil {
		t.Errorf("%d rows, %v", n, r.Err())
	}
}

// A header is one wherever it occurs, and in whatever order its columns do.
func TestHeadersInTheMiddle(t *testing.T) {
	whole := text(t, 2)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		order := rng.Perm(len(Columns[record.Request]()) + 2)
		mix := func(line string, more string) string {
			cells := append(strings.Split(line, ","), more, "x"+more)
			mixed := make([]string, len(cells))
			for i, j := range order {
				mixed[j] = cells[i]
			}
			return strings.Join(mixed, ",")
		}
		header, rows, _ := strings.Cut(whole, "\n")
		input := whole + mix(header, "mine") + "\n"
		for row := range strings.Lines(rows) {
			input += mix(strings.TrimSuffix(row, "\n"), "7") + "\r\n"
		}
		got, warnings, err := readAll(input + whole)
		if got != whole+rows+rows || len(warnings) > 0 || err != nil {
			t.Fatalf("warnings %q, error %v, rows\n%s", warnings, err, got)
		}
	}
}

func TestForeignText(t *testing.T) {
	whole := text(t, 1)
	header, row, _ := strings.Cut(strings.TrimSuffix(whole, "\n"), "\n")
	quoted := `"` + strings.ReplaceAll(header, ",", `","`) + "\"\n\"" + strings.ReplaceAll(row, ",", `","`) + "\"\r\n"
	for name, input := range map[string]string{"quoted": quoted, "marked": "\ufeff" + whole, "both": "\ufeff" + quoted} {
		if got, warnings, err := readAll(input); got != whole || len(warnings) > 0 || err != nil {
			t.Errorf("%s: warnings %q, error %v, rows\n%s", name, warnings, err, got)
		}
	}
	var summary bytes.Buffer
	if err := NewWriter[record.Summary](&summary).Header(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ input, want string }{
		"semicolons":              {"\ufeff" + strings.ReplaceAll(whole, ",", ";"), `stdin:1: the header is separated by semicolons; write it with commas, and numbers with points: "run;backend;`},
		"quoted semicolons":       {strings.ReplaceAll(quoted, ",", ";"), "separated by semicolons"},
		"tabs":                    {strings.ReplaceAll(whole, ",", "\t"), "separated by tabs"},
		"semicolons in the midst": {whole + strings.ReplaceAll(whole, ",", ";"), "stdin:3: the header is separated by semicolons"},
		"other rows in the midst": {whole + summary.String(), "stdin:3: these are summary rows of collect, not request rows of loadgen"},
		"UTF-16":                  {"\xff\xfer\x00u\x00n\x00", "UTF-16"},
		"a picture":               {"\x00\x01", "this is not text"},
		"no rows of ours":         {"a,b\n1,2\n", `no header of request rows of loadgen: the line is "a,b"`},
	} {
		if _, _, err := readAll(c.input); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	_, warnings, err := readAll(header + "\n" + strings.Replace(row, ",kernel,", `,"ker,nel",`, 1) + "\n")
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "quotes around a comma") {
		t.Errorf("%q, %v", warnings, err)
	}
}

func TestWholeNumbersWithPoints(t *testing.T) {
	whole := text(t, 1)
	pandas := strings.NewReplacer(",2600,60,68,", ",2600.0,60.0,68.0,", ",1,1,768,", ",1.0,1.0,768.0,").Replace(whole)
	if got, warnings, err := readAll(pandas); got != whole || len(warnings) > 0 || err != nil {
		t.Errorf("warnings %q, error %v, rows\n%s", warnings, err, got)
	}
}

// endless is a line without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte{'1'}, min(len(p), 1<<16))), nil
}

func TestALineHasABound(t *testing.T) {
	r := NewReader[record.Request](nil, endless{}, func(string) {})
	if r.Scan() || r.Err() == nil || !strings.Contains(r.Err().Error(), "line 1 is longer than 64 MiB") {
		t.Error(r.Err())
	}
}

// random fills every field of a row, leaving about a third absent.
func random(rng *rand.Rand, row reflect.Value) {
	for _, field := range reflect.VisibleFields(row.Type()) {
		if field.Tag.Get("csv") == "" {
			continue
		}
		micro := float64(rng.IntN(1e9)) / 1e6
		known := rng.IntN(3) > 0
		switch v := row.FieldByIndex(field.Index).Addr().Interface().(type) {
		case *record.Seconds:
			if *v = (record.Seconds{}); known {
				*v = record.InSeconds(micro)
			}
		case *record.Rate:
			if *v = (record.Rate{}); known {
				*v = record.RateOf(micro)
			}
		case *record.Count:
			if *v = (record.Count{}); known {
				*v = record.CountOf(rng.IntN(1000))
			}
		case *record.Text:
			*v = record.Text(record.Clean(strings.Repeat("é ", rng.IntN(9)) + "x"))
		case *record.OfferedRate:
			*v = record.OfferedRate(micro)
		case *record.Ratio:
			*v = record.Ratio(micro + 1e-6)
		case *record.Setting:
			*v = record.Setting(rng.IntN(2) * 768)
		case *int:
			*v = 1 + rng.IntN(100)
		case *record.Chunks:
			*v = nil
			for at := 0; rng.IntN(20) > 0; at += rng.IntN(1e6) {
				*v = append(*v, record.Chunk{At: float64(at) / 1e6, Tokens: rng.IntN(4)})
			}
		case *record.Status:
		default:
			panic(field.Type)
		}
	}
}

func roundTrip[T Row](t *testing.T, rng *rand.Rand, status record.Status, mend func(*T)) {
	var rows []T
	var out bytes.Buffer
	w := NewWriter[T](&out)
	for range 300 {
		var row T
		random(rng, reflect.ValueOf(&row).Elem())
		reflect.ValueOf(&row).Elem().FieldByName("Status").SetString(string(status))
		if mend != nil {
			mend(&row)
		}
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	r := NewReader[T](nil, &out, func(s string) { t.Errorf("%T: %s", *new(T), s) })
	var got []T
	for r.Scan() {
		got = append(got, r.Row())
	}
	if !reflect.DeepEqual(got, rows) {
		t.Errorf("%T: %d of %d rows, or not the same ones came back: %v", *new(T), len(got), len(rows), r.Err())
	}
}

func TestEveryRowComesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	roundTrip[record.Server](t, rng, record.Ready, nil)
	roundTrip[record.Summary](t, rng, record.Complete, nil)
	roundTrip[record.Goodput](t, rng, record.Partial, nil)
	roundTrip[record.Gaps](t, rng, record.ClientLimited, nil)
	roundTrip[record.Turns](t, rng, record.Partial, nil)
	roundTrip[record.Capacity](t, rng, record.OutOfProbes, nil)
	roundTrip[record.Comparison](t, rng, record.Complete, nil)
	roundTrip(t, rng, record.OK, func(r *record.Request) {
		r.StartS, r.LatencyS, r.GeneratedTokens = record.InSeconds(1), record.InSeconds(1e6), record.Count{}
	})
}
