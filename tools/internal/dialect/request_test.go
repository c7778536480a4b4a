package dialect

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// log keeps the requests that a server gets.
type log struct {
	sync.Mutex
	all []call
}

func (l *log) add(c call) {
	l.Lock()
	defer l.Unlock()
	l.all = append(l.all, c)
}

func (l *log) calls() []call {
	l.Lock()
	defer l.Unlock()
	return append([]call(nil), l.all...)
}

// logged returns a server that answers with a stream of two tokens, and its log.
func logged(t testing.TB) (url string, got *log) {
	got = new(log)
	return serve(t, func(c call) bool {
		got.add(c)
		if !strings.Contains(c.text, `"stream":true`) {
			return plain(c.conn, 200, `{"choices":[{"text":"ab","finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":2}}`)
		}
		return events(c.conn, token("a"), last("b"), "[DONE]")
	}), got
}

func TestARequestSaysWhatItMust(t *testing.T) {
	url, log := logged(t)
	p := openAIFor(t, url+"/prefix/v1", func(o *Options) { o.Transport.Key = "sk-secret" })
	p.can = abilities{ignoreEOS: true, minTokens: true, totals: true, running: true, timings: true}
	client := p.Client()
	defer client.Close()
	client.Generate(background(t), ask(7))
	client.Generate(background(t), Ask{ID: "r\r\nX: y", Prompt: prompt.Prompt{IDs: []int{7, 8, 9}}, MaxNewTokens: 2})
	p.Chat = true
	client.Generate(background(t), ask(3))
	want := []string{
		`{"model":"m","prompt":"say \"hi\"","max_tokens":7,"ignore_eos":true,"min_tokens":7,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"timings_per_token":true}`,
		`{"model":"m","prompt":[7,8,9],"max_tokens":2,"ignore_eos":true,"min_tokens":2,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"timings_per_token":true}`,
		`{"model":"m","messages":[{"role":"user","content":"say \"hi\""}],"max_tokens":3,"ignore_eos":true,"min_tokens":3,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"timings_per_token":true}`,
	}
	got := log.calls()
	if len(got) != len(want) {
		t.Fatalf("%d requests", len(got))
	}
	for i, c := range got {
		if c.text != want[i] || !json.Valid([]byte(c.text)) {
			t.Errorf("body\n%s\nwant\n%s", c.text, want[i])
		}
		if c.conn.RemoteAddr().String() != got[0].conn.RemoteAddr().String() {
			t.Error("the connection was not kept")
		}
		if c.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("it asks for %q", c.Header.Get("Accept-Encoding"))
		}
	}
	first := got[0]
	if first.URL.Path != "/prefix/v1/completions" || first.Header.Get("X-Request-Id") != "run-1-0" || first.Header.Get("Authorization") != "Bearer sk-secret" {
		t.Errorf("path %s, header %v", first.URL.Path, first.Header)
	}
	if got[1].Header.Get("X") != "" || got[2].URL.Path != "/prefix/v1/chat/completions" {
		t.Errorf("an id wrote the header %v; chat went to %s", got[1].Header, got[2].URL.Path)
	}
}

// Without Learn, nothing goes out that a server of the protocol would refuse.
func TestThePlainestRequests(t *testing.T) {
	for _, c := range []struct {
		protocol, path string
		chat           bool
		streamed, not  string
	}{
		{"openai", "/v1/completions", false,
			`{"model":"m","prompt":"say \"hi\"","max_tokens":4,"stream":true,"stream_options":{"include_usage":true}}`,
			`{"model":"m","prompt":"say \"hi\"","max_tokens":4}`},
		{"openai", "/v1/chat/completions", true,
			`{"model":"m","messages":[{"role":"user","content":"say \"hi\""}],"max_tokens":4,"stream":true,"stream_options":{"include_usage":true}}`,
			`{"model":"m","messages":[{"role":"user","content":"say \"hi\""}],"max_tokens":4}`},
		{"responses", "/v1/responses", false,
			`{"model":"m","input":"say \"hi\"","max_output_tokens":4,"stream":true,"store":false}`,
			`{"model":"m","input":"say \"hi\"","max_output_tokens":4,"store":false}`},
		{"messages", "/v1/messages", false,
			`{"model":"m","max_tokens":4,"messages":[{"role":"user","content":"say \"hi\""}],"stream":true}`,
			`{"model":"m","max_tokens":4,"messages":[{"role":"user","content":"say \"hi\""}]}`},
		{"generate", "/generate", false,
			`{"ignore_eos":true,"max_tokens":4,"prompt":"say \"hi\"","stream":true}`,
			`{"ignore_eos":true,"max_tokens":4,"prompt":"say \"hi\"","stream":false}`},
	} {
		url, log := logged(t)
		for _, stream := range []bool{true, false} {
			once(t, newServer(t, c.protocol, url, func(o *Options) { o.Chat, o.Stream = c.chat, stream }), 4)
		}
		got := log.calls()
		if len(got) != 2 || got[0].text != c.streamed || got[1].text != c.not || got[0].URL.Path != c.path || got[1].URL.Path != c.path {
			t.Errorf("%s: %d requests", c.protocol, len(got))
			for _, one := range got {
				t.Errorf("%s %s", one.URL, one.text)
			}
		}
	}
}

// The key stands where the protocol, or the user, wants it, and only there.
func TestWhereTheKeyGoes(t *testing.T) {
	for _, c := range []struct{ protocol, header, field, value string }{
		{"openai", "", "Authorization", "Bearer sk-1"},
		{"openai", "api-key", "Api-Key", "sk-1"},
		{"responses", "", "Authorization", "Bearer sk-1"},
		{"messages", "", "X-Api-Key", "sk-1"},
		{"messages", "Authorization", "Authorization", "sk-1"},
	} {
		url, log := logged(t)
		s := newServer(t, c.protocol, url, func(o *Options) { o.Transport.Key, o.Transport.KeyHeader = "sk-1", c.header })
		once(t, s, 2)
		_, _ = s.Identify(background(t))
		for _, got := range log.calls() {
			for name, values := range got.Header {
				if has := strings.Contains(strings.Join(values, ""), "sk-1"); has != (name == c.field) || has && values[0] != c.value {
					t.Errorf("%s, %q: %s %s: %q", c.protocol, c.header, got.URL, name, values)
				}
			}
			if version := got.Header.Get("Anthropic-Version"); (version == "2023-06-01") != (c.protocol == "messages") {
				t.Errorf("%s: %s says the version %q", c.protocol, got.URL, version)
			}
		}
	}
}

// Fields of the user's go into each request, over ours; null takes one out.
func TestExtraFields(t *testing.T) {
	extra := map[string]json.RawMessage{
		"temperature": json.RawMessage("0.5"), "max_tokens": json.RawMessage("9"), "stream_options": json.RawMessage(" null\n"),
		"provider": json.RawMessage(`{"order":["a<b"]}`), "absent": json.RawMessage("null"),
	}
	for _, protocol := range []string{"openai", "responses", "messages", "generate", "tgi"} {
		url, log := logged(t)
		once(t, newServer(t, protocol, url, func(o *Options) { o.Extra = extra }), 4)
		var got map[string]any
		if err := json.Unmarshal([]byte(log.calls()[0].text), &got); err != nil {
			t.Fatal(err)
		}
		order := got["provider"].(map[string]any)["order"].([]any)
		_, options := got["stream_options"]
		_, absent := got["absent"]
		if got["temperature"] != 0.5 || got["max_tokens"] != 9.0 || order[0] != "a<b" || options || absent {
			t.Errorf("%s: %v", protocol, got)
		}
		if protocol == "openai" && got["prompt"] != `say "hi"` {
			t.Errorf("%v", got)
		}
	}
}

// A route in the address is used as it is given, with its query, and names the protocol.
func TestRoutesAsGiven(t *testing.T) {
	for given, want := range map[string]struct{ target, field string }{
		"/openai/deployments/D%20x/chat/completions?api-version=2024-10-21": {"/openai/deployments/D%20x/chat/completions?api-version=2024-10-21", "messages"},
		"/openai/deployments/D/completions?api-version=1":                   {"/openai/deployments/D/completions?api-version=1", "prompt"},
		"/v1/completions":        {"/v1/completions", "prompt"},
		"/api/chat/completions":  {"/api/chat/completions", "messages"},
		"/v1/responses":          {"/v1/responses", "input"},
		"/anthropic/v1/messages": {"/anthropic/v1/messages", "messages"},
		"/messages":              {"/messages", "max_tokens"},
	} {
		url, log := logged(t)
		once(t, newServer(t, "openai", url+given, nil), 2)
		got := log.calls()[0]
		var body map[string]any
		if err := json.Unmarshal([]byte(got.text), &body); err != nil {
			t.Fatal(err)
		}
		if _, has := body[want.field]; got.RequestURI != want.target || !has {
			t.Errorf("%s: asked %s for %s", given, got.RequestURI, got.text)
		}
	}
}

func TestNoSuchProtocol(t *testing.T) {
	if _, err := New("smtp", options(t, "http://x", nil)); err == nil || !strings.Contains(err.Error(), "smtp") {
		t.Errorf("%v", err)
	}
	for _, protocol := range []string{"openai", "responses", "messages", "mii", "aml", "tgi", "generate"} {
		if _, err := New(protocol, Options{}); err == nil {
			t.Errorf("%s: no address passed", protocol)
		}
	}
}

// Answers that are not streamed have no chunks, whatever was in them.
func TestWholeAnswersAreNoStreams(t *testing.T) {
	const body = `{"choices":[{"message":{"role":"assistant","content":"x x x","reasoning_content":"y"},"text":"x x x","finish_reason":"length"}],"usage":{"prompt_tokens":4,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}}`
	for _, chat := range []bool{true, false} {
		url := serve(t, func(c call) bool { return plain(c.conn, 200, "\n\n"+body) })
		p := openAIFor(t, url, func(o *Options) { o.Stream, o.Chat = false, chat })
		for range 2 {
			o := once(t, p, 3)
			if o.Status != record.OK || len(o.Chunks) != 0 || o.Generated.Int() != 3 || o.Prompt.Int() != 4 || o.Reasoning.Int() != 2 || o.Cached.Int() != 1 || o.Visible.Known() || o.End.Float() < o.Latency.Float() {
				t.Errorf("chat %v: %+v", chat, o)
			}
			if err := p.Learn(background(t), func(note string) { t.Errorf("note %q", note) }); err != nil {
				t.Error(err)
			}
		}
	}
}
