package dialect

import (
	"fmt"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

const tgiLast = `{"token":{"id":3,"text":"c"},"generated_text":"abc","details":{"finish_reason":"length","generated_tokens":3,"input_length":5}}`

// What the servers of each kind send, as their sources have it, and what an
// outcome must say of it.
func TestStreamsOfOtherKinds(t *testing.T) {
	for name, c := range map[string]struct {
		kind             string
		sends            []string
		path, asks       string
		status           record.Status
		sizes, generated string
		words            string
	}{
		"generate, framed by NUL": {"generate", []string{" \x00" + `{"text": ["Once a"]}` + "\x00", "\n" + `{"text": ["Once a b"]}` + "\x00" + `{"text": ["Once a b c"]}` + "\x00"},
			"/generate", `"ignore_eos":true`, record.OK, "1 1 1", "3", ""},
		"generate, framed by newline, cut anywhere": {"generate", []string{" " + `{"text": ["On`, `ce a"]}` + "\n" + `{"te`, `xt": ["Once a b"]}`, "\n"},
			"/generate", `"prompt":"Once"`, record.OK, "1 1", "2", ""},
		"generate, text that does not grow": {"generate", []string{" " + `{"text": ["Once a"]}` + "\n" + `{"text": ["Once a"]}` + "\n"},
			"/generate", "", record.OK, "1", "1", ""},
		"generate, something else": {"generate", []string{" " + `{"detail":"no"}` + "\n"}, "/generate", "", record.Failed, "", "-", "holds no text"},
		"tgi": {"tgi", []string{`data:{"token":{"id":1,"text":"a"}}` + "\n\n", `data:{"token":{"id":2,"text":"b"}}` + "\n\ndata:" + tgiLast + "\n\n"},
			"/generate_stream", `"max_new_tokens":3`, record.OK, "1 1 1", "3", ""},
		"tgi, the end of text": {"tgi", []string{`data:{"token":{"id":1,"text":"a","special":false}}` + "\n\n", "data:" + strings.Replace(strings.Replace(tgiLast, `"text":"c"`, `"text":"</s>","special":true`, 1), `s":3,`, `s":2,`, 1) + "\n\n"},
			"/generate_stream", ``, record.OK, "1 1", "2", ""},
		"tgi, an error inside": {"tgi", []string{`data:{"token":{"id":1,"text":"a"}}` + "\n\n" + `data:{"error":"overloaded","error_type":"generation"}` + "\n\n"},
			"/generate_stream", "", record.Failed, "1", "1", "overloaded"},
		"tgi, no end": {"tgi", []string{`data:{"token":{"id":1,"text":"a"}}` + "\n\n"}, "/generate_stream", "", record.Failed, "1", "1", "without a finish reason"},
	} {
		url := serve(t, func(got call) bool {
			if got.URL.Path != c.path || !strings.Contains(got.text, c.asks) {
				t.Errorf("%s: asked %s for %s", name, got.URL.Path, got.text)
			}
			return events(got.conn, c.sends...)
		})
		client := newServer(t, c.kind, url, nil).Client()
		asked := ask(3)
		asked.Prompt.Text = "Once"
		o := checked(t, client.Generate(background(t), asked))
		client.Close()
		if o.Status != c.status || sizes(o.Chunks) != c.sizes || count(o.Generated) != c.generated || !strings.Contains(string(o.Error), c.words) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestWholeAnswersOfOtherKinds(t *testing.T) {
	for name, c := range map[string]struct {
		kind, body string
		generated  string // "" for an answer that is none
	}{
		"generate":            {"generate", `{"text": ["Once a b c"]}`, "-"},
		"tgi":                 {"tgi", `{"generated_text":"abc","details":{"finish_reason":"length","generated_tokens":3,"prefill":[{},{}]}}`, "3"},
		"tgi, an error":       {"tgi", `{"error":"no","error_type":"validation"}`, ""},
		"aml, rows of text":   {"aml", `["a b c"]`, "-"},
		"aml, rows of object": {"aml", `[{"0":"a b c"}]`, "-"},
		"aml, an object":      {"aml", `{"output":"a b c"}`, "-"},
		"aml, nothing":        {"aml", `[""]`, ""},
		"aml, no output":      {"aml", `{"output":""}`, ""},
		"aml, no rows":        {"aml", `[]`, ""},
		"aml, an exception":   {"aml", `"{\"exception\":\"CUDA out of memory\"}"`, ""},
	} {
		url := serve(t, func(got call) bool { return plain(got.conn, 200, c.body) })
		o := once(t, newServer(t, c.kind, url, whole), 3)
		if (o.Status == record.OK) != (c.generated != "") || c.generated != "" && count(o.Generated) != c.generated || len(o.Chunks) > 0 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// What a server shows after Learn is judged as it was before.
func TestLearningOtherKinds(t *testing.T) {
	grown := ""
	var objects []string
	for range 18 {
		grown += " x"
		objects = append(objects, " "+`{"text": ["Once`+grown+`"]}`+"\n")
	}
	var tokens []string
	for range 17 {
		tokens = append(tokens, `{"token":{"id":1,"text":"a"}}`)
	}
	tokens = append(tokens, `{"token":{"id":3,"text":"c"},"generated_text":"abc","details":{"finish_reason":"length","generated_tokens":18,"input_length":5}}`)
	for kind, c := range map[string]struct {
		sends []string
		note  string
	}{"generate": {objects, "counts no tokens"}, "tgi": {tokens, "no ignore_eos"}} {
		s := newServer(t, kind, serve(t, func(got call) bool {
			if strings.Contains(got.text, ":7") {
				open(got.conn, c.sends[:7]...)
				return hangUp()
			}
			return events(got.conn, c.sends...)
		}), nil)
		var notes []string
		for range 2 { // once more finds the same
			if err := s.Learn(background(t), func(note string) { notes = append(notes, note) }); err != nil {
				t.Errorf("%s: %v", kind, err)
			}
		}
		if err := s.Ready(background(t)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if len(notes) != 2 || !strings.Contains(notes[0], c.note) {
			t.Errorf("%s: notes %q", kind, notes)
		}
		if o := once(t, s, 18); o.Status != record.OK || o.Chunks.Tokens().Int() != 18 || o.Generated.Int() != 18 {
			t.Errorf("%s: %+v", kind, o)
		}
		if o := once(t, s, 7); o.Status != record.Failed || o.Chunks.Tokens().Int() != 7 {
			t.Errorf("%s, cut: %+v", kind, o)
		}
	}
}

func TestCountsOfTGI(t *testing.T) {
	s := newServer(t, "tgi", serve(t, func(got call) bool {
		if got.URL.Path != "/tokenize" || got.text != `{"inputs":"one two"}` {
			t.Errorf("%s %s", got.URL, got.text)
		}
		return plain(got.conn, 200, `[{"id":1},{"id":2},{"id":3}]`)
	}), nil)
	if n, err := s.Count(background(t), "one two"); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if s.TokenIDs(background(t)) != nil {
		t.Error("ids")
	}
}

// Azure ML is asked again where the next attempt may fare better, and only
// there; the key and the deployment go out with each.
func TestAttemptsAtAzureML(t *testing.T) {
	for _, c := range []struct {
		answers  []string // a status and a body each; the last one stays
		attempts int
		status   record.Status
	}{
		{[]string{`200 ["a"]`}, 1, record.OK},
		{[]string{`429 {}`, `503 {}`, `200 ["a"]`}, 3, record.OK},
		{[]string{`424 {}`, `408 {}`, `200 ["a"]`}, 3, record.OK},
		{[]string{`0 hang-up`, `200 ["a"]`}, 2, record.OK},
		{[]string{`400 {"error":"no"}`}, 1, record.Failed},
		{[]string{`500 {}`}, amlAttempts, record.Failed},
		{[]string{`503 {}`, `400 {}`}, 2, record.Failed},
		{[]string{`200 {"error":"no"}`}, 1, record.Failed},
		{[]string{`200 {}`}, 1, record.Failed},
		{[]string{`200 [""]`}, 1, record.Failed},
	} {
		url := serve(t, func(got call) bool {
			if got.Header.Get("Authorization") != "Bearer sk-1" || got.Header.Get("Azureml-Model-Deployment") != "blue" || got.URL.Path != "/score" {
				t.Errorf("%s %v", got.URL, got.Header)
			}
			status, body := 0, ""
			fmt.Sscanf(c.answers[min(got.n, len(c.answers)-1)], "%d %s", &status, &body)
			return status > 0 && plain(got.conn, status, body)
		})
		s := newServer(t, "aml", url+"/score", func(o *Options) {
			o.Stream, o.Transport.Key, o.Deployment = false, "sk-1", "bl\r\nue"
		})
		o := once(t, s, 3)
		if o.Attempts != c.attempts || o.Status != c.status || strings.Contains(string(o.Error), "sk-1") {
			t.Errorf("%v: %+v", c.answers, o)
		}
		if o.Retry.Known() != (c.attempts > 1) || o.Retry.Known() && o.Retry.Float() > o.Latency.Float() {
			t.Errorf("%v: the last attempt was sent at %v of %v", c.answers, o.Retry, o.Latency)
		}
		// What comes last is judged alike by all that ask; but one token may show nothing.
		if err := s.Ready(background(t)); (err == nil) != (c.status == record.OK || c.answers[0] == `200 [""]`) {
			t.Errorf("%v: Ready says %v", c.answers, err)
		}
		if err := s.Learn(background(t), func(string) {}); (err == nil) != (c.status == record.OK) {
			t.Errorf("%v: Learn says %v", c.answers, err)
		}
	}
	if _, err := New("aml", options(t, "http://x", nil)); err == nil {
		t.Error("Azure ML streams")
	}
}

// An attempt that goes out twice because the connection was closed is known by
// when it went out last.
func TestARetryOnAClosedConnectionOfAzureML(t *testing.T) {
	s := newServer(t, "aml", serve(t, func(got call) bool {
		return got.n != 1 && plain(got.conn, map[int]int{0: 503}[got.n]+200*min(got.n, 1), `["a"]`)
	}), whole)
	o := once(t, s, 3)
	if o.Status != record.OK || o.Attempts != 3 || o.Retry.Float() > o.Latency.Float() {
		t.Errorf("%+v", o)
	}
}
