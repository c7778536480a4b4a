package dialect

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stream"
)

// What the engines send is counted as they count it, whatever the count is by.
func TestRecordedAnswersOfEnginesAreCountedExactly(t *testing.T) {
	for _, c := range []struct {
		name              string
		by                counting
		chunks            string // tokens of each chunk
		prompt, generated string
		err               string
	}{
		{"vllm-stream-return-token-ids", byUsage, "1 1 1 1 1 1", "6", "6", ""},
		{"vllm-stream-return-token-ids", byTokens, "1 1 1 1 1 1", "6", "6", ""},
		{"vllm-stream-ids", byText, "1 1 1 1 1 1", "6", "6", ""},
		{"vllm-stream-no-usage", byText, "1 1 1", "-", "3", ""},
		{"vllm-chat-stream", byText, "1 1 1 1", "17", "4", ""},
		{"vllm-error-bad-id", byUsage, "", "-", "-", "the server reports Token id 99999 is out of vocabulary"},
		{"vllm-error-context", byUsage, "", "-", "-", "HTTP 400 Bad Request: max_tokens=3000 cannot be greater"},
		{"llamacpp-stream-timings", byRunning, "1 1 1", "5", "3", ""},
		{"llamacpp-stream-utf8", byRunning, "3 1 1 1 1 2 2 2 2 2 2 2 2 1", "51", "24", ""},
		{"llamacpp-stream-eos", byText, "1 1 1 1 1 1 1 1 1 1 1 1 1", "12", "13", ""},
		{"llamacpp-stream-no-usage", byText, "1 1 1 1", "5", "4", ""},
		{"llamacpp-chat-stream", byText, "1 1 1 1", "33", "4", ""},
		{"llamacpp-raw-http", byText, "1 1 1", "5", "3", ""},
		{"llamacpp-sigterm-midstream", byText, "*", "-", "*", "without its end mark after"},
		{"llamacpp-error-401", byText, "", "-", "-", "HTTP 401 Unauthorized: Invalid API Key"},
	} {
		answer := recorded(t, c.name)
		p := openAIFor(t, serve(t, func(got call) bool { got.conn.Write(answer); return false }), nil)
		p.by = c.by
		p.usual = ending{finish: stream.Finished, last: true}
		o := once(t, p, 64)
		if got := sizes(o.Chunks); got != c.chunks && c.chunks != "*" {
			t.Errorf("%s by %v: chunks of %s, want %s", c.name, c.by, got, c.chunks)
		}
		if got := count(o.Generated); count(o.Prompt) != c.prompt || got != c.generated && c.generated != "*" {
			t.Errorf("%s by %v: %s prompt and %s generated tokens, want %s and %s", c.name, c.by, count(o.Prompt), got, c.prompt, c.generated)
		}
		if (c.err == "") != (o.Status == record.OK) || !strings.Contains(string(o.Error), c.err) {
			t.Errorf("%s by %v: %s, %q, want %q", c.name, c.by, o.Status, o.Error, c.err)
		}
	}
}

// The two engines have times of their own.
func TestRecordedAnswersTellTheServersOwnTimes(t *testing.T) {
	answer := recorded(t, "llamacpp-stream-timings")
	o := once(t, openAIFor(t, serve(t, func(c call) bool { c.conn.Write(answer); return false }), nil), 3)
	if !o.ServerTTFT.Known() || !(o.ServerTTFT.Float() > 0) || o.ServerQueue.Known() {
		t.Errorf("llama-server: %+v", o)
	}
	o = once(t, openAIFor(t, serve(t, func(c call) bool {
		return events(c.conn, token("a"), last("b"), strings.Replace(usageOf(3, 2), "{", `{"metrics":{"queue_time_ms":12.5,"time_to_first_token_ms":80},`, 1), "[DONE]")
	}), nil), 2)
	if o.ServerTTFT.Float() != 0.08 || o.ServerQueue.Float() != 0.0125 || o.Status != record.OK {
		t.Errorf("vLLM: %+v", o)
	}
}

func TestRecordedAnswersThatAreNotStreamed(t *testing.T) {
	for _, name := range []string{"vllm-json", "llamacpp-json"} {
		answer := recorded(t, name)
		o := once(t, openAIFor(t, serve(t, func(c call) bool { c.conn.Write(answer); return false }), whole), 8)
		if o.Status != record.OK || o.Generated.Int() < 3 || o.Prompt.Int() < 4 || len(o.Chunks) > 0 || o.Visible.Known() || !(o.Latency.Float() > 0) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}
