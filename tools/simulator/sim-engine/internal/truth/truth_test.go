package truth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestRowsComeOutInOrder(t *testing.T) {
	var out bytes.Buffer
	l := New(&out)
	const rows = 20000 // several buffers
	for i := range rows {
		l.Add(Row{RequestID: "run-8-3", Choice: 1, ArrivedNS: 1700000000000000000, Token: i, Tokens: 2, DueNS: 5, SentNS: 6, WriteBytes: 7})
		if i%7000 == 0 {
			l.Flush()
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != rows+1 || lines[0]+"\n" != Header {
		t.Fatalf("%d lines, the first %q", len(lines), lines[0])
	}
	if want := "run-8-3,1,1700000000000000000,19999,2,5,6,7"; lines[rows] != want {
		t.Errorf("last line %q, want %q", lines[rows], want)
	}
}

func TestWriteErrorIsReported(t *testing.T) {
	full := errors.New("disk full")
	l := New(failing{full})
	l.Add(Row{RequestID: "a"})
	if err := l.Close(); !errors.Is(err, full) {
		t.Errorf("close says %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkAdd(b *testing.B) {
	l := New(discard{})
	b.ReportAllocs()
	for b.Loop() {
		l.Add(Row{RequestID: "run-1000-34567", ArrivedNS: 1700000000000000000, Token: 100, Tokens: 1, DueNS: 1700000000000000000, SentNS: 1700000000000000000, WriteBytes: 300})
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
