package dialect

import (
	"fmt"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

// named is an event whose name repeats the type in its data.
func named(kind, fields string) string {
	return "event: " + kind + "\ndata: {\"type\":\"" + kind + "\"" + fields + "}\n\n"
}

func respond(n int) (all []string) {
	for range n {
		all = append(all, named("response.output_text.delta", `,"item_id":"i","output_index":0,"content_index":0,"delta":"x"`))
	}
	return all
}

func responded(kind, status string, generated, reasoning int) string {
	return named("response."+kind, fmt.Sprintf(`,"response":{"object":"response","id":"r","status":%q,"error":null,"output":[{"type":"message","content":[{"type":"output_text","text":"xx"}]}],`+
		`"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":%d,"output_tokens_details":{"reasoning_tokens":%d}}}`, status, generated, reasoning))
}

var responseHead = []string{
	named("response.created", `,"response":{"object":"response","status":"in_progress","output":[],"usage":null,"error":null}`),
	named("response.output_item.added", `,"item":{"type":"message","content":[]}`),
	named("response.content_part.added", `,"part":{"type":"output_text","text":""}`),
}

func TestStreamsOfResponses(t *testing.T) {
	thinks := named("response.reasoning_text.delta", `,"delta":"hm"`)
	for name, c := range map[string]struct {
		sends            []string
		status           record.Status
		sizes, generated string
		words            string
	}{
		"complete":        {list(responseHead, respond(2), named("response.output_text.done", `,"text":"xx"`), responded("completed", "completed", 2, 0)), record.OK, "1 1", "2", ""},
		"the length":      {list(responseHead, respond(2), responded("incomplete", "incomplete", 2, 0)), record.OK, "1 1", "2", ""},
		"with [DONE]":     {list(respond(2), responded("completed", "completed", 2, 0), "[DONE]"), record.OK, "1 1", "2", ""},
		"several each":    {list(respond(2), responded("completed", "completed", 5, 0)), record.OK, "0 0", "5", ""},
		"all in one":      {list(respond(1), responded("completed", "completed", 5, 0)), record.OK, "5", "5", ""},
		"reasoning":       {list(thinks, thinks, respond(1), responded("completed", "completed", 3, 2)), record.OK, "1 1 1", "3", ""},
		"a refusal":       {list(named("response.refusal.delta", `,"delta":"no"`), responded("completed", "completed", 1, 0)), record.OK, "1", "1", ""},
		"a tool":          {list(named("response.function_call_arguments.delta", `,"delta":"{"`), responded("completed", "completed", 1, 0)), record.OK, "1", "1", ""},
		"no usage":        {list(respond(2), named("response.completed", `,"response":{"status":"completed","usage":null}`)), record.OK, "1 1", "2", ""},
		"nothing":         {list(responseHead, responded("completed", "completed", 0, 0)), record.Failed, "", "0", "had no token"},
		"thought unseen":  {list(responseHead, responded("incomplete", "incomplete", 16, 16)), record.Failed, "", "16", "had no token"},
		"cut":             {list(responseHead, respond(2)), record.Failed, "1 1", "2", "without a finish reason"},
		"failed":          {list(respond(1), named("response.failed", `,"response":{"status":"failed","error":{"code":"server_error","message":"boom"}}`)), record.Failed, "1", "1", "boom"},
		"failed silently": {list(respond(1), named("response.failed", `,"response":{"status":"failed","error":null}`)), record.Failed, "1", "1", "failed"},
		"an error":        {list(respond(1), named("error", `,"code":"x","message":"boom","param":null`)), record.Failed, "1", "1", "boom"},
	} {
		o := once(t, newServer(t, "responses", serve(t, func(got call) bool { return events(got.conn, c.sends...) }), nil), 4)
		if o.Status != c.status || sizes(o.Chunks) != c.sizes || count(o.Generated) != c.generated || !strings.Contains(string(o.Error), c.words) {
			t.Errorf("%s: %+v", name, o)
		}
		if known := strings.Contains(strings.Join(c.sends, ""), "cached"); known != (o.Prompt.Int() == 7 && o.Cached.Int() == 3) || o.Visible.Known() != (name == "reasoning") {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestWholeAnswersOfResponses(t *testing.T) {
	for name, c := range map[string]struct {
		body      string
		generated string
		words     string
	}{
		"complete": {`{"object":"response","status":"completed","error":null,"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"xx"}]}],"usage":{"input_tokens":7,"output_tokens":5,"output_tokens_details":{"reasoning_tokens":3}}}`, "5", ""},
		"length":   {`{"object":"response","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[],"usage":{"input_tokens":7,"output_tokens":16,"output_tokens_details":{"reasoning_tokens":16}}}`, "16", ""},
		"failed":   {`{"object":"response","status":"failed","error":{"message":"boom"},"output":[],"usage":null}`, "-", "boom"},
		"nothing":  {`{"object":"response","status":"completed","output":[],"usage":{"input_tokens":7,"output_tokens":0}}`, "0", "no token"},
	} {
		o := once(t, newServer(t, "responses", serve(t, func(got call) bool { return plain(got.conn, 200, c.body) }), whole), 4)
		if (o.Status == record.OK) != (c.words == "") || count(o.Generated) != c.generated || !strings.Contains(string(o.Error), c.words) || len(o.Chunks) > 0 {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func say(kind, text string) string {
	return named("content_block_delta", `,"index":0,"delta":{"type":"`+kind+`_delta","`+kind+`":"`+text+`"}`)
}

const messageStart = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":4,\"cache_creation_input_tokens\":1,\"cache_read_input_tokens\":2,\"output_tokens\":1}}}\n\n"

func ended(reason string, generated int) []string {
	return []string{
		named("message_delta", fmt.Sprintf(`,"delta":{"stop_reason":%q},"usage":{"output_tokens":%d}`, reason, generated)),
		named("message_stop", ""),
	}
}

func TestStreamsOfMessages(t *testing.T) {
	block := named("content_block_start", `,"index":0,"content_block":{"type":"text","text":""}`)
	beat := named("ping", "")
	for name, c := range map[string]struct {
		sends            []string
		status           record.Status
		sizes, generated string
		words            string
	}{
		"complete":     {list(messageStart, block, beat, say("text", "x"), say("text", "y"), named("content_block_stop", ""), ended("max_tokens", 2)), record.OK, "1 1", "2", ""},
		"several each": {list(messageStart, block, say("text", "x y"), say("text", "z w"), ended("end_turn", 4)), record.OK, "0 0", "4", ""},
		"all in one":   {list(messageStart, block, say("text", "x y"), ended("end_turn", 4)), record.OK, "4", "4", ""},
		"thinking":     {list(messageStart, say("thinking", "x"), say("thinking", "y"), named("content_block_delta", `,"delta":{"type":"signature_delta","signature":"abc"}`), block, say("text", "z"), ended("end_turn", 3)), record.OK, "1 1 1", "3", ""},
		"a tool":       {list(messageStart, named("content_block_delta", `,"delta":{"type":"input_json_delta","partial_json":"{"}`), ended("tool_use", 1)), record.OK, "1", "1", ""},
		"nothing":      {list(messageStart, block, ended("end_turn", 0)), record.Failed, "", "0", "had no token"},
		"cut":          {list(messageStart, block, say("text", "x")), record.Failed, "1", "1", "without a finish reason"},
		"an error":     {list(messageStart, block, say("text", "x"), named("error", `,"error":{"type":"overloaded_error","message":"Overloaded"}`)), record.Failed, "1", "1", "Overloaded"},
	} {
		o := once(t, newServer(t, "messages", serve(t, func(got call) bool { return events(got.conn, c.sends...) }), nil), 4)
		if o.Status != c.status || sizes(o.Chunks) != c.sizes || count(o.Generated) != c.generated || !strings.Contains(string(o.Error), c.words) {
			t.Errorf("%s: %+v", name, o)
		}
		if o.Prompt.Int() != 7 || o.Cached.Int() != 2 || o.Visible.Known() != (name == "thinking") {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestWholeAnswersOfMessages(t *testing.T) {
	for name, c := range map[string]struct {
		status    int
		body      string
		generated string
		words     string
	}{
		"complete":   {200, `{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"xx"}],"stop_reason":"end_turn","usage":{"input_tokens":5,"cache_read_input_tokens":2,"output_tokens":4}}`, "4", ""},
		"nothing":    {200, `{"type":"message","role":"assistant","content":[],"stop_reason":"end_turn","usage":{"input_tokens":5,"cache_read_input_tokens":2,"output_tokens":0}}`, "0", "no token"},
		"an error":   {200, `{"type":"error","error":{"type":"api_error","message":"boom"}}`, "-", "boom"},
		"overloaded": {529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, "-", "HTTP 529 : Overloaded"},
	} {
		o := once(t, newServer(t, "messages", serve(t, func(got call) bool { return plain(got.conn, c.status, c.body) }), whole), 4)
		if (o.Status == record.OK) != (c.words == "") || count(o.Generated) != c.generated || !strings.Contains(string(o.Error), c.words) || len(o.Chunks) > 0 {
			t.Errorf("%s: %+v", name, o)
		}
		if c.generated != "-" && (o.Prompt.Int() != 7 || o.Cached.Int() != 2) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// A server whose one token shows nothing is ready all the same: it may have
// gone into reasoning. How tokens are counted is reported when it is known.
func TestReadyAndLearnOfResponsesAndMessages(t *testing.T) {
	for protocol, c := range map[string]struct{ one, several []string }{
		"responses": {list(responseHead, responded("incomplete", "incomplete", 16, 16)), list(respond(6), responded("incomplete", "incomplete", 18, 0))},
		"messages":  {list(messageStart, ended("max_tokens", 1)), list(messageStart, say("text", "a b c"), say("text", "d"), ended("max_tokens", 18))},
	} {
		s := newServer(t, protocol, serve(t, func(got call) bool {
			if strings.Contains(got.text, ":18") {
				return events(got.conn, c.several...)
			}
			return events(got.conn, c.one...)
		}), nil)
		if err := s.Ready(background(t)); err != nil {
			t.Errorf("%s: %v", protocol, err)
		}
		var notes []string
		err := s.Learn(background(t), func(note string) { notes = append(notes, note) })
		if all := strings.Join(notes, "|"); err != nil || !strings.Contains(all, "no ignore_eos") || !strings.Contains(all, "18 tokens in") {
			t.Errorf("%s: %v, notes %q", protocol, err, notes)
		}
		if n, err := s.Count(background(t), "x"); n != 7 || err != nil {
			t.Errorf("%s: counted %d, %v", protocol, n, err)
		}
		if s.TokenIDs(background(t)) != nil {
			t.Errorf("%s: ids", protocol)
		}
	}
}
