package stream

import (
	"bytes"
	"strings"
	"testing"
)

// malformed is JSON that ends too early or goes wrong, at one place of the scanner each.
var malformed = []string{
	` `, `0`, `[`, `{`, `{'`, "\u0662", `{"a":{}`, "{\"a\":[{}\xb7", `{"a": {"b": `, `{"a": {"b":[{},{"c":{`, `{"a":["`, `{"a":[""`,
	`{"a":[0,-0,true,false,[]00`, `{"a":[{"b":null,"c":[0,0],"d":[0,`, `{"a":"\b\b0`, `{"a":"\uX000`, "{\"delta\":\xa2", `{"a":-x`,
	`{"a":t`, `{"a":[1x`, `{"token":{}}`, `{"choices":[{"delta":{},"delta":f`, `{"choices":null}`,
	`{"type":"content_block_delta","delta":{"type":"` + strings.Repeat("\xb9", 300),
}

// fuzz checks that a parser and the scanner agree with encoding/json, and that
// a message which is skipped says nothing.
func fuzz(f *testing.F, read parser, top level, cases []want) {
	for _, c := range cases {
		m := message(c.data)
		f.Add(m.Name, m.Data)
	}
	for text := range failures {
		m := message(text)
		f.Add(m.Name, m.Data)
	}
	f.Add([]byte(nil), []byte(`{"choices":[{"text":"a\ud800\n","x":[1,-0.5e+7,0,true,false,{"y":[]}]}],"choices":null}`))
	for _, text := range malformed {
		f.Add([]byte(nil), []byte(text))
	}
	f.Fuzz(func(t *testing.T, name, data []byte) {
		m := Message{Name: name, Data: data}
		before := bytes.Clone(data)
		e, passed, err := read(m)
		if passed && (err != nil || e != Event{}) {
			t.Errorf("%q was skipped with %+v, %v", data, e, err)
		}
		s := scanner{data: data}
		if top != elsewhere && string(name) != "error" && s.object(top) && s.atEnd() && s.isKnown() {
			s.sum()
			alike(t, s.reading, m, top)
		}
		if !bytes.Equal(data, before) {
			t.Errorf("%q became %q", before, data)
		}
	})
}

func FuzzOpenAI(f *testing.F)    { fuzz(f, OpenAI, inChunk, chunks) }
func FuzzResponses(f *testing.F) { fuzz(f, Responses, inTypedEvent, responses) }
func FuzzMessages(f *testing.F)  { fuzz(f, Messages, inMessagesEvent, messages) }
func FuzzTGI(f *testing.F)       { fuzz(f, TGI, elsewhere, tgis) }

func FuzzMII(f *testing.F) {
	for _, name := range []string{"mii-stream.txt", "mii-unary.txt"} {
		_, answers := captured(f, name)
		for _, answer := range answers {
			f.Add(answer)
		}
	}
	for _, text := range []string{"\x04", "#$", "\n\x041000"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		first, err := MII(message)
		if again, errAgain := MII(message); first != again || (err == nil) != (errAgain == nil) {
			t.Fatalf("%+v, then %+v", first, again)
		}
	})
}

func FuzzErrorText(f *testing.F) {
	for text := range failures {
		f.Add([]byte(text))
	}
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, body []byte) {
		if ErrorText(body) == "" {
			t.Errorf("%q has no words", body)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, c := range []struct {
		want
		read parser
		top  level
	}{{chunks[1], OpenAI, inChunk}, {chunks[5], OpenAI, inChunk}, {responses[0], Responses, inTypedEvent}, {messages[2], Messages, inMessagesEvent}, {tgis[0], TGI, elsewhere}} {
		m := message(c.data)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, _ = c.read(m)
			}
		})
		b.Run(c.name+", in full", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var r reading
				_, _ = r.readInFull(m, c.top)
			}
		})
	}
}
