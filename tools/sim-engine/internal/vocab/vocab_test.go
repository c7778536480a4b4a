package vocab

import (
	"slices"
	"strings"
	"testing"
)

func FuzzRoundTrip(f *testing.F) {
	for _, text := range []string{"", "a", "the quick brown fox", "The Fox\x00\xff", " ba do", "日本語 text", "Aaab", "Zzzz", strings.Repeat("x y", 7)} {
		f.Add(text, 32000)
	}
	f.Fuzz(func(t *testing.T, text string, size int) {
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
			if id < firstByte || id >= v.Size() {
				t.Fatalf("id %d of %q is outside", id, text)
			}
		}
	})
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
	if text, _ := v.Decode([]int{1, firstByte + 'x', 2}); text != "<s>x</s>" {
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
