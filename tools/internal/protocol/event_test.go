package protocol

import (
	"strings"
	"testing"
)

// eventOf is what e holds, for tables: only what differs from nothing.
func eventOf(change func(*event)) event {
	e := newEvent()
	change(&e)
	return e
}

// The chunks as the engines send them.
var engineChunks = []struct {
	name, data string
	want       event
	slow       bool // left to encoding/json
}{
	{"vllm token", `{"id":"cmpl-8","object":"text_completion","created":1795428335,"model":"tiny","choices":[{"index":0,"text":"menju","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]}`,
		eventOf(func(e *event) { e.choice, e.text = true, true }), false},
	{"vllm token with ids and running usage", `{"id":"cmpl-a","object":"text_completion","created":1795428335,"model":"tiny","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":[5,6,7],"token_ids":[3723, 12]}],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2}}`,
		eventOf(func(e *event) { e.choice, e.ids, e.counted, e.prompt, e.completion = true, 2, true, 3, 2 }), false},
	{"vllm last token", `{"choices":[{"index":0,"text":" \"quoted\" \u00e9","logprobs":null,"finish_reason":"length","stop_reason":null}],"system_fingerprint":"vllm-0.32.0"}`,
		eventOf(func(e *event) { e.choice, e.text, e.finish = true, true, finished }), false},
	{"vllm usage", `{"id":"cmpl-a","choices":[],"usage":{"prompt_tokens":17,"total_tokens":21,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":16}},"metrics":{"time_to_first_token_ms":1.25e1}}`,
		eventOf(func(e *event) { e.counted, e.prompt, e.completion, e.cached = true, 17, 4, 16 }), false},
	{"vllm chat role", `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}`,
		eventOf(func(e *event) { e.choice, e.role = true, true }), false},
	{"vllm chat token", `{"choices":[{"index":0,"delta":{"content":" kofiso"},"logprobs":null,"finish_reason":null,"token_ids":null}]}`,
		eventOf(func(e *event) { e.choice, e.text = true, true }), false},
	{"reasoning", `{"choices":[{"delta":{"reasoning_content":"hm"}}]}`,
		eventOf(func(e *event) { e.choice, e.text = true, true }), false},
	{"vllm aborted", `{"choices":[{"index":0,"text":"","finish_reason":"abort"}]}`,
		eventOf(func(e *event) { e.choice, e.finish = true, aborted }), false},
	{"llama-server last", `{"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"created":1795429304,"usage":{"completion_tokens":3,"prompt_tokens":5,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":0}},"timings":{"cache_n":0,"prompt_n":5,"prompt_ms":33.908,"predicted_n":3,"predicted_per_second":82.17}}`,
		eventOf(func(e *event) {
			e.choice, e.finish, e.counted, e.prompt, e.completion, e.cached, e.predicted = true, finished, true, 5, 3, 0, 3
		}), false},
	{"MII's OpenAI server", `{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":" the","logprobs":null,"finish_reason":null}],"model":"m"}`,
		eventOf(func(e *event) { e.choice, e.text = true, true }), false},
	{"a key of another case", `{"choices":[{"text":"a"}],"systemFingerprint":"x"}`,
		eventOf(func(e *event) { e.choice, e.text = true, true }), true},
	{"several choices", `{"choices":[{"text":"","index":0},{"text":"b","index":1}]}`,
		eventOf(func(e *event) { e.choice = true }), true},
}

func TestChunksOfTheEnginesAreRead(t *testing.T) {
	for _, c := range engineChunks {
		fast, ok := scanEvent([]byte(c.data))
		if ok == c.slow || ok && fast != c.want {
			t.Errorf("%s: scanned %+v, %v; want %+v", c.name, fast, ok, c.want)
		}
		if slow, err := decodeEvent([]byte(c.data)); slow != c.want || err != nil {
			t.Errorf("%s: decoded %+v, %v; want %+v", c.name, slow, err, c.want)
		}
	}
}

func TestErrorsInsideAStreamAreTheServersWords(t *testing.T) {
	for data, want := range map[string]string{
		`{"error": {"message": "Token id 99999 is out of vocabulary", "type": "BadRequestError", "param": null, "code": 400}}`: "reports Token id 99999 is out of vocabulary",
		`{"object":"error","message":"too long","type":"x","param":null,"code":400}`:                                           "reports too long",
		`{"error":"Model not loaded"}`:                       "reports Model not loaded",
		`{"error":{"code":"server_error","message":"boom"}}`: "reports boom",
		`{"error":{"what":7}}`:                               `reports {`,
		`{"choices":[{"text":5}]}`:                           "cannot be read",
		`<html>`:                                             "cannot be read",
		``:                                                   "cannot be read",
	} {
		if e, ok := scanEvent([]byte(data)); ok {
			t.Errorf("%s was scanned as %+v", data, e)
		}
		if _, err := decodeEvent([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", data, err, want)
		}
	}
}

func TestErrorBodiesOfTheEnginesAreRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}`: "Invalid API Key",
		`{"error":"Unauthorized"}`:                                        "Unauthorized",
		`{"object":"error","message":"no","code":400}`:                    "no",
		`{"detail":"Not Found"}`:                                          "Not Found",
		`{"detail":[{"loc":["body"],"msg":"field required","type":"x"}]}`: "field required",
		`{"error":"overloaded","error_type":"overloaded"}`:                "overloaded",
		"<html>\n  <b>502</b>\n</html>":                                   "<html> <b>502</b> </html>",
		"":                                                                "nothing further",
	} {
		if got := errorText([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// What the scanner reads, encoding/json reads alike.
func FuzzEvent(f *testing.F) {
	for _, c := range engineChunks {
		f.Add([]byte(c.data))
	}
	f.Add([]byte(`{"choices":null,"usage":null,"timings":null,"error":null,"object":"x"}`))
	f.Add([]byte(`{"choices":[{"text":"a\ud800\n"}],"x":[1,-0.5e+7,true,false,{"y":[]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fast, ok := scanEvent(data)
		slow, err := decodeEvent(data)
		if ok && (err != nil || fast != slow) {
			t.Errorf("%q: scanned %+v, decoded %+v, %v", data, fast, slow, err)
		}
	})
}

func TestScanningAllocatesNothing(t *testing.T) {
	for _, c := range engineChunks {
		data := []byte(c.data)
		if n := testing.AllocsPerRun(100, func() { scanEvent(data) }); n != 0 && !c.slow {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	data := []byte(engineChunks[1].data)
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			scanEvent(data)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			decodeEvent(data)
		}
	})
}
