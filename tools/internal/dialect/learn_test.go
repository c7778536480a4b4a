package dialect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// engines by what they take, as far as the client cares.
var engines = map[string]struct {
	engine
	want  abilities
	by    counting
	notes string
}{
	"vllm":          {engine{running: true, ids: true, totals: true}, abilities{ignoreEOS: true, minTokens: true, totals: true, running: true}, byUsage, ""},
	"old vllm":      {engine{refuses: []string{"continuous"}, ids: true, totals: true}, abilities{ignoreEOS: true, minTokens: true, totals: true, returnIDs: true}, byTokens, ""},
	"several":       {engine{running: true, totals: true, chunk: 4}, abilities{ignoreEOS: true, minTokens: true, totals: true, running: true}, byUsage, ""},
	"llama-server":  {engine{timings: true, totals: true, emptyEnd: true}, abilities{ignoreEOS: true, minTokens: true, totals: true, running: true, timings: true}, byRunning, ""},
	"totals alone":  {engine{totals: true}, abilities{ignoreEOS: true, minTokens: true, totals: true, running: true}, byText, ""},
	"four by four":  {engine{totals: true, chunk: 4, emptyEnd: true}, abilities{ignoreEOS: true, minTokens: true, totals: true, running: true}, byText, "per request only (18 tokens in 5 chunks)"},
	"strict":        {engine{refuses: []string{"ignore_eos", "min_tokens", "continuous", "return_token_ids", "timings"}, totals: true}, abilities{totals: true}, byText, "rejects ignore_eos"},
	"very strict":   {engine{refuses: []string{"ignore_eos", "min_tokens", "stream_options", "return_token_ids", "timings"}}, abilities{}, byText, "rejects ignore_eos|no usage"},
	"MII over HTTP": {engine{emptyEnd: true}, abilities{ignoreEOS: true, minTokens: true, totals: true, running: true}, byText, "no usage"},
}

func TestLearnFindsTheBestWayToCount(t *testing.T) {
	for name, c := range engines {
		p := openAIFor(t, serve(t, c.answer), nil)
		var notes []string
		err := p.Learn(background(t), func(note string) { notes = append(notes, note) })
		if err != nil || p.can != c.want || p.by != c.by {
			t.Errorf("%s: %+v by %v, %v; want %+v by %v", name, p.can, p.by, err, c.want, c.by)
		}
		for i, want := range strings.Split(c.notes, "|") {
			if len(notes) <= i && want != "" || len(notes) > i && (want == "" || !strings.Contains(notes[i], want)) {
				t.Errorf("%s: notes %q, want %q", name, notes, c.notes)
			}
		}
		each := max(1, c.chunk)
		o := once(t, p, 9)
		if o.Status != record.OK || o.Generated.Int() != 9 || len(o.Chunks) != (8+each)/each {
			t.Errorf("%s: then %d tokens in %d chunks, want 9: %s", name, o.Generated.Int(), len(o.Chunks), o.Error)
		}
	}
}

// Each option that is refused is left out by itself: the others are kept.
func TestEachOptionIsTriedByItself(t *testing.T) {
	all := abilities{ignoreEOS: true, minTokens: true, totals: true, running: true}
	without := func(change func(*abilities)) abilities {
		some := all
		change(&some)
		return some
	}
	for name, c := range map[string]struct {
		refuses []string
		want    abilities
		note    string
	}{
		"stream_options":         {[]string{"stream_options"}, without(func(c *abilities) { c.totals, c.running = false, false }), "no usage"},
		"continuous_usage_stats": {[]string{"continuous_usage_stats"}, without(func(c *abilities) { c.running = false }), ""},
		"ignore_eos":             {[]string{"ignore_eos"}, without(func(c *abilities) { c.ignoreEOS = false }), "rejects ignore_eos"},
		"min_tokens":             {[]string{"min_tokens"}, without(func(c *abilities) { c.minTokens = false }), ""},
		"min_tokens, ignore_eos": {[]string{"min_tokens", "ignore_eos"}, without(func(c *abilities) { c.minTokens, c.ignoreEOS = false, false }), "rejects ignore_eos"},
		"min_tokens, continuous": {[]string{"min_tokens", "continuous_usage_stats"}, without(func(c *abilities) { c.minTokens, c.running = false, false }), ""},
		"max_tokens":             {[]string{`"max_tokens`}, without(func(c *abilities) { c.completionTokens = true }), ""},
		"max_tokens and others":  {[]string{`"max_tokens`, "min_tokens", "stream_options", "ignore_eos"}, abilities{completionTokens: true}, "rejects ignore_eos"},
	} {
		for _, status := range []int{400, 422, 501} {
			e := engine{refuses: c.refuses, status: status, totals: true, running: true, early: true, chat: openai.PathChatCompletions}
			p := openAIFor(t, serve(t, e.answer), func(o *Options) { o.Chat = true })
			var notes []string
			if err := p.Learn(background(t), func(note string) { notes = append(notes, note) }); err != nil || p.can != c.want {
				t.Errorf("%s: %+v, %v; want %+v", name, p.can, err, c.want)
			}
			if all := strings.Join(notes, "|"); c.note == "" && all != "" || !strings.Contains(all, c.note) {
				t.Errorf("%s: notes %q, want %q", name, notes, c.note)
			}
			want := 9
			if !c.want.ignoreEOS {
				want = 3
			}
			if o := once(t, p, 9); o.Status != record.OK || o.Generated.Int() != want || len(o.Chunks) != want {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
}

// A server without completions is asked for chats, which is reported.
func TestChatIsFound(t *testing.T) {
	for _, missing := range []int{404, 405, 422, 400, 501} {
		e := engine{missing: missing, chat: openai.PathChatCompletions, totals: true, running: true}
		for _, stream := range []bool{true, false} {
			p := openAIFor(t, serve(t, e.answer), func(o *Options) { o.Stream = stream })
			var notes []string
			err := p.Learn(background(t), func(note string) { notes = append(notes, note) })
			if err != nil || !p.Chat || !p.can.ignoreEOS || !strings.Contains(strings.Join(notes, "|"), "--chat") {
				t.Errorf("%d: %+v, %v, notes %q", missing, p.can, err, notes)
			}
			if o := once(t, p, 9); o.Status != record.OK || o.Generated.Int() != 9 || len(o.Chunks) > 0 != stream {
				t.Errorf("%d: %+v", missing, o)
			}
		}
		// Who asked for chats is not told; nor is Ready misled.
		p := openAIFor(t, serve(t, e.answer), func(o *Options) { o.Chat = true })
		if err := p.Learn(background(t), func(note string) { t.Errorf("%d: %q", missing, note) }); err != nil {
			t.Error(err)
		}
		p = openAIFor(t, serve(t, e.answer), nil)
		if err := p.Ready(background(t)); err != nil {
			t.Errorf("%d: %v", missing, err)
		}
		told := false
		if err := p.Learn(background(t), func(note string) { told = told || strings.Contains(note, "--chat") }); err != nil || !told {
			t.Errorf("%d: after Ready: %v, told: %v", missing, err, told)
		}
	}
}

// An address that ends in a route is asked there, and nowhere else.
func TestAGivenRouteIsTheOnlyOne(t *testing.T) {
	url := serve(t, func(c call) bool {
		if c.URL.Path != "/v1/completions" {
			t.Errorf("asked %s", c.URL)
		}
		return plain(c.conn, 404, `{"error":"no completions"}`)
	})
	err := openAIFor(t, url+"/v1/completions", nil).Learn(background(t), func(string) {})
	if err == nil || !strings.Contains(err.Error(), "no completions") {
		t.Errorf("%v", err)
	}
}

// Where the routes have no /v1 in front behind the base of the address, they
// are found all the same.
func TestBasesWithoutV1(t *testing.T) {
	for base, want := range map[string]struct{ path, chat string }{
		"/api/v3":    {"/api/v3/chat/completions", "found"},
		"/openai/v1": {"/openai/v1/completions", ""},
		"/inference": {"/inference/completions", ""},
		"/v1":        {"/v1/completions", ""},
		"/api/v3/":   {"/api/v3/completions", ""},
	} {
		e := engine{totals: true, running: true}
		url := serve(t, func(c call) bool {
			if c.URL.Path != want.path {
				return plain(c.conn, 404, `{"error":"no such route"}`)
			}
			return e.generate(c)
		})
		p := openAIFor(t, url+base, nil)
		var notes []string
		err := p.Learn(background(t), func(note string) { notes = append(notes, note) })
		if err != nil || p.Chat != (want.chat != "") || len(notes) > 0 != p.Chat {
			t.Errorf("%s: %v, notes %q", base, err, notes)
		}
		if o := once(t, p, 9); o.Status != record.OK || o.Generated.Int() != 9 {
			t.Errorf("%s: %+v", base, o)
		}
	}
}

// Of a server that takes no form of request the cause is reported: not what it
// says of an option, or of a route that it does not have.
func TestTheCauseOfARefusal(t *testing.T) {
	const chatPath, noRoute = openai.PathChatCompletions, `{"detail":"Not Found"}`
	unknown := `{"error":{"message":"The model m does not exist"}}`
	for name, c := range map[string]struct {
		base   string
		chat   bool
		answer func(c call) (status int, body string)
	}{
		"chats alone": {"", false, func(c call) (int, string) {
			if c.URL.Path == chatPath {
				return 404, unknown
			}
			return 404, noRoute
		}},
		"options refused first": {"", false, func(c call) (int, string) {
			if strings.Contains(c.text, "ignore_eos") {
				return 400, `{"error":"unknown field ignore_eos"}`
			}
			return 404, unknown
		}},
		"another max_tokens": {"", true, func(c call) (int, string) {
			if strings.Contains(c.text, `"max_tokens`) {
				return 400, `{"error":"use max_completion_tokens"}`
			}
			return 400, unknown
		}},
		"a base": {"/api", true, func(c call) (int, string) {
			if c.URL.Path == "/api"+chatPath {
				return 404, unknown
			}
			return 404, noRoute
		}},
		"a base without /v1": {"/api/v3", true, func(c call) (int, string) {
			if c.URL.Path == "/api/v3/chat/completions" {
				return 400, unknown
			}
			return 404, noRoute
		}},
	} {
		url := serve(t, func(got call) bool { status, body := c.answer(got); return plain(got.conn, status, body) })
		p := openAIFor(t, url+c.base, func(o *Options) { o.Chat = c.chat })
		for what, err := range map[string]error{"Learn": p.Learn(background(t), func(string) {}), "Ready": p.Ready(background(t))} {
			if err == nil || !strings.Contains(err.Error(), "model m does not exist") || strings.Contains(err.Error(), "unknown field") || p.Chat != c.chat {
				t.Errorf("%s: %s says %v", name, what, err)
			}
		}
	}
}

func TestLearnGivesUpOnAServerThatAnswersNothing(t *testing.T) {
	for want, answer := range map[string]func(c call) bool{
		"closed the connection": func(c call) bool { return false },
		"HTTP 404 Not Found: The model does not exist": func(c call) bool {
			return plain(c.conn, 404, `{"error":{"message":"The model does not exist"}}`)
		},
		"no such thing": func(c call) bool { return plain(c.conn, 400, `{"error":"no such thing"}`) },
		"no token":      func(c call) bool { return events(c.conn, "[DONE]") },
	} {
		for _, protocol := range []string{"openai", "responses", "messages", "generate"} {
			err := newServer(t, protocol, serve(t, answer), nil).Learn(background(t), func(string) {})
			if want == "no token" && protocol == "generate" {
				continue // it reads objects, of which there is none
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", protocol, err, want)
			}
		}
	}
}

// Of a refusal for another reason than the form of the request there is nothing
// to learn: it is reported at once.
func TestAWrongKeyIsToldAtOnce(t *testing.T) {
	for _, status := range []int{401, 403, 402} {
		var asked atomic.Int32
		url := serve(t, func(c call) bool { asked.Add(1); return plain(c.conn, status, `{"error":{"message":"who are you?"}}`) })
		for _, protocol := range []string{"openai", "responses", "messages"} {
			asked.Store(0)
			err := newServer(t, protocol, url, nil).Learn(background(t), func(string) {})
			if err == nil || !strings.Contains(err.Error(), fmt.Sprint("HTTP ", status)) || !strings.Contains(err.Error(), "who are you?") || asked.Load() != 1 {
				t.Errorf("%s: %v after %d requests", protocol, err, asked.Load())
			}
		}
	}
}

// Learn waits as long as a server asks for; it is no refusal of an option.
func TestLearnWaitsWhereItIsAskedTo(t *testing.T) {
	t.Parallel() // it takes a second
	e := engine{running: true, totals: true}
	p := openAIFor(t, serve(t, func(c call) bool {
		if c.n == 0 {
			return plain(c.conn, 429, `{"error":"slow down"}`, "Retry-After: 1")
		}
		return e.answer(c)
	}), nil)
	if err := p.Learn(background(t), func(note string) { t.Errorf("note %q", note) }); err != nil || p.by != byUsage || !p.can.minTokens {
		t.Errorf("%+v, %v", p.can, err)
	}
}

// An interrupt ends a wait, and is what Learn returns.
func TestLearnIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(background(t))
	url := serve(t, func(c call) bool { cancel(); return plain(c.conn, 429, `{}`, "Retry-After: 20") })
	if err := openAIFor(t, url, nil).Learn(ctx, func(string) {}); err != context.Canceled {
		t.Errorf("%v", err)
	}
}

// A redirect is followed while learning and told once; later requests go to its
// aim directly, each of them once.
func TestARedirectIsLearned(t *testing.T) {
	var asked, sentOn atomic.Int32
	e := engine{running: true, totals: true}
	url := serve(t, func(c call) bool {
		asked.Add(1)
		if strings.HasPrefix(c.URL.Path, "/v1/") {
			sentOn.Add(1)
			return plain(c.conn, 307, "", "Location: /api"+c.URL.Path)
		}
		c.URL.Path = strings.TrimPrefix(c.URL.Path, "/api")
		return e.answer(c)
	})
	p := openAIFor(t, url, nil)
	var notes []string
	if err := p.Learn(background(t), func(note string) { notes = append(notes, note) }); err != nil {
		t.Fatal(err)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "/api/v1/completions") || sentOn.Load() != 1 {
		t.Errorf("notes %q, sent on %d times", notes, sentOn.Load())
	}
	before := asked.Load()
	c := p.Client()
	defer c.Close()
	for range 3 {
		if o := checked(t, c.Generate(background(t), ask(9))); o.Status != record.OK || o.Generated.Int() != 9 {
			t.Errorf("%+v", o)
		}
	}
	if n := asked.Load() - before; n != 3 || sentOn.Load() != 1 {
		t.Errorf("%d requests for 3, %d of them redirected", n, sentOn.Load())
	}
}

// A redirect that is not followed is reported with its aim.
func TestARedirectElsewhere(t *testing.T) {
	url := serve(t, func(c call) bool { return plain(c.conn, 307, "", "Location: http://other.example/v1/completions") })
	var notes []string
	err := openAIFor(t, url, func(o *Options) { o.Transport.Key = "sk-1" }).Learn(background(t), func(note string) { notes = append(notes, note) })
	if err == nil || len(notes) != 1 || !strings.Contains(notes[0], "other.example") {
		t.Errorf("%v, notes %q", err, notes)
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
		p := openAIFor(t, serve(t, c.answer), nil)
		ids := p.TokenIDs(background(t))
		if len(ids) == 0 && c.largest != 0 || len(ids) > 0 && slices.Max(ids) != c.largest {
			t.Errorf("%s: %d ids, want up to %d", name, len(ids), c.largest)
		}
	}
	p := openAIFor(t, "http://localhost:1", func(o *Options) { o.Chat = true })
	if p.TokenIDs(background(t)) != nil {
		t.Error("ids in a chat")
	}
}

func TestTextsAreCountedByTheServer(t *testing.T) {
	for name, e := range map[string]engine{"tokenize": {tokenize: true, totals: true}, "usage": {totals: true}} {
		p := openAIFor(t, serve(t, e.answer), nil)
		if n, err := p.Count(background(t), "one two three"); n != 4 || err != nil {
			t.Errorf("by %s: %d, %v", name, n, err)
		}
		maker := prompt.Maker{Run: "r"}
		off, err := maker.Fit(func(text string) (int, error) { return p.Count(background(t), text) })
		if err != nil || off != 0 || maker.Overhead != 1 {
			t.Errorf("by %s: off by %v, overhead %v, %v", name, off, maker.Overhead, err)
		}
	}
	p := openAIFor(t, serve(t, engine{}.answer), nil)
	if n, err := p.Count(background(t), "one"); err == nil {
		t.Errorf("without usage: %d", n)
	}
}
