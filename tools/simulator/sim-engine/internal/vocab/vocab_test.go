package vocab

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzRoundTrip(f *testing.F) {
	for _, text := range []string{"", "a", "the quick brown fox", "The Fox\x00\xff", " ba do", "日本語 text", "Aaab", "Zzzz", "<s>a</s><unk>", "<s <unk", strings.Repeat("x y", 7)} {
		f.Add(text, 32000)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
		text = strings.ToValidUTF8(text, "\uFFFD") // as JSON makes it
		if strings.ContainsFunc(text, isEscape) {
			return
		}
		v, err := New(MinSize + size&0x3ffff)
		if err != nil {
			t.Fatal(err)
		}
		ids := v.Encode(text)
		if len(ids) != v.Count(text) {
			t.Fatalf("%d ids, count says %d", len(ids), v.Count(text))
		}
		back, err := v.Decode(ids)
		if err != nil || back != text {
			t.Fatalf("%q came back as %q, %v", text, back, err)
		}
		for _, id := range ids {
			if id < 0 || id >= v.Size() {
				t.Fatalf("id %d of %q is outside", id, text)
			}
		}
	})
}

// Every list of ids comes back from its text, wherever it was cut.
func FuzzAnyIDsComeBack(f *testing.F) {
	f.Add([]byte("\x00\x01\xe6\x00\x01\x97"), false)
	f.Add([]byte("<s>abcThes<unk>\u65e5\u672c\U0010FE03\xf4\x8f"), true)
	f.Fuzz(func(t *testing.T, seed []byte, asBytes bool) {
		v, err := New(32000)
		if err != nil {
			t.Fatal(err)
		}
		var ids []int
		for i, b := range seed {
			switch {
			case asBytes:
				ids = append(ids, firstByte+int(b))
			case i%2 == 1: // any id, small ones often
				ids = append(ids, (int(seed[i-1])<<8+int(b))%v.Size(), int(b))
			}
		}
		comesBack(t, v, ids)
	})
}

func comesBack(t *testing.T, v Vocab, ids []int) {
	t.Helper()
	text, err := v.Decode(ids)
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.ValidString(text) {
		t.Fatalf("the text of %v is not UTF-8: %q", ids, text)
	}
	if got := v.Encode(text); !slices.Equal(got, ids) {
		t.Fatalf("%v became %q and then %v", ids, text, got)
	}
}

func TestAnyIDsComeBack(t *testing.T) {
	v, err := New(32000)
	if err != nil {
		t.Fatal(err)
	}
	whole := v.Encode("<s>Über 日本語 🚀 and The Quick\n brown fox</s>")
	for from := range whole {
		for to := from; to <= len(whole); to++ {
			comesBack(t, v, whole[from:to])
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		ids := make([]int, rng.IntN(12))
		for i := range ids {
			ids[i] = rng.IntN([]int{3, firstTriple, firstTriple, v.Size()}[rng.IntN(4)])
		}
		comesBack(t, v, ids)
	}
	for id := range v.Size() {
		comesBack(t, v, []int{id})
	}
}

func TestEveryWordLikeIDComesBackAlone(t *testing.T) {
	v, _ := New(65024)
	var all []int
	for id := firstTriple; id < v.Size(); id++ {
		all = append(all, id)
	}
	text, err := v.Decode(all)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Encode(text); !slices.Equal(got, all) {
		t.Fatal("triples and quads in a row do not encode to themselves")
	}
}

func TestWordsEncodeToThemselves(t *testing.T) {
	v, _ := New(MinSize)
	words := v.Words()
	seen := map[int]bool{}
	var ids []int
	var text strings.Builder
	for i := range 5000 {
		token := words.At(7, i)
		ids, seen[token.ID] = append(ids, token.ID), true
		text.WriteString(token.Text)
	}
	if got := v.Encode(text.String()); !slices.Equal(got, ids) {
		t.Fatal("generated text does not encode to the ids it was made of")
	}
	if len(seen) != len(words) {
		t.Fatalf("%d of %d words turned up in 5000 tokens", len(seen), len(words))
	}
}

func TestBounds(t *testing.T) {
	for _, size := range []int{MinSize - 1, MaxSize + 1} {
		if _, err := New(size); err == nil {
			t.Errorf("a vocabulary of %d was made", size)
		}
	}
	v, _ := New(MinSize)
	for _, id := range []int{-1, MinSize} {
		if _, err := v.Decode([]int{id}); err == nil {
			t.Errorf("id %d was decoded", id)
		}
	}
	if text, err := v.Decode([]int{1, firstByte + 'x', 2}); text != "<s>x</s>" || err != nil {
		t.Errorf("specials decode to %q", text)
	}
}

func BenchmarkCount(b *testing.B) {
	v, _ := New(32000)
	text := strings.Repeat("the quick brown fox jumps over a lazy dog. ", 200)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		v.Count(text)
	}
}
