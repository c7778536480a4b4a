package stream

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// cut feeds the pieces to a splitter and returns all messages, each with its
// name in front when it has one.
func cut(t testing.TB, s Splitter, pieces ...[]byte) []string {
	t.Helper()
	got := []string{}
	for _, piece := range pieces {
		// The memory of a piece is used again for the next read.
		piece = slices.Clone(piece)
		for rest := piece; len(rest) > 0; {
			m, behind, ok, err := s.Next(rest)
			if err != nil {
				t.Fatal(err)
			}
			if ok && len(m.Name) > 0 {
				got = append(got, string(m.Name)+"> "+string(m.Data))
			} else if ok {
				got = append(got, string(m.Data))
			}
			rest = behind
		}
		for i := range piece {
			piece[i] = '!'
		}
	}
	return got
}

func events(t testing.TB, pieces ...[]byte) []string { return cut(t, NewSSE(), pieces...) }

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
		{"event: token\nid: 7\nretry: 9\ndata: a\n\ndata: b\n\n", []string{"token> a", "b"}},
		{"event:x\nevent: y\ndata: a\n\n", []string{"y> a"}},
		{"event: ping\n\ndata: a\n\n", []string{"a"}},
		{"data:\n\ndata: \n\ndata\n\ndata: a\n\n", []string{"a"}},
		{"data\ndata\n\n", []string{"\n"}},
		{"data: a\n\n\ufeffdata: b\n\n", []string{"a"}},
		{"data: say data: twice\n\n", []string{"say data: twice"}},
		{"database: no\ndata: yes\n\n", []string{"yes"}},
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

// The stamp of a simulated engine goes with its own event alone.
func TestAnEventMayBeStamped(t *testing.T) {
	s := NewSSE()
	text := []byte(":t=12.345678912\ndata: a\n\ndata: b\n\n: ping\n:t=0\ndata: c\n\n:t=-1\ndata: d\n\n:t=nan\ndata: e\n\n:t=1e99\ndata: f\n\n:t=\ndata: g\n\n:t=3\n\ndata: h\n\n")
	want := []Span{{12.345678912, true}, {}, {0, true}, {}, {}, {}, {}, {}}
	for i := 0; len(text) > 0; i++ {
		m, rest, ok, err := s.Next(text)
		if err != nil || !ok || string(m.Data) != string(rune('a'+i)) || m.At != want[i] {
			t.Errorf("event %d: %q at %+v, %v; want %+v", i, m.Data, m.At, err, want[i])
		}
		text = rest
	}
}

func TestEventsMayBeSplitAtAnyByte(t *testing.T) {
	stream := []byte(": hello\r\n\r\ndata: {\"a\": 1}\r\n\r\nevent: x\ndata: b\ndata: c\n\ndata: [DONE]\r\r")
	want := events(t, stream)
	if !slices.Equal(want, []string{`{"a": 1}`, "x> b\nc", "[DONE]"}) {
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
	s := NewSSE()
	garbage := bytes.Repeat([]byte{'x'}, 6<<20)
	for range 6 {
		if _, _, _, err := s.Next(garbage); err != nil {
			return
		}
	}
	t.Error("36 MB without a line end were taken")
}

func TestAnEventWithoutEndIsRefused(t *testing.T) {
	s := NewSSE()
	line := append(bytes.Repeat([]byte{'x'}, 6<<20), '\n')
	for range 6 {
		if _, _, _, err := s.Next(append([]byte("data: "), line...)); err != nil {
			return
		}
	}
	t.Error("an event of 36 MB was taken")
}

func TestASplitterForgetsTheStreamBefore(t *testing.T) {
	for name, s := range map[string]Splitter{"sse": NewSSE(), "objects": NewObjects()} {
		if got := cut(t, s, []byte("event: x\rdata: half")); len(got) > 0 && name == "sse" {
			t.Errorf("%s: %q", name, got)
		}
		s.Reset()
		if got := cut(t, s, []byte("\ufeffdata: a\n\n")); len(got) != 1 || strings.Contains(got[0], "half") || strings.Contains(got[0], "x>") {
			t.Errorf("%s: %q after a reset", name, got)
		}
	}
}

// pieces cuts a stream at random places.
func pieces(stream []byte, seed uint64) (all [][]byte) {
	random := rand.New(rand.NewPCG(seed, 0))
	for len(stream) > 0 {
		n := 1 + random.IntN(len(stream))
		all = append(all, stream[:n])
		stream = stream[n:]
	}
	return all
}

// A splitter fed in random pieces finds what it finds in one.
func FuzzSSE(f *testing.F) {
	f.Add([]byte("data: a\r\n\r\n: x\ndata: b\nevent: y\ndata:c\n\n"), uint64(1))
	f.Add([]byte("data\rdata:\r\r\ufeff\n"), uint64(2))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		got, want := events(t, pieces(stream, seed)...), events(t, stream)
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
	out, name, data := []string{}, "", []string(nil)
	for _, line := range lines[:len(lines)-1] {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if text := strings.Join(data, "\n"); text != "" && name != "" {
				out = append(out, name+"> "+text)
			} else if text != "" {
				out = append(out, text)
			}
			name, data = "", nil
		case field == "event":
			name = value
		case field == "data":
			data = append(data, value)
		}
	}
	return out
}

func TestObjectsEndWithNULOrNewline(t *testing.T) {
	stream := []byte("{\"text\": [\"a\"]}\x00\n{\"text\": [\"ab\"]}\n\r\n{\"text\"")
	want := []string{`{"text": ["a"]}`, `{"text": ["ab"]}`}
	for i := range stream {
		for j := i; j < len(stream); j++ {
			if got := cut(t, NewObjects(), stream[:i], stream[i:j], stream[j:]); !slices.Equal(got, want) {
				t.Fatalf("split at %d and %d: %q", i, j, got)
			}
		}
	}
}

func TestTheLengthOfAText(t *testing.T) {
	for object, want := range map[string]int{
		`{"text": ["Once a"]}`:     6,
		` {"text":["a\nb"]} `:      4,
		`{"text":["ab","c"]}`:      2,
		`{"more":1,"text":["ab"]}`: 2,
		`{"detail":"no"}`:          -1,
		`{"text":[]}`:              -1,
		`{"text":["a`:              -1,
	} {
		if n, err := TextLength([]byte(object)); n != want && (want >= 0 || err == nil) {
			t.Errorf("%s: %d, %v", object, n, err)
		}
	}
}

func FuzzObjects(f *testing.F) {
	f.Add([]byte("{\"text\": [\"a\"]}\x00{\"text\": [\"ab\"]}\n"), uint64(3))
	f.Add([]byte("{\"text\":[\"a\"]}\x00{\"text\":[x\n"), uint64(3))
	f.Add([]byte("{\"\xda\":[\"0\"]}\n0\"\n"), uint64(13))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		whole, parted := cut(t, NewObjects(), stream), cut(t, NewObjects(), pieces(stream, seed)...)
		if !slices.Equal(whole, parted) {
			t.Fatalf("whole %q, in pieces %q", whole, parted)
		}
		for _, object := range whole {
			n, err := TextLength([]byte(object))
			if err != nil {
				continue
			}
			var shape struct{ Text []string }
			if err := json.Unmarshal([]byte(object), &shape); err != nil || n < len(shape.Text[0])/3 {
				t.Errorf("%q: %d, %v", object, n, err)
			}
		}
	})
}
