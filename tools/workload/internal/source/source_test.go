package source

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"fastgenbench/tools/internal/workload"
)

// converted is what an input becomes: lines, then what was said about it.
func converted(t testing.TB, f Format, from io.Reader, o Options) (string, Tally, error) {
	t.Helper()
	var text bytes.Buffer
	w := workload.NewWriter(&text)
	o.Warn = func(reason string) { text.WriteString("# " + reason + "\n") }
	in, err := Buffer(from)
	if err != nil {
		return "", Tally{}, err
	}
	tally, err := f.Read(in, o, func(r workload.Request) error {
		err := w.Write(r)
		return errors.Join(err, w.Flush())
	})
	for _, remark := range tally.Remarks {
		text.WriteString("# " + remark + "\n")
	}
	return text.String(), tally, err
}

// The files of testdata are made up; what becomes of each stands in its .want.
func TestFormats(t *testing.T) {
	for path, format := range map[string]Format{
		"azure.csv": azure, "azure-images.csv": azure, "burstgpt.csv": burstGPT, "burstgpt-old.csv": burstGPT,
		"bailian.jsonl": bailian, "sharegpt.json": shareGPT, "sharegpt.jsonl": shareGPT,
		"vllm-custom.jsonl": vllmCustom, "openai-messages.jsonl": openAIMessages, "mooncake.jsonl": mooncake,
	} {
		text, err := os.ReadFile(filepath.Join("testdata", path))
		if err != nil {
			t.Fatal(err)
		}
		if _, f, err := Open(bytes.NewReader(text)); err != nil || f.Name != format.Name {
			t.Errorf("%s is taken for %s: %v", path, f.Name, err)
		}
		golden := filepath.Join("testdata", path+".want")
		for _, from := range []io.Reader{bytes.NewReader(text), iotest.OneByteReader(bytes.NewReader(append([]byte("\xEF\xBB\xBF"), text...)))} {
			got, tally, err := converted(t, format, from, Options{Name: path, BytesPerToken: 4})
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, _ := os.ReadFile(golden)
			if err != nil || got != string(want) {
				t.Errorf("%s: %v\n%s\nwant\n%s", path, err, got, want)
			}
			if n := strings.Count(got, "\n{") + strings.Count(got[:1], "{"); n != tally.Requests || tally.Skipped+len(tally.Remarks) != strings.Count(got, "# ") {
				t.Errorf("%s: %+v", path, tally)
			}
		}
	}
}

func TestNoEstimateUnlessAsked(t *testing.T) {
	got, tally, err := converted(t, openAIMessages, strings.NewReader(`{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "long answer"}]}`), Options{})
	if err != nil || strings.Contains(got, "output_length") || len(tally.Remarks) > 0 {
		t.Errorf("%s, %+v, %v", got, tally, err)
	}
}

func TestWhatIsNoSet(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "it is empty",
		" \n":                 "it is empty",
		"a,b,c\n1,2,3\n":      `it has none of the known formats (bailian, mooncake, sharegpt, openai-messages, vllm-custom, azure, burstgpt): it begins with "a,b,c\n1,2,3\n"`,
		`{"question": "a"}`:   "none of the known formats",
		"\xFF\xFE{\x00":       "it is UTF-16: save it as UTF-8",
		"<html></html>":       "none of the known formats",
		`{"input_length": 3}`: "none of the known formats", // anything could have that
	} {
		if _, _, err := Open(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhatEndsTheReading(t *testing.T) {
	for _, c := range []struct {
		format Format
		text   string
		want   string
	}{
		{azure, "TIMESTAMP,ContextTokens\n1,2\n", `reading x: column GeneratedTokens is missing: the header is "TIMESTAMP,ContextTokens"`},
		{shareGPT, `[{"conversations": [{"from": "human", "value": "a"}]}, {"conv`, "reading x: record 2: it ends inside the list: is it truncated?"},
		{shareGPT, `[{"conversations": [{"from": "human", "value": "a"}]}`, "reading x: it ends inside the list: is it truncated?"},
		{shareGPT, `[{"conversations": []}, }]`, "reading x: record 2: invalid character '}' looking for beginning of value"},
	} {
		if _, _, err := converted(t, c.format, strings.NewReader(c.text), Options{Name: "x"}); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

// A list is not read whole, and a record without an end ends the reading.
func TestListsAreStreamed(t *testing.T) {
	record := `{"conversations": [{"from": "human", "value": "` + strings.Repeat("a", 1000) + `"}]},`
	const many = 1000
	requests := 0
	in := &input{longest: 4000, emit: func(workload.Request) error { requests++; return nil }, Options: Options{Name: "x", Warn: func(string) {}}}
	in.from = buffered(io.MultiReader(strings.NewReader("["), io.LimitReader(&repeated{text: record}, int64(many*len(record)))))
	if err := readShareGPT(in); err == nil || requests != many {
		t.Errorf("%d requests, %v", requests, err)
	}
	in.from = buffered(io.MultiReader(strings.NewReader(`[{"conversations": "`), &repeated{text: "a"}))
	if err := readShareGPT(in); err == nil || err.Error() != "record 1: it is too long" {
		t.Errorf("%v", err)
	}
}

// repeated is a text without an end.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		k := copy(p[n:], r.text[r.at:])
		n, r.at = n+k, (r.at+k)%len(r.text)
	}
	return n, nil
}

func TestEmitEndsTheReading(t *testing.T) {
	for path, format := range map[string]Format{"azure.csv": azure, "sharegpt.json": shareGPT} {
		text, _ := os.ReadFile(filepath.Join("testdata", path))
		in, _ := Buffer(bytes.NewReader(text))
		tally, err := format.Read(in, Options{Warn: func(string) {}}, func(workload.Request) error { return io.ErrClosedPipe })
		if err != io.ErrClosedPipe || tally.Requests != 0 {
			t.Errorf("%s: %+v, %v", path, tally, err)
		}
	}
}

// FuzzRead: what any reader makes of any bytes can be written and read again.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.[cj]s*")
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil || strings.HasSuffix(path, ".want") {
			continue
		}
		for i := range Formats {
			f.Add(text, uint8(i))
		}
	}
	for _, text := range []string{
		"10000000000000000",
		"TIMESTAMP,,ContextTokens,GeneratedTokens\n,,,\n,,,",
		"TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n0000-01-01 0:00:00+00:00,0,1,1\n0",
	} {
		for i := range Formats {
			f.Add([]byte(text), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, which uint8) {
		got, tally, _ := converted(t, Formats[int(which)%len(Formats)], bytes.NewReader(text), Options{Name: "x", BytesPerToken: 3})
		again := 0
		for line := range strings.Lines(got) {
			if strings.HasPrefix(line, "# ") || !strings.HasPrefix(line, "{") {
				continue
			}
			if _, err := workload.Parse([]byte(strings.TrimSuffix(line, "\n"))); err != nil {
				t.Fatalf("%q became %s: %v", text, line, err)
			}
			again++
		}
		if again < tally.Requests {
			t.Fatalf("%d of %d requests can be read again", again, tally.Requests)
		}
	})
}
