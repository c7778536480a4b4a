package launch

import (
	"testing"
)

func TestParseStat(t *testing.T) {
	tail := " S 17 18 19 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0"
	for _, name := range []string{"(sh)", "(a) S 1 (b))", "(two\nlines)"} {
		s, ok := parseStat([]byte("123 " + name + tail))
		if want := (stat{'S', 17, 18, 19, "4711"}); !ok || s != want {
			t.Errorf("%s: %+v, %v", name, s, ok)
		}
	}
	for _, bad := range []string{"", "123 (sh)", "123 (sh) S x 18 19 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0"} {
		if s, ok := parseStat([]byte(bad)); ok {
			t.Errorf("%q passed as %+v", bad, s)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("1 (x) R 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22"))
	f.Add([]byte("1"))
	f.Add([]byte("1 (x) R 2 3 4"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if s, ok := parseStat(text); ok && s.started == "" {
			t.Errorf("%q has no start", text)
		}
	})
}
