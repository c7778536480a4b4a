package protocol

import (
	"fmt"
	"strings"
	"testing"
)

func TestAFamiliarChunkIsReadLikeAnyOther(t *testing.T) {
	const chunk = `{"id":"c","choices":[{"index":0,"text":"ba","finish_reason":null}],"usage":null}`
	counted := func(total, completion int) string {
		return fmt.Sprintf(`{"choices":[{"text":"ba"}],"usage":{"prompt_tokens":7,"total_tokens":%d,"completion_tokens":%d}}`, total, completion)
	}
	var f familiar
	for _, c := range []struct {
		data string
		hit  bool
	}{
		{chunk, false},
		{chunk, true},
		{strings.Replace(chunk, "ba", "menju, é", 1), true},
		{strings.Replace(chunk, "ba", "", 1), false},     // no text: perhaps no token
		{strings.Replace(chunk, "ba", `a\n`, 1), false},  // learned, as any other
		{strings.Replace(chunk, "ba", `b\"c`, 1), false}, // a string of its own
		{strings.Replace(chunk, "ba", `b","finish_reason":"length","x":"`, 1), false},
		{strings.Replace(chunk, "ba", "b", 1), true},
		{strings.Replace(chunk, "null}]", `"stop"}]`, 1), false},
		{counted(9, 2), false},
		{counted(10, 3), true},
		{counted(1234567890, 4), false}, // too long for a count, but not for a total
		{counted(11, 1234567890), false},
		{counted(12, 4), false},
		{strings.Replace(counted(13, 5), ":5", ":05", 1), false},
		{strings.Replace(counted(13, 5), ":5", ":5.5", 1), false},
		{strings.Replace(counted(13, 5), ":5", ":", 1), false},
		{counted(14, 6) + " ", false},
		{chunk[:40], false},
		{"", false},
		{`{"error":{"message":"boom"}}`, false},
	} {
		_, hit := f.read([]byte(c.data))
		want, known := scanEvent([]byte(c.data))
		got, ok := f.event([]byte(c.data))
		if hit != c.hit || got != want || ok != known {
			t.Errorf("%s: familiar %v, %+v, %v; want %v, %+v, %v", c.data, hit, got, ok, c.hit, want, known)
		}
	}
}

// Whatever came before, a chunk means what it means by itself.
func FuzzFamiliar(f *testing.F) {
	for i, c := range engineChunks {
		f.Add([]byte(c.data), []byte(engineChunks[(i+1)%len(engineChunks)].data))
		f.Add([]byte(c.data), []byte(strings.Replace(c.data, "text\":\"", "text\":\"x", 1)))
	}
	f.Fuzz(func(t *testing.T, before, data []byte) {
		var known familiar
		known.event(before)
		got, ok := known.event(data)
		if want, scanned := scanEvent(data); got != want || ok != scanned {
			t.Errorf("after %q, %q is %+v, %v; by itself %+v, %v", before, data, got, ok, want, scanned)
		}
	})
}

func BenchmarkFamiliar(b *testing.B) {
	var f familiar
	data := []byte(engineChunks[0].data)
	b.ReportAllocs()
	for b.Loop() {
		f.event(data)
	}
}
