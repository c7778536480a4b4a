package workload

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// read returns the requests of a text, and what was said of the others.
func read(t *testing.T, from io.Reader, blockSize int) (all []Request, lines []int, warnings []string, err error) {
	t.Helper()
	r := NewReader(from, "t.jsonl", blockSize, func(text string) { warnings = append(warnings, text) })
	for r.Scan() {
		all = append(all, r.Request())
		lines = append(lines, r.Line())
	}
	if r.Skipped() != len(warnings) {
		t.Errorf("%d skipped, %d warnings", r.Skipped(), len(warnings))
	}
	return all, lines, warnings, r.Err()
}

func TestReaderPassesOverBadLines(t *testing.T) {
	text := "\xEF\xBB\xBF{\"input_length\": 1000, \"hash_ids\": [1, 2]}\r\n\n  \n{\"input_length\": }\n{\"input_length\": 9, \"hash_ids\": [1, 2]}\n{\"input_length\": 2}"
	all, lines, warnings, err := read(t, iotest.OneByteReader(strings.NewReader(text)), 512)
	if err != nil || len(all) != 2 || !reflect.DeepEqual(lines, []int{1, 6}) {
		t.Errorf("%v at %v, %v", all, lines, err)
	}
	if len(warnings) != 2 || !strings.HasPrefix(warnings[0], "t.jsonl:4: ") || !strings.HasPrefix(warnings[1], "t.jsonl:5: 2 hash_ids do not fit 9 tokens") {
		t.Errorf("%q", warnings)
	}
	if all, _, _, _ := read(t, strings.NewReader(text), 0); len(all) != 3 {
		t.Errorf("without a block size %d lines are good", len(all))
	}
}

func TestReaderGoesOnBehindALongLine(t *testing.T) {
	good := `{"input_length": 2}` + "\n"
	long := io.LimitReader(zeros{}, MaxLine+1)
	all, lines, warnings, err := read(t, io.MultiReader(strings.NewReader(good), long, strings.NewReader("\n"+good)), 0)
	if err != nil || len(all) != 2 || lines[1] != 3 {
		t.Errorf("%v at %v, %v", all, lines, err)
	}
	if len(warnings) != 1 || warnings[0] != "t.jsonl:2: the line is longer than 64 MiB" {
		t.Errorf("%q", warnings)
	}
}

// zeros is text without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	return copy(p, bytes.Repeat([]byte{'0'}, min(len(p), 1<<16))), nil
}

func TestReaderEndsWithWhatItCannotRead(t *testing.T) {
	for text, want := range map[string]string{
		"\xFF\xFE{\x00":    "reading t.jsonl: it is UTF-16: save it as UTF-8",
		"{\x00\"\x00i\x00": "reading t.jsonl: it is UTF-16: save it as UTF-8",
		"\x00{\x00\"\x00i": "reading t.jsonl: it is UTF-16: save it as UTF-8",
		"\x1f\x8b\x08\x00": "reading t.jsonl: it is a gzip file: decompress it first",
		"PAR1\x15\x04":     "reading t.jsonl: it is a Parquet file: decompress it first",
	} {
		if all, _, _, err := read(t, strings.NewReader(text), 0); len(all) > 0 || err == nil || err.Error() != want {
			t.Errorf("%q: %v, %v", text, all, err)
		}
	}
	all, _, _, err := read(t, io.MultiReader(strings.NewReader("{\"input_length\": 2}\n{"), iotest.ErrReader(io.ErrClosedPipe)), 0)
	if len(all) != 1 || err == nil || err.Error() != "reading t.jsonl: io: read/write on closed pipe" {
		t.Errorf("%v, %v", all, err)
	}
	if all, _, _, err := read(t, strings.NewReader(""), 0); len(all) > 0 || err != nil {
		t.Errorf("empty: %v, %v", all, err)
	}
}

func TestRequestsStayValid(t *testing.T) {
	all, _, _, _ := read(t, strings.NewReader(`{"input_length": 2, "hash_ids": [1, 2], "session_id": "a"}
{"input_length": 2, "hash_ids": [3, 4], "session_id": "b"}
`), 1)
	if len(all) != 2 || !reflect.DeepEqual(all[0].HashIDs, []uint64{1, 2}) || all[0].Session != "a" {
		t.Errorf("%+v", all)
	}
}

func TestWriterWritesWhatReadersTake(t *testing.T) {
	var text bytes.Buffer
	w := NewWriter(&text)
	if err := w.Write(Request{Timestamp: ms(0), Session: "a<b", Delay: ms(1.5004), InputLength: 600, OutputLength: 3, HashIDs: []uint64{7, 8}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Request{InputLength: 600, Text: "a"}); err == nil {
		t.Error("a line with two prompts was written")
	}
	w.Flush()
	const want = `{"timestamp": 0, "session_id": "a<b", "delay": 1.5, "input_length": 600, "output_length": 3, "hash_ids": [7, 8]}` + "\n"
	if text.String() != want {
		t.Errorf("wrote %s", text.String())
	}
}

func BenchmarkReader(b *testing.B) {
	for _, blocks := range []int{1, 14, 200} {
		var line strings.Builder
		fmt.Fprintf(&line, `{"timestamp": 3000, "input_length": %d, "output_length": 402, "hash_ids": [0`, blocks*512)
		for i := 1; i < blocks; i++ {
			fmt.Fprintf(&line, ", %d", 1234500+i)
		}
		text := strings.Repeat(line.String()+"]}\n", 1000)
		b.Run(fmt.Sprintf("blocks=%d", blocks), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := NewReader(strings.NewReader(text), "t", 512, func(string) {})
				for r.Scan() {
				}
				if r.Skipped() > 0 {
					b.Fatal("bad lines")
				}
			}
		})
	}
}
