package protocol

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
)

// engine is a server that takes some extensions and refuses or ignores others.
type engine struct {
	refuses  []string // words in a body that make it a bad request
	running  bool
	ids      bool
	timings  bool
	totals   bool
	farewell bool // ends with an empty chunk that is no token
	tokenize bool
	idPrompt bool
	vocab    int
}

func (e engine) answer(c call) bool {
	if c.URL.Path == openai.PathTokenize {
		return e.tokens(c)
	}
	for _, word := range e.refuses {
		if strings.Contains(c.text, word) {
			return plain(c.conn, 400, `{"error":{"message":"unknown field `+word+`"}}`)
		}
	}
	var asked openai.CompletionRequest
	if err := json.Unmarshal([]byte(c.text), &asked); err != nil {
		return plain(c.conn, 400, `{"error":"no json"}`)
	}
	size, ok := e.size(asked.Prompt)
	if !ok {
		return plain(c.conn, 400, `{"error":"bad prompt"}`)
	}
	n := *asked.MaxTokens
	if !asked.Stream {
		return plain(c.conn, 200, fmt.Sprintf(`{"choices":[{"text":"x","finish_reason":"length"}],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}`, size, n))
	}
	return stream(c.conn, e.events(c.text, asked, size, n)...)
}

func (e engine) size(p openai.Prompt) (int, bool) {
	if len(p.TokenIDs) == 0 {
		return len(strings.Fields(p.Texts[0])) + 1, true
	}
	return len(p.TokenIDs[0]), e.idPrompt && slices.Max(p.TokenIDs[0]) < e.vocab
}

func (e engine) events(text string, asked openai.CompletionRequest, size, n int) []string {
	var events []string
	for i := range n {
		extra, end := "", "null"
		if e.ids && asked.ReturnTokenIDs {
			extra = `,"token_ids":[5]`
		}
		if i == n-1 && !e.farewell {
			end = `"length"`
		}
		event := `{"choices":[{"text":"x","finish_reason":` + end + extra + `}]`
		if e.running && asked.StreamOptions != nil && asked.StreamOptions.ContinuousUsageStats {
			event += fmt.Sprintf(`,"usage":{"prompt_tokens":%d,"completion_tokens":%d}`, size, i+1)
		}
		if e.timings && strings.Contains(text, "timings_per_token") {
			event += fmt.Sprintf(`,"timings":{"predicted_n":%d}`, i+1)
		}
		events = append(events, event+"}")
	}
	if e.farewell {
		events = append(events, `{"choices":[{"text":"","finish_reason":"length"}]}`)
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

// engines by what they take, as far as the client cares.
var engines = map[string]struct {
	engine
	want  abilities
	notes string
}{
	"vllm":          {engine{running: true, ids: true, totals: true}, abilities{ignoreEOS: true, totals: true, running: true, by: byUsage}, ""},
	"old vllm":      {engine{refuses: []string{"continuous"}, ids: true, totals: true}, abilities{ignoreEOS: true, totals: true, returnIDs: true, by: byIDs}, ""},
	"llama-server":  {engine{timings: true, totals: true, farewell: true}, abilities{ignoreEOS: true, totals: true, running: true, timings: true, by: byTimings}, ""},
	"strict":        {engine{refuses: []string{"ignore_eos", "continuous", "return_token_ids", "timings"}, totals: true}, abilities{totals: true}, "refuses ignore_eos|gaps are between chunks (18 tokens in 18 chunks)"},
	"very strict":   {engine{refuses: []string{"ignore_eos", "stream_options", "return_token_ids", "timings"}}, abilities{}, "refuses ignore_eos|no usage"},
	"MII over HTTP": {engine{farewell: true}, abilities{ignoreEOS: true, totals: true, running: true}, "no usage"},
}

func TestLearnFindsTheBestWayToCount(t *testing.T) {
	for name, c := range engines {
		p := protocolFor(t, serve(t, c.answer), nil)
		var notes []string
		err := p.Learn(background(t), func(note string) { notes = append(notes, note) })
		if err != nil || p.can != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, p.can, err, c.want)
		}
		for i, want := range strings.Split(c.notes, "|") {
			if len(notes) <= i && want != "" || len(notes) > i && !strings.Contains(notes[i], want) {
				t.Errorf("%s: notes %q, want %q", name, notes, c.notes)
			}
		}
		client := p.Client()
		if _, row := client.Generate(background(t), ask(9)); row.GeneratedTokens != 9 || len(row.ChunkS) != 9 {
			t.Errorf("%s: then %d tokens in %d chunks, want 9: %s", name, row.GeneratedTokens, len(row.ChunkS), row.Error)
		}
		client.Close()
	}
}

func TestLearnGivesUpOnAServerThatAnswersNothing(t *testing.T) {
	for want, answer := range map[string]func(c call) bool{
		"connection":           func(c call) bool { return false },
		"model does not exist": func(c call) bool { return plain(c.conn, 404, `{"error":{"message":"The model does not exist"}}`) },
		"no such thing":        func(c call) bool { return plain(c.conn, 400, `{"error":"no such thing"}`) },
	} {
		err := protocolFor(t, serve(t, answer), nil).Learn(background(t), func(string) {})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestPromptsAreTokenIDsWhereTheServerTakesThem(t *testing.T) {
	for name, c := range map[string]struct {
		engine
		largest int // 0: none
	}{
		"with tokenize":     {engine{totals: true, tokenize: true, idPrompt: true, vocab: 100}, 17},
		"without":           {engine{totals: true, idPrompt: true, vocab: 32000}, 19999},
		"a toy":             {engine{totals: true, idPrompt: true, vocab: 950}, 899},
		"text only":         {engine{totals: true, tokenize: true}, 0},
		"nothing of either": {engine{totals: true}, 0},
	} {
		p := protocolFor(t, serve(t, c.answer), nil)
		ids := p.TokenIDs(background(t))
		if len(ids) == 0 && c.largest != 0 || len(ids) > 0 && slices.Max(ids) != c.largest {
			t.Errorf("%s: %d ids, want up to %d", name, len(ids), c.largest)
		}
	}
}

func TestTextsAreCountedByTheServer(t *testing.T) {
	for name, e := range map[string]engine{"tokenize": {tokenize: true, totals: true}, "usage": {totals: true}} {
		p := protocolFor(t, serve(t, e.answer), nil)
		if n, err := p.Count(background(t), "one two three"); n != 4 || err != nil {
			t.Errorf("by %s: %d, %v", name, n, err)
		}
		maker := prompt.Maker{Run: "r"}
		off, err := maker.Fit(func(text string) (int, error) { return p.Count(background(t), text) })
		if err != nil || off != 0 || maker.Overhead != 1 {
			t.Errorf("by %s: off by %v, overhead %v, %v", name, off, maker.Overhead, err)
		}
	}
	p := protocolFor(t, serve(t, engine{}.answer), nil)
	if n, err := p.Count(background(t), "one"); err == nil {
		t.Errorf("without usage: %d", n)
	}
}
