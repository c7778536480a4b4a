package dialect

import (
	"fmt"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// with puts a usage into a chunk.
func with(event string, prompt, completion int) string {
	return strings.TrimSuffix(event, "}") + fmt.Sprintf(`,"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, prompt, completion, prompt+completion)
}

const (
	emptyDelta = `{"choices":[{"index":0,"text":"","delta":{},"finish_reason":null}]}`
	emptyEnd   = `{"choices":[{"index":0,"text":"","delta":{},"finish_reason":"length"}]}`
	roleOnly   = `{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}`
)

// running are chunks of one token each with a running usage.
func running(from, to int) (all []string) {
	for i := from; i <= to; i++ {
		all = append(all, with(token("x"), 7, i))
	}
	return all
}

// What of a stream is a token, and how many tokens there were. The counting is
// the one named: what it says is believed only where it can be.
func TestWhatIsAToken(t *testing.T) {
	zeros := repeat(with(token("x"), 0, 0), 4)
	for name, c := range map[string]struct {
		by                counting
		sends             []string
		sizes             string
		prompt, generated string
	}{
		"totals at the end":       {byText, list(token("x"), token("x"), last("x"), usageOf(7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"choices null":            {byText, list(token("x"), last("x"), `{"choices":null,"usage":{"prompt_tokens":7,"completion_tokens":2}}`, "[DONE]"), "1 1", "7", "2"},
		"a list for an object":    {byText, list(token("x"), last("x"), `{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"prompt_tokens_details":[]}}`, "[DONE]"), "1 1", "7", "2"},
		"counts with a point":     {byText, list(token("x"), last("x"), `{"choices":[],"usage":{"prompt_tokens":7.0,"completion_tokens":2.0}}`, "[DONE]"), "1 1", "7", "2"},
		"content in parts":        {byText, list(`{"choices":[{"delta":{"content":[{"type":"text","text":"x"}]}}]}`, emptyEnd, usageOf(7, 1), "[DONE]"), "1", "7", "1"},
		"usage in an empty delta": {byText, list(token("x"), last("x"), with(emptyDelta, 7, 2), "[DONE]"), "1 1", "7", "2"},
		"and before the finish":   {byUsage, list(token("x"), last("x"), with(emptyDelta, 7, 2), "[DONE]"), "1 1", "7", "2"},
		"and in an empty text":    {byText, list(token("x"), last("x"), with(last(""), 7, 2), "[DONE]"), "1 1", "7", "2"},

		"running usage":                     {byUsage, list(running(1, 3), with(last("x"), 7, 4), usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"running usage in leaps":            {byUsage, list(running(2, 2), running(5, 5), with(last("x"), 7, 6), "[DONE]"), "2 3 1", "7", "6"},
		"running usage, empty in between":   {byUsage, list(running(1, 2), with(emptyDelta, 7, 3), with(last("x"), 7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"running usage behind by one":       {byUsage, list(running(0, 2), with(last("x"), 7, 3), usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"running usage that falls":          {byUsage, list(running(1, 2), running(1, 1), with(last("x"), 7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"running usage short of the total":  {byUsage, list(running(1, 2), with(last("x"), 7, 3), usageOf(7, 6), "[DONE]"), "0 0 0", "7", "6"},
		"usage that does not move":          {byUsage, list(repeat(with(token("x"), 7, 4), 3), with(last("x"), 7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"usage of zeros, then totals":       {byUsage, list(zeros, with(emptyEnd, 0, 0), usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"usage of zeros to the end":         {byUsage, list(zeros, with(emptyEnd, 0, 0), "[DONE]"), "1 1 1 1", "-", "4"},
		"usage in the last chunk alone":     {byUsage, list(repeat(token("x"), 3), with(last("x"), 7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"usage of null":                     {byUsage, list(repeat(strings.Replace(token("x"), "{", `{"usage":null,`, 1), 3), last("x"), usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"usage that is said and then wiped": {byText, list(token("x"), last("x"), usageOf(7, 2), `{"choices":[],"usage":{"prompt_tokens":null,"completion_tokens":0}}`, "[DONE]"), "1 1", "7", "2"},
		"usage in two parts":                {byText, list(`{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":0}}`, token("x"), last("x"), `{"choices":[],"usage":{"completion_tokens":2}}`, "[DONE]"), "1 1", "7", "2"},
		"usage of the prompt alone":         {byText, list(token("x"), last("x"), `{"choices":[],"usage":{"prompt_tokens":7}}`, "[DONE]"), "1 1", "7", "2"},
		"an absurd usage":                   {byUsage, list(with(token("x"), 7, 1<<40), last("x"), "[DONE]"), "0 0", "7", "1099511627776"},
		"an absurd usage of one chunk":      {byText, list(last("x"), usageOf(7, 1<<32+1), "[DONE]"), "0", "7", "4294967297"},

		"a role first":                 {byText, list(roleOnly, token("x"), last("x"), usageOf(7, 2), "[DONE]"), "1 1", "7", "2"},
		"empty first":                  {byText, list(emptyDelta, token("x"), last("x"), usageOf(7, 2), "[DONE]"), "1 1", "7", "2"},
		"empty first, without a total": {byText, list(emptyDelta, token("x"), last("x"), "[DONE]"), "1 1", "-", "2"},
		"pending characters":           {byText, list(token("x"), emptyDelta, emptyDelta, token("é"), last("x"), usageOf(7, 5), "[DONE]"), "1 1 1 1 1", "7", "5"},
		"pending, without a total":     {byText, list(token("x"), emptyDelta, emptyDelta, token("é"), last("x"), "[DONE]"), "1 1 1", "-", "3"},
		"pending, an empty end":        {byText, list(token("x"), emptyDelta, token("é"), emptyEnd, usageOf(7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"pending, a silent last":       {byText, list(token("x"), emptyDelta, token("é"), emptyEnd, usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"all empty":                    {byText, list(emptyDelta, emptyDelta, emptyDelta, emptyEnd, usageOf(7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"all empty, the end as well":   {byText, list(emptyDelta, emptyDelta, emptyDelta, emptyEnd, usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"a role in each": {byText, list(
			strings.Replace(roleOnly, `:""`, `:"x"`, 1), roleOnly, strings.Replace(roleOnly, `:""`, `:"é"`, 1), strings.Replace(roleOnly, "null", `"length"`, 1), usageOf(7, 3), "[DONE]"),
			"1 1 1", "7", "3"},
		"a role in each, a silent last": {byText, list(
			strings.Replace(roleOnly, `:""`, `:"x"`, 1), strings.Replace(roleOnly, `:""`, `:"y"`, 1), strings.Replace(roleOnly, "null", `"stop"`, 1), usageOf(7, 3), "[DONE]"),
			"1 1 1", "7", "3"},

		"empty first, a silent last":   {byText, list(emptyDelta, token("x"), token("y"), emptyEnd, usageOf(7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"pending first":                {byText, list(emptyDelta, emptyDelta, token("é"), last("x"), usageOf(7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"pending first, a silent last": {byText, list(emptyDelta, emptyDelta, token("é"), emptyEnd, usageOf(7, 4), "[DONE]"), "4", "7", "4"},
		"all empty, running usage":     {byUsage, list(with(emptyDelta, 7, 1), with(emptyDelta, 7, 2), with(emptyEnd, 7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"all empty, each said":         {byTokens, repeat(strings.Replace(emptyEnd, `"index"`, `"token_ids":[1],"index"`, 1), 3), "1 1 1", "-", "3"},
		"running usage, late by one":   {byUsage, list(with(token("x"), 7, 0), with(token("x"), 7, 2), with(token("x"), 7, 2), with(last("x"), 7, 4), "[DONE]"), "1 1 1 1", "7", "4"},
		"an empty end":                 {byText, list(token("x"), token("x"), emptyEnd, usageOf(7, 2), "[DONE]"), "1 1", "7", "2"},
		"a silent last":                {byText, list(token("x"), token("x"), emptyEnd, usageOf(7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"a silent last, no total":      {byText, list(token("x"), token("x"), emptyEnd, "[DONE]"), "1 1", "-", "2"},
		"two missing":                  {byText, list(token("x"), token("x"), emptyEnd, usageOf(7, 4), "[DONE]"), "0 0", "7", "4"},
		"four per chunk":               {byText, list(token("xxxx"), token("xxxx"), token("xx"), emptyEnd, usageOf(7, 10), "[DONE]"), "0 0 0", "7", "10"},
		"four per chunk, ids said":     {byTokens, list(strings.Replace(token("xxxx"), `"index"`, `"token_ids":[1,2,3,4],"index"`, 1), strings.Replace(token("xx"), `"index"`, `"token_ids":[5,6],"index"`, 1), emptyEnd, usageOf(7, 6), "[DONE]"), "4 2", "7", "6"},
		"fewer than chunks":            {byText, list(token("x"), token("x"), token("x"), last("x"), usageOf(7, 3), "[DONE]"), "0 0 0 0", "7", "3"},
		"one chunk with all":           {byText, list(last("x x x x"), usageOf(7, 4), "[DONE]"), "4", "7", "4"},
		"one with all, empty end":      {byText, list(token("x x x x"), emptyEnd, usageOf(7, 4), "[DONE]"), "4", "7", "4"},
		"one with all, no total":       {byText, list(last("x x x x"), "[DONE]"), "1", "-", "1"},

		"[DONE] and usage, no finish": {byText, list(token("x"), token("x"), usageOf(7, 2), "[DONE]"), "1 1", "7", "2"},
		"no finish, no usage":         {byText, list(token("x"), token("x"), "[DONE]"), "1 1", "-", "2"},
		"no [DONE]":                   {byText, list(token("x"), last("x"), usageOf(7, 2)), "1 1", "7", "2"},
		"more behind [DONE]":          {byText, list(token("x"), last("x"), usageOf(7, 2), "[DONE]", token("y"), usageOf(9, 9)), "1 1", "7", "2"},
		"no reason is none":           {byText, list(strings.Replace(last("x"), "length", "", 1), strings.Replace(last("x"), "length", "null", 1), last("x"), usageOf(7, 3), "[DONE]"), "1 1 1", "7", "3"},
		"tool calls":                  {byText, list(`{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]}`, emptyEnd, usageOf(7, 1), "[DONE]"), "1", "7", "1"},
	} {
		p := openAIFor(t, serve(t, func(got call) bool { return events(got.conn, c.sends...) }), nil)
		p.by = c.by
		o := once(t, p, 4)
		if o.Status != record.OK || sizes(o.Chunks) != c.sizes || count(o.Prompt) != c.prompt || count(o.Generated) != c.generated {
			t.Errorf("%s: %s %q, chunks of %q, %s prompt and %s generated tokens; want %q, %s, %s", name,
				o.Status, o.Error, sizes(o.Chunks), count(o.Prompt), count(o.Generated), c.sizes, c.prompt, c.generated)
		}
		if n := len(o.Chunks); n > 0 && (o.Latency.Float() != o.Chunks[n-1].At || o.End.Float() < o.Latency.Float()) {
			t.Errorf("%s: the latency is %v, the end %v, the last of the chunks %v", name, o.Latency, o.End, o.Chunks)
		}
	}
}

// Reasoning counts as generated, and the first token that is none is reported.
func TestReasoning(t *testing.T) {
	think := func(text string) string {
		return `{"choices":[{"delta":{"role":"assistant","content":null,"reasoning_content":"` + text + `"}}]}`
	}
	say := func(text string) string {
		return `{"choices":[{"delta":{"role":"assistant","content":"` + text + `","reasoning_content":null}}]}`
	}
	total := `{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":2}}}`
	for name, c := range map[string]struct {
		sends   []string
		visible int // chunk; -1: as the first
	}{
		"first":        {list(think("a"), think("b"), say("c"), say("d"), emptyEnd, total, "[DONE]"), 2},
		"none":         {list(say("a"), say("b"), say("c"), say("d"), emptyEnd, total, "[DONE]"), -1},
		"behind":       {list(say("a"), think("b"), think("c"), say("d"), emptyEnd, total, "[DONE]"), -1},
		"nothing else": {list(think("a"), think("b"), think("c"), think("d"), emptyEnd, total, "[DONE]"), -1},
	} {
		o := once(t, openAIFor(t, serve(t, func(got call) bool { return events(got.conn, c.sends...) }), func(o *Options) { o.Chat = true }), 4)
		if o.Status != record.OK || sizes(o.Chunks) != "1 1 1 1" || o.Reasoning.Int() != 2 || o.Visible.Known() != (c.visible >= 0) {
			t.Errorf("%s: %+v", name, o)
		}
		if c.visible >= 0 && o.Visible.Float() != o.Chunks[c.visible].At {
			t.Errorf("%s: visible at %v of %v", name, o.Visible, o.Chunks)
		}
	}
}

// What keeps a connection open, or belongs to another protocol, is not a token.
func TestBeatsAreNoTokens(t *testing.T) {
	url := serve(t, func(c call) bool {
		return events(c.conn, "\ufeff: OPENROUTER PROCESSING\r\n\r\n", "data:\n\n", "data: \n\n", "data\n\n", "event: ping\ndata: {\"type\":\"ping\"}\n\n",
			"data: ping\n\n", "retry: 100\n\n", "event: message\rid: 1\r: beat\rdata:"+token("x")+"\r\r", ": beat\n\n",
			"data: {\"type\":\"heartbeat\"}\n\n", `{"object":"chat.completion.chunk","choices":[]}`, "event: metrics\ndata: {\"gpu\":1}\n\n",
			"data:"+last("x")+"\r\n\r\n", "data: null\n\n", "data: "+usageOf(7, 2)+"\n\n", "data: [DONE]\n\n", ": bye\n\n")
	})
	if o := once(t, openAIFor(t, url, nil), 2); o.Status != record.OK || sizes(o.Chunks) != "1 1" || o.Generated.Int() != 2 {
		t.Errorf("%+v", o)
	}
}
