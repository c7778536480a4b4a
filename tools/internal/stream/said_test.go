package stream

import "testing"

func TestWhatAMessageSays(t *testing.T) {
	for data, want := range map[string]string{
		`{"choices":[{"text":"a"}]}`:                                        "a",
		`{"choices":[{"delta":{"content":"\"b\""}}]}`:                       `"b"`,
		`{"choices":[{"message":{"content":"c"}}]}`:                         "c",
		`{"choices":[{"delta":{"content":null,"reasoning_content":"hm"}}]}`: "",
		`{"choices":[{"delta":{"content":[{"type":"text","text":"d"}]}}]}`:  "d",
		`{"choices":[],"usage":{"prompt_tokens":3}}`:                        "",
		`[DONE]`: "",
		`{"choices":[{"delta":{"role":"assistant","content":""}},{"text":1}]}`: "",
	} {
		if got := Said([]byte(data)); got != want {
			t.Errorf("%s: %q, want %q", data, got, want)
		}
	}
}

func FuzzSaid(f *testing.F) {
	f.Add([]byte(`{"choices":[{"delta":{"content":[{"type":"text","text":"d"}]}}]}`))
	f.Add([]byte("t"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if said := Said(data); len(said) > 3*len(data) {
			t.Errorf("%d bytes say %d", len(data), len(said))
		}
	})
}
