package serve

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
)

// caching serves loads in lockstep with a vLLM that has a prefix cache.
func caching(t *testing.T) *load {
	t.Helper()
	config := a6000(t, "vllm")
	config.PrefixCache = true
	ts := inLockstep(t, config, 1, func(c *Config) { c.PrefixCache, c.Details = true, true })
	return beginLoad(t, ts.URL, "load")
}

// answer sends one request and waits for its answer.
func (l *load) answer(path, body string) (whole openai.Completion, text string) {
	l.t.Helper()
	reply := l.send(path, l.now.Now, body)
	l.advanceAll()
	if reply.err != nil || reply.status != 200 {
		l.t.Fatalf("status %d, %v: %s", reply.status, reply.err, reply.body)
	}
	if err := json.Unmarshal([]byte(reply.body), &whole); err != nil {
		l.t.Fatal(err)
	}
	return whole, reply.body
}

func cachedOf(t *testing.T, u *openai.Usage) int {
	t.Helper()
	if u == nil || u.PromptTokensDetails == nil || u.PromptTokensDetails.CachedTokens == nil {
		t.Fatalf("usage %+v says nothing of cached tokens", u)
	}
	return *u.PromptTokensDetails.CachedTokens
}

// Texts that begin alike have tokens that begin alike, and a text is found where its
// ids were sent.
func TestCachedTexts(t *testing.T) {
	l := caching(t)
	defer l.end()
	same := strings.Repeat("the quick brown fox jumps. ", 20)
	n := len(l.words(same))
	for i, c := range []struct {
		prompt string
		want   int
	}{{quoted(same + "one"), 0}, {quoted(same + "two"), n / 16 * 16}, {quoted("x" + same), 0}, {listed(l.words(same)), (n - 1) / 16 * 16}} {
		got, _ := l.answer(openai.PathCompletions, `{"max_tokens":2,"prompt":`+c.prompt+`}`)
		// What stands before the end of the common text may be cut otherwise: a token of lookahead.
		if cached := cachedOf(t, got.Usage); cached > c.want || cached < c.want-16 {
			t.Errorf("request %d: %d cached, want %d", i, cached, c.want)
		}
	}
}

// words are the ids of a text, by the server's own account.
func (l *load) words(text string) []int {
	l.t.Helper()
	status, body := l.ask(l.t.Context(), openai.PathTokenize, openai.TokenizeRequest{Prompt: text})
	var got openai.TokenizeResponse
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		l.t.Fatalf("status %d, %v: %s", status, err, body)
	}
	return got.Tokens
}

func quoted(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func listed(ids []int) string { return strings.ReplaceAll(fmt.Sprint(ids), " ", ",") }

// A chat that goes on finds all full blocks of what was said before, the server's
// own answers among it.
func TestCachedChat(t *testing.T) {
	l := caching(t)
	defer l.end()
	var messages []openai.Message
	before := 0
	for turn := range 4 {
		messages = append(messages, openai.Message{Role: "user", Content: openai.Content(fmt.Sprintf("question %d: %s", turn, strings.Repeat("what else? ", 10)))})
		body, err := json.Marshal(openai.ChatRequest{Messages: messages, MaxTokens: new(int)})
		if err != nil {
			t.Fatal(err)
		}
		_, text := l.answer(openai.PathChatCompletions, strings.Replace(string(body), `"max_tokens":0`, `"max_tokens":60`, 1))
		var got openai.ChatCompletion
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		// All but the last token of the answer before has KV.
		if cached := cachedOf(t, got.Usage); cached != max(0, before-1)/16*16 {
			t.Errorf("turn %d: %d cached of %d, want %d", turn, cached, got.Usage.PromptTokens, max(0, before-1)/16*16)
		}
		before = got.Usage.TotalTokens
		messages = append(messages, openai.Message{Role: "assistant", Content: openai.Content(got.Choices[0].Message.Content)})
	}
}

// Several prompts of one request: their cached tokens are summed up as their tokens are.
func TestCachedTokensOfSeveralPrompts(t *testing.T) {
	l := caching(t)
	defer l.end()
	ids := slices.Repeat([]int{300}, 40)
	got, _ := l.answer(openai.PathCompletions, `{"max_tokens":2,"prompt":[`+listed(ids)+`,`+listed(ids[:36])+`,`+listed([]int{5, 6, 7})+`]}`)
	if cached := cachedOf(t, got.Usage); cached != 32 || got.Usage.PromptTokens != 79 {
		t.Errorf("%+v, %d cached", got.Usage, cached)
	}
}

// Without a cache usage is as it was; with details asked for all the same, nothing was cached.
func TestUsageWithoutACache(t *testing.T) {
	for _, details := range []bool{false, true} {
		ts := start(t, fast, func(c *Config) { c.Details = details })
		for _, path := range []string{openai.PathCompletions, openai.PathChatCompletions} {
			body := `{"prompt":"abc","messages":[{"role":"user","content":"abc"}],"max_tokens":2`
			_, whole := ts.post(t, path, body+"}")
			_, stream := ts.post(t, path, body+`,"stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true}}`)
			const zero = `"prompt_tokens_details":{"cached_tokens":0}`
			if n := strings.Count(whole, zero) + strings.Count(stream, zero); n != map[bool]int{true: 2}[details] {
				t.Errorf("details %v, %s: said %d times\n%s\n%s", details, path, n, whole, stream)
			}
		}
	}
}
