package protocol

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// events feeds the pieces and returns the data of all events.
func events(t testing.TB, pieces ...[]byte) []string {
	t.Helper()
	var s splitter
	got := []string{}
	for _, piece := range pieces {
		// The memory of a piece is used again for the next read.
		piece = slices.Clone(piece)
		for rest := piece; len(rest) > 0; {
			data, behind, ok, err := s.next(rest)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				got = append(got, string(data))
			}
			rest = behind
		}
		for i := range piece {
			piece[i] = '!'
		}
	}
	return got
}

func TestEventsAreFramedByTheStandard(t *testing.T) {
	for _, c := range []struct {
		stream string
		want   []string
	}{
		{"data: a\n\ndata: b\n\n", []string{"a", "b"}},
		{"data:a\n\n", []string{"a"}},
		{"data:  a\n\n", []string{" a"}},
		{"data: a\r\n\r\ndata: b\r\n\r\n", []string{"a", "b"}},
		{"data: a\r\rdata: b\r\r", []string{"a", "b"}},
		{"data: a\ndata: b\ndata\n\n", []string{"a\nb\n"}},
		{": ping\n\n: ping\n\ndata: a\n\n", []string{"a"}},
		{"event: token\nid: 7\nretry: 9\ndata: a\n\n", []string{"a"}},
		{"data: say data: twice\n\n", []string{"say data: twice"}},
		{"database: no\ndata\n\n", []string{""}},
		{"\n\n\ndata: a\n\n\n", []string{"a"}},
		{"\ufeffdata: a\n\n", []string{"a"}},
		{"data: unfinished\n", nil},
		{"data: unfinished", nil},
		{"data: a\n\r\ndata: b\n\n", []string{"a", "b"}},
	} {
		if got := events(t, []byte(c.stream)); !slices.Equal(got, c.want) {
			t.Errorf("%q: events %q, want %q", c.stream, got, c.want)
		}
	}
}

func TestEventsMayBeSplitAtAnyByte(t *testing.T) {
	stream := []byte(": hello\r\n\r\ndata: {\"a\": 1}\r\n\r\nevent: x\ndata: b\ndata: c\n\ndata: [DONE]\r\r")
	want := events(t, stream)
	if !slices.Equal(want, []string{`{"a": 1}`, "b\nc", "[DONE]"}) {
		t.Fatalf("whole: %q", want)
	}
	for i := range stream {
		for j := i; j < len(stream); j++ {
			if got := events(t, stream[:i], stream[i:j], stream[j:]); !slices.Equal(got, want) {
				t.Fatalf("split at %d and %d: %q", i, j, got)
			}
		}
	}
}

func TestALineWithoutEndIsRefused(t *testing.T) {
	var s splitter
	garbage := bytes.Repeat([]byte{'x'}, 6<<20)
	for range 6 {
		if _, _, _, err := s.next(garbage); err != nil {
			return
		}
	}
	t.Error("36 MB without a line end were taken")
}

// A splitter fed in random pieces finds what it finds in one.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("data: a\r\n\r\n: x\ndata: b\ndata:c\n\n"), uint64(1))
	f.Add([]byte("data\rdata:\r\r\ufeff\n"), uint64(2))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		var pieces [][]byte
		for rest := stream; len(rest) > 0; {
			n := 1 + random.IntN(len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		got, want := events(t, pieces...), events(t, stream)
		if !slices.Equal(got, want) {
			t.Errorf("in pieces %q, whole %q", got, want)
		}
		if model := modelEvents(string(stream)); !slices.Equal(want, model) {
			t.Errorf("split %q, model %q", want, model)
		}
	})
}

// modelEvents is the standard, word for word and slow.
func modelEvents(stream string) []string {
	stream = strings.TrimPrefix(stream, "\ufeff")
	stream = strings.ReplaceAll(strings.ReplaceAll(stream, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(stream, "\n")
	out, data := []string{}, []string(nil)
	for _, line := range lines[:len(lines)-1] {
		name, value, _ := strings.Cut(line, ":")
		switch {
		case line == "" && data != nil:
			out, data = append(out, strings.Join(data, "\n")), nil
		case name == "data":
			data = append(data, strings.TrimPrefix(value, " "))
		}
	}
	return out
}
