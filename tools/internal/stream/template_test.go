package stream

import (
	"fmt"
	"strings"
	"testing"
)

func TestAChunkLikeTheOneBeforeIsReadLikeAnyOther(t *testing.T) {
	const chunk = `{"id":"c","choices":[{"index":0,"text":"ba","finish_reason":null}],"usage":null}`
	running := func(total, completion int) string {
		return fmt.Sprintf(`{"choices":[{"text":"ba"}],"usage":{"prompt_tokens":7,"total_tokens":%d,"completion_tokens":%d}}`, total, completion)
	}
	c := NewChunks(new(Template))
	for _, one := range []struct {
		data    string
		matches bool
	}{
		{chunk, false},
		{chunk, true},
		{strings.Replace(chunk, "ba", "menju, é", 1), true},
		{strings.Replace(chunk, "ba", "", 1), false},     // no text: perhaps no token
		{strings.Replace(chunk, "ba", `a\n`, 1), false},  // scanned, as any other
		{strings.Replace(chunk, "ba", `b\"c`, 1), false}, // a string of its own
		{strings.Replace(chunk, "ba", `b","finish_reason":"length","x":"`, 1), false},
		{strings.Replace(chunk, "ba", "b", 1), true},
		{strings.Replace(chunk, "null}]", `"stop"}]`, 1), false},
		{running(9, 2), false},
		{running(10, 3), true},
		{running(11, 1234567890), false}, // too long for a count
		{running(12, 4), true},
		{strings.Replace(running(13, 5), ":5", ":05", 1), false},
		{strings.Replace(running(13, 5), ":5", ":5.5", 1), false},
		{strings.Replace(running(13, 5), ":5", ":", 1), false},
		{running(14, 6) + " ", false},
		{chunk[:40], false},
		{"", false},
		{`{"error":{"message":"boom"}}`, false},
	} {
		m := Message{Data: []byte(one.data)}
		_, matches := c.match(m)
		want, wantPassed, wantErr := OpenAI(m)
		got, passed, err := c.Read(m)
		if matches != one.matches || got != want || passed != wantPassed || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: matches %v, %+v, %v, %v; want %v, %+v, %v, %v", one.data, matches, got, passed, err, one.matches, want, wantPassed, wantErr)
		}
	}
}

// Streams that run side by side have one template as soon as one has proved of use, and
// read what is their own.
func TestStreamsShareATemplate(t *testing.T) {
	chunk := func(id string, created, prompt, completion int) Message {
		return Message{Data: fmt.Appendf(nil, `{"id":%s,"created":%d,"choices":[{"text":"ba"}],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`,
			id, created, prompt, completion)}
	}
	shared := new(Template)
	streams := []*Chunks{NewChunks(shared), NewChunks(shared), NewChunks(shared)}
	read := func(i int, m Message) {
		t.Helper()
		want, _, _ := OpenAI(m)
		if got, passed, err := streams[i].Read(m); got != want || passed || err != nil {
			t.Errorf("stream %d, %s: %+v, %v, %v; want %+v", i, m.Data, got, passed, err, want)
		}
	}
	for n := range 3 {
		for i := range 2 {
			read(i, chunk(fmt.Sprintf(`"cmpl-%d"`, i), 1795429304+i, 7+i, n+1))
		}
	}
	read(2, chunk(`"another"`, 1, 300, 1)) // its first
	for i, c := range streams {
		if c.like != shared.latest.Load() || c.own != nil {
			t.Errorf("stream %d has a template of its own", i)
		}
	}
	for _, m := range []Message{
		chunk(`"a\"b"`, 1, 2, 3), chunk(`""`, 1, 2, 3), chunk(`null`, 1, 2, 3), chunk(`7`, 1, 2, 3),
		chunk(`"a"`, -1, 2, 3), chunk(`"a"`, 1, 0, 3), chunk(`"a"`, 1, 2, 0),
		{Data: []byte(`{"id":"a","created":1.5,"choices":[{"text":"ba"}],"usage":{"prompt_tokens":2,"completion_tokens":3}}`)},
		{Data: []byte(`{"id":"a","created":1,"choices":[{"text":"ba"}],"usage":{"prompt_tokens":2,"completion_tokens":3,"input_tokens":4}}`)},
	} {
		read(2, m)
		read(2, m)
		read(1, m)
	}
}

// Whatever came before, in this stream or another, a chunk means what it means by itself.
func FuzzChunks(f *testing.F) {
	for i, c := range chunks {
		f.Add([]byte(c.data), []byte(chunks[(i+1)%len(chunks)].data))
		f.Add([]byte(c.data), []byte(strings.Replace(c.data, `text":"`, `text":"x`, 1)))
	}
	for _, text := range malformed {
		f.Add([]byte(text), []byte(text))
		f.Add([]byte(chunks[0].data), []byte(text))
	}
	f.Fuzz(func(t *testing.T, before, data []byte) {
		shared := new(Template)
		c := NewChunks(shared)
		_, _, _ = c.Read(Message{Data: before})
		_, _, _ = c.Read(Message{Data: before})
		want, wantPassed, wantErr := OpenAI(Message{Data: data})
		for _, c := range []*Chunks{c, c, NewChunks(shared)} {
			got, passed, err := c.Read(Message{Data: data})
			if got != want || passed != wantPassed || (err == nil) != (wantErr == nil) {
				t.Errorf("after %q, %q is %+v, %v, %v; by itself %+v, %v, %v", before, data, got, passed, err, want, wantPassed, wantErr)
			}
		}
	})
}

func BenchmarkChunks(b *testing.B) {
	c := NewChunks(new(Template))
	m := Message{Data: []byte(strings.Replace(chunks[1].data, `"text":""`, `"text":" word"`, 1))}
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = c.Read(m)
	}
}
