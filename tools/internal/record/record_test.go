package record

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestChunksRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var chunks Chunks
		at := int64(0)
		for range rng.IntN(20) {
			at += rng.Int64N(1 << rng.IntN(40))
			chunks = append(chunks, Chunk{At: float64(at) / 1e6, Tokens: rng.IntN(4)})
		}
		cell, err := chunks.MarshalCSV()
		if err != nil {
			t.Fatal(err)
		}
		var again Chunks
		if err := again.UnmarshalCSV(cell); err != nil {
			t.Fatalf("%q: %v", cell, err)
		}
		if len(again) != len(chunks) || again.Tokens() != chunks.Tokens() {
			t.Fatalf("%q came back as %v", cell, again)
		}
		for i := range chunks {
			if chunks[i] != again[i] {
				t.Fatalf("%q: chunk %d is %v, was %v", cell, i, again[i], chunks[i])
			}
		}
	}
}

func TestChunksRefuse(t *testing.T) {
	for _, cell := range []string{" ", "1.0 ", " 1.0", "1.0  2.0", "2.0 1.0", "1.0*0", "1.0*", "1.0*-1", "*2", "x", "1.0,2.0", "NaN", "Inf", "1..0", "."} {
		var c Chunks
		if err := c.UnmarshalCSV(cell); err == nil {
			t.Errorf("%q was read as %v", cell, c)
		}
	}
}

// The fast reading of a chunk is the slow one.
func FuzzChunks(f *testing.F) {
	f.Add("0.412300 0.424100*2 0.437000")
	f.Add("1 2 3e1 1234567890123456.7")
	f.Add("12345678.123456789 99999999999999999999.5")
	for _, cell := range []string{"", " ", "0~x", "0*1x", "1*1 0.0", "0.1~0.05*2 0.2*?"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		var fast Chunks
		err := fast.UnmarshalCSV(cell)
		if err != nil || cell == "" {
			return
		}
		for i, word := range strings.Split(cell, " ") {
			slow, err := parseChunk(word)
			if err != nil || slow != fast[i] {
				t.Fatalf("%q: fast %v, slow %v (%v)", word, fast[i], slow, err)
			}
		}
	})
}

// The zero value of every cell that may be absent is an empty cell, and an
// empty cell is the zero value, whatever was there before.
func TestAbsentIsTheZeroValueAndAnEmptyCell(t *testing.T) {
	s, r, c, o, g := InSeconds(1), RateOf(1), CountOf(1), OfferedRate(1), Setting(1)
	for name, cell := range map[string]interface {
		MarshalCSV() (string, error)
		UnmarshalCSV(string) error
	}{"seconds": marshaller{&s, func() (string, error) { return s.MarshalCSV() }},
		"rate":         marshaller{&r, func() (string, error) { return r.MarshalCSV() }},
		"count":        marshaller{&c, func() (string, error) { return c.MarshalCSV() }},
		"offered rate": marshaller{&o, func() (string, error) { return o.MarshalCSV() }},
		"setting":      marshaller{&g, func() (string, error) { return g.MarshalCSV() }},
	} {
		if err := cell.UnmarshalCSV(""); err != nil {
			t.Errorf("empty cell as %s: %v", name, err)
		}
		if text, err := cell.MarshalCSV(); text != "" || err != nil {
			t.Errorf("absent %s prints %q, %v", name, text, err)
		}
	}
	if s != (Seconds{}) || r != (Rate{}) || c != (Count{}) || o != 0 || g != 0 {
		t.Errorf("empty cells came back as %v %v %v %v %v", s, r, c, o, g)
	}
	if s.Known() || r.Known() || c.Known() || !math.IsNaN(s.Float()) || !math.IsNaN(r.Float()) || !math.IsNaN(c.Float()) {
		t.Error("an absent value is known")
	}
	if InSeconds(math.NaN()).Known() || RateOf(math.NaN()).Known() || InSeconds(math.NaN()).Times(2).Known() {
		t.Error("not a number is a value")
	}
}

type marshaller struct {
	to    interface{ UnmarshalCSV(string) error }
	print func() (string, error)
}

func (m marshaller) UnmarshalCSV(cell string) error { return m.to.UnmarshalCSV(cell) }
func (m marshaller) MarshalCSV() (string, error)    { return m.print() }

func TestNumbersThatAreNone(t *testing.T) {
	var s Seconds
	var c Count
	for _, cell := range []string{"NaN", "Inf", "-Inf", "1e999", "0x", "1,0", " 1", "1 "} {
		if err := s.UnmarshalCSV(cell); err == nil {
			t.Errorf("seconds took %q", cell)
		}
		if err := c.UnmarshalCSV(cell); err == nil {
			t.Errorf("count took %q", cell)
		}
	}
	for _, cell := range []string{"1.5", "-1", "1e300"} {
		if err := c.UnmarshalCSV(cell); err == nil {
			t.Errorf("count took %q", cell)
		}
	}
	if _, err := InSeconds(math.Inf(1)).MarshalCSV(); err == nil {
		t.Error("infinity was printed")
	}
}

// Other programs write whole numbers with a point.
func TestCountsInOtherSpellings(t *testing.T) {
	for _, cell := range []string{"37", "37.0", "3.7e1", "37.000000"} {
		var c Count
		if err := c.UnmarshalCSV(cell); err != nil || c != CountOf(37) {
			t.Errorf("%q is %v, %v", cell, c, err)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("dial tcp: \"refused\",\r\n retry")
	f.Add(strings.Repeat("é", 150))
	f.Add(strings.Repeat("0", maxText-1) + "é")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if len(got) > maxText || strings.ContainsAny(got, ",\"\r\n") || !utf8.ValidString(got) || Clean(got) != got {
			t.Errorf("%q cleaned to %q", s, got)
		}
	})
}

func TestStatusesAreNoPrefixesOfEachOther(t *testing.T) {
	all := []Status{OK, Failed, Timeout, Cancelled, Complete, Partial, ClientLimited, Ready}
	for _, a := range all {
		for _, b := range all {
			if a != b && strings.HasPrefix(string(a), string(b)) {
				t.Errorf("%s begins with %s", a, b)
			}
		}
	}
}

func TestSimulated(t *testing.T) {
	for _, c := range []struct {
		backend, engine Text
		want            bool
	}{
		{"sim-fastgen", "", true}, {"openai", "sim-engine 1", true}, {"vllm", "vllm 0.33.0", false},
	} {
		if got := (ServerKey{Backend: c.backend, Engine: c.engine}).Simulated(); got != c.want {
			t.Errorf("%v: %v", c, got)
		}
	}
}
