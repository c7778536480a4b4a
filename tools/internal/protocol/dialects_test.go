package protocol

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

func askKind(t testing.TB, kind string, o Options) record.Request {
	t.Helper()
	o.Timeout = 10 * time.Second
	p, err := New(kind, o)
	if err != nil {
		t.Fatal(err)
	}
	if slow, ok := p.(*aml); ok {
		slow.pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	}
	c := p.Client()
	defer c.Close()
	_, row := c.Generate(background(t), Ask{ID: "x", Prompt: prompt.Prompt{Text: "Once"}, MaxNewTokens: 3})
	return row
}

// pieces sends a body as one chunk of HTTP a piece.
func pieces(w io.Writer, texts ...string) bool {
	io.WriteString(w, streamHead)
	for _, text := range texts {
		chunked(w, text)
	}
	_, err := io.WriteString(w, "0\r\n\r\n")
	return err == nil
}

const tgiLast = `{"token":{"id":3,"text":"c"},"generated_text":"abc","details":{"finish_reason":"length","generated_tokens":3,"input_length":5}}`

// What the servers of each kind send, as their sources have it, and what a row
// must say of it.
func TestStreamsOfOtherKinds(t *testing.T) {
	for name, c := range map[string]struct {
		kind              string
		sends             []string
		path, asks        string
		status            record.Status
		tokens, generated record.Count
		words             string
	}{
		"generate, framed by NUL": {"vllm-generate", []string{`{"text": ["Once a"]}` + "\x00", `{"text": ["Once a b"]}` + "\x00" + `{"text": ["Once a b c"]}` + "\x00"},
			"/generate", `"ignore_eos":true`, record.OK, 3, 3, ""},
		"generate, framed by newline, cut anywhere": {"vllm-generate", []string{`{"text": ["On`, `ce a"]}` + "\n" + `{"te`, `xt": ["Once a b"]}`, "\n"},
			"/generate", `"prompt":"Once"`, record.OK, 2, 2, ""},
		"generate, text that does not grow": {"vllm-generate", []string{`{"text": ["Once a"]}` + "\n" + `{"text": ["Once a"]}` + "\n"},
			"/generate", "", record.OK, 1, 1, ""},
		"generate, something else": {"vllm-generate", []string{`{"detail":"no"}` + "\n"}, "/generate", "", record.Failed, 0, 0, "holds no text"},
		"tgi": {"tgi", []string{`data:{"token":{"id":1,"text":"a"}}` + "\n\n", `data:{"token":{"id":2,"text":"b"}}` + "\n\ndata:" + tgiLast + "\n\n"},
			"/generate_stream", `"max_new_tokens":3`, record.OK, 3, 3, ""},
		"tgi, an error inside": {"tgi", []string{`data:{"token":{"id":1,"text":"a"}}` + "\n\n" + `data:{"error":"overloaded","error_type":"generation"}` + "\n\n"},
			"/generate_stream", "", record.Failed, 1, 1, "overloaded"},
		"tgi, no end": {"tgi", []string{`data:{"token":{"id":1,"text":"a"}}` + "\n\n"}, "/generate_stream", "", record.Failed, 1, 1, "without a finish reason"},
	} {
		url := serve(t, func(got call) bool {
			if got.URL.Path != c.path || !strings.Contains(got.text, c.asks) {
				t.Errorf("%s: asked %s for %s", name, got.URL.Path, got.text)
			}
			return pieces(got.conn, c.sends...)
		})
		row := askKind(t, c.kind, Options{URL: url, Stream: true})
		if row.Status != c.status || record.Count(row.ChunkS.Tokens()) != c.tokens || row.GeneratedTokens != c.generated || !strings.Contains(string(row.Error), c.words) {
			t.Errorf("%s: %+v", name, row)
		}
	}
}

func TestWholeAnswersOfOtherKinds(t *testing.T) {
	for name, c := range map[string]struct {
		kind, body string
		generated  record.Count
	}{
		"generate":            {"vllm-generate", `{"text": ["Once a b c"]}`, record.NoCount},
		"tgi":                 {"tgi", `{"generated_text":"abc","details":{"finish_reason":"length","generated_tokens":3,"prefill":[{},{}]}}`, 3},
		"aml, rows of text":   {"aml", `["a b c"]`, record.NoCount},
		"aml, rows of object": {"aml", `[{"0":"a b c"}]`, record.NoCount},
		"aml, an object":      {"aml", `{"output":"a b c"}`, record.NoCount},
	} {
		url := serve(t, func(got call) bool { return plain(got.conn, 200, c.body) })
		if row := askKind(t, c.kind, Options{URL: url}); row.Status != record.OK || row.GeneratedTokens != c.generated || len(row.ChunkS) > 0 {
			t.Errorf("%s: %+v", name, row)
		}
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
		{[]string{`400 {"error":"no"}`}, 1, record.Failed},
		{[]string{`500 {}`}, amlAttempts, record.Failed},
		{[]string{`200 {"error":"no"}`}, 1, record.Failed},
		{[]string{`200 {}`}, 1, record.Failed},
	} {
		url := serve(t, func(got call) bool {
			if got.Header.Get("Authorization") != "Bearer sk-1" || got.Header.Get("Azureml-Model-Deployment") != "blue" || got.URL.Path != "/score" {
				t.Errorf("%s %v", got.URL, got.Header)
			}
			status, body := 0, ""
			fmt.Sscanf(c.answers[min(got.n, len(c.answers)-1)], "%d %s", &status, &body)
			return plain(got.conn, status, body)
		})
		row := askKind(t, "aml", Options{URL: url + "/score", Key: "sk-1", Deployment: "blue"})
		if row.Attempts != c.attempts || row.Status != c.status || strings.Contains(string(row.Error), "sk-1") {
			t.Errorf("%v: %+v", c.answers, row)
		}
		if row.RetryS.Known() != (c.attempts > 1) || row.RetryS > row.LatencyS {
			t.Errorf("%v: the last attempt was sent at %v of %v", c.answers, row.RetryS, row.LatencyS)
		}
	}
	if _, err := New("aml", Options{URL: "http://x", Stream: true}); err == nil {
		t.Error("Azure ML streams")
	}
}

func FuzzObjects(f *testing.F) {
	f.Add([]byte("{\"text\": [\"a\"]}\x00{\"text\": [\"ab\"]}\n"), 3)
	f.Fuzz(func(t *testing.T, stream []byte, at int) {
		cut := func(parts ...[]byte) (all []string) {
			var o objects
			for _, p := range parts {
				for len(p) > 0 {
					data, rest, ok, err := o.next(p)
					if err != nil {
						return all
					}
					if ok {
						all = append(all, string(data))
						_, _ = textLength(data)
					}
					p = rest
				}
			}
			return all
		}
		at = max(0, min(at, len(stream)))
		whole, parted := cut(stream), cut(stream[:at], stream[at:])
		if strings.Join(whole, "|") != strings.Join(parted, "|") {
			t.Fatalf("%q, cut at %d: %q", whole, at, parted)
		}
	})
}
