package dialect

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/openai"
)

// engine is a server that takes some extensions and refuses or ignores others.
type engine struct {
	refuses  []string // words in a body that make it a bad request
	status   int      // of refusals; 0 is 400
	running  bool
	ids      bool
	timings  bool
	totals   bool
	emptyEnd bool // ends with an empty chunk that is not a token
	tokenize bool
	idPrompt bool
	vocab    int
	chunk    int    // tokens per chunk; 0 is 1
	missing  int    // status of completions, where there are none
	chat     string // path of chats
	early    bool   // ends after 3 tokens unless ignore_eos is asked for
}

func (e engine) answer(c call) bool {
	switch {
	case c.URL.Path == openai.PathTokenize:
		return e.tokens(c)
	case c.URL.Path != openai.PathCompletions && c.URL.Path != e.chat:
		return plain(c.conn, 404, `{"detail":"Not Found"}`)
	case c.URL.Path == openai.PathCompletions && e.missing > 0:
		return plain(c.conn, e.missing, `{"error":{"message":"no completions here"}}`)
	}
	for _, word := range e.refuses {
		if strings.Contains(c.text, word) {
			return plain(c.conn, max(e.status, 400), `{"error":{"message":"unknown field `+word+`"}}`)
		}
	}
	return e.generate(c)
}

// asked is what requests of both kinds say.
type asked struct {
	openai.CompletionRequest
	Messages            []openai.Message `json:"messages"`
	MaxCompletionTokens int              `json:"max_completion_tokens"`
}

func (e engine) generate(c call) bool {
	var asked asked
	if err := json.Unmarshal([]byte(c.text), &asked); err != nil {
		return plain(c.conn, 400, `{"error":"no json"}`)
	}
	size, ok := e.size(asked)
	if !ok {
		return plain(c.conn, 400, `{"error":"bad prompt"}`)
	}
	n := asked.MaxCompletionTokens
	if asked.MaxTokens != nil {
		n = *asked.MaxTokens
	}
	if e.early && !asked.IgnoreEOS {
		n = min(n, 3)
	}
	if !asked.Stream {
		return plain(c.conn, 200, fmt.Sprintf(`{"choices":[{"text":"x","message":{"content":"x"},"finish_reason":"length"}],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`, size, n))
	}
	return events(c.conn, e.events(c.text, asked, size, n)...)
}

func (e engine) size(asked asked) (int, bool) {
	switch p := asked.Prompt; {
	case len(asked.Messages) > 0:
		return 9, true
	case len(p.TokenIDs) == 0:
		return len(strings.Fields(p.Texts[0])) + 1, true
	default:
		return len(p.TokenIDs[0]), e.idPrompt && slices.Max(p.TokenIDs[0]) < e.vocab
	}
}

func (e engine) events(text string, asked asked, size, n int) []string {
	var events []string
	each := max(1, e.chunk)
	for done := 0; done < n; {
		now := min(each, n-done)
		done += now
		extra, end := "", "null"
		if e.ids && asked.ReturnTokenIDs {
			extra = `,"token_ids":[` + strings.Repeat("5,", now-1) + `5]`
		}
		if done == n && !e.emptyEnd {
			end = `"length"`
		}
		event := `{"choices":[{"text":"x","delta":{"content":"x"},"finish_reason":` + end + extra + `}]`
		if e.running && asked.StreamOptions != nil && asked.StreamOptions.ContinuousUsageStats {
			event += fmt.Sprintf(`,"usage":{"prompt_tokens":%d,"completion_tokens":%d}`, size, done)
		}
		if e.timings && strings.Contains(text, "timings_per_token") {
			event += fmt.Sprintf(`,"timings":{"predicted_n":%d}`, done)
		}
		events = append(events, event+"}")
	}
	if e.emptyEnd {
		events = append(events, `{"choices":[{"text":"","delta":{},"finish_reason":"length"}]}`)
	}
	if e.totals && asked.StreamOptions != nil {
		events = append(events, usageOf(size, n))
	}
	return append(events, openai.Done)
}

func (e engine) tokens(c call) bool {
	var asked openai.TokenizeRequest
	if !e.tokenize || json.Unmarshal([]byte(c.text), &asked) != nil {
		return plain(c.conn, 404, `{"detail":"Not Found"}`)
	}
	ids := []int{}
	for _, word := range strings.Fields(asked.Prompt) {
		ids = append(ids, 10+len(word))
	}
	if *asked.AddSpecialTokens {
		ids = append(ids, 1)
	}
	said, _ := json.Marshal(openai.TokenizeResponse{Count: len(ids), Tokens: ids}) // plain numbers
	return plain(c.conn, 200, string(said))
}
