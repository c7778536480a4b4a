package stream

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

var responses = []want{
	{"text", `response.output_text.delta> {"type":"response.output_text.delta","item_id":"msg_67","output_index":0,"content_index":0,"delta":"Hi","logprobs":[],"sequence_number":4}`, Event{Choice: true, Text: true}, false},
	{"no text", `{"type":"response.output_text.delta","delta":""}`, Event{Choice: true}, false},
	{"a type in the name alone", `response.output_text.delta> {"delta":"Hi"}`, Event{Choice: true, Text: true}, true},
	{"reasoning", `{"type":"response.reasoning_text.delta","delta":"hm"}`, Event{Choice: true, Reasoning: true}, false},
	{"summary", `{"type":"response.reasoning_summary_text.delta","delta":"hm"}`, Event{Choice: true, Reasoning: true}, false},
	{"arguments", `{"type":"response.function_call_arguments.delta","delta":"{\"a"}`, Event{Choice: true, Text: true}, false},
	{"refusal", `{"type":"response.refusal.delta","delta":"no"}`, Event{Choice: true, Text: true}, false},
	{"completed", `{"type":"response.completed","response":{"object":"response","status":"completed","error":null,"output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":37,"input_tokens_details":{"cached_tokens":32},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":48}}}`,
		Event{Last: true, Finish: Finished, Usage: counts(37, 11, 32, 5)}, false},
	{"incomplete", `{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":37,"output_tokens":11.0}}}`,
		Event{Last: true, Finish: Finished, Usage: counts(37, 11, -1, -1)}, true},
	{"whole", `{"object":"response","status":"completed","error":null,"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":3,"output_tokens":2}}`,
		Event{Choice: true, Text: true, Reasoning: true, Finish: Finished, Usage: counts(3, 2, -1, -1)}, true},
	{"whole, incomplete, empty", `{"object":"response","status":"incomplete","output":[],"usage":{"input_tokens":3,"output_tokens":2}}`,
		Event{Choice: true, Finish: Finished, Usage: counts(3, 2, -1, -1)}, false},
	{"whole, cancelled", `{"object":"response","status":"cancelled","output":[]}`, Event{Choice: true, Finish: Aborted}, true},
	{"the end", "[DONE]", Event{Last: true}, true},
}

func TestResponses(t *testing.T) {
	check(t, Responses, inTypedEvent, responses)
	passOver(t, Responses, keepAlives...)
	passOver(t, Responses, `{"type":"response.created","response":{"object":"response","status":"in_progress","output":[],"usage":null,"error":null}}`,
		`{"type":"response.in_progress","response":{"status":"in_progress"}}`, `{"type":"response.output_item.added","item":{"type":"message","content":[]}}`,
		`{"type":"response.content_part.added","part":{"type":"output_text","text":""}}`, `{"type":"response.output_text.done","text":"Hi"}`, `ping> {"delta":"x"}`)
	fail(t, Responses, failures)
	fail(t, Responses, map[string]string{
		`{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"boom"}}}`: "reports boom",
		`{"type":"response.failed","response":{"status":"failed","error":null}}`:                                     "failed, but not why",
		`{"object":"response","status":"failed","output":[]}`:                                                        "failed, but not why",
		`{"object":"response","status":"failed","error":{"message":"boom"}}`:                                         "reports boom",
		`error> {"type":"error","code":"ERR","message":"boom","param":null,"sequence_number":1}`:                     "reports boom",
	})
}

var messages = []want{
	{"start", `message_start> {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_read_input_tokens":100,"cache_creation_input_tokens":7,"output_tokens":1}}}`,
		Event{Choice: true, Role: true, Usage: counts(132, -1, 100, -1)}, false},
	{"start without a cache", `{"type":"message_start","message":{"role":"assistant","usage":{"input_tokens":25,"output_tokens":1}}}`,
		Event{Choice: true, Role: true, Usage: counts(25, -1, -1, -1)}, false},
	{"text", `content_block_delta> {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}`, Event{Choice: true, Text: true}, false},
	{"no text", `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}`, Event{Choice: true}, false},
	{"thinking", `{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`, Event{Choice: true, Reasoning: true}, false},
	{"arguments", `{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a"}}`, Event{Choice: true, Text: true}, false},
	{"a block that begins with text", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"H"}}`, Event{Choice: true, Text: true}, true},
	{"delta", `{"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":15}}`, Event{Finish: Finished, Usage: counts(-1, 15, -1, -1)}, false},
	{"delta with all counts", `{"type":"message_delta","delta":{"stop_reason":"refusal"},"usage":{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":0}}`,
		Event{Finish: Finished, Usage: counts(15, 0, 5, -1)}, false},
	{"delta that says no prompt", `{"type":"message_delta","delta":{},"usage":{"cache_read_input_tokens":5,"output_tokens":3}}`, Event{Usage: counts(-1, 3, 5, -1)}, false},
	{"all of the prompt cached", `{"type":"message_start","message":{"role":"assistant","usage":{"input_tokens":0,"cache_read_input_tokens":5}}}`, Event{Choice: true, Role: true, Usage: counts(5, -1, 5, -1)}, false},
	{"stop", `{"type":"message_stop"}`, Event{Last: true}, false},
	{"whole", `{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}`,
		Event{Choice: true, Text: true, Reasoning: true, Role: true, Finish: Finished, Usage: counts(3, 2, -1, -1)}, true},
	{"whole, a tool", `{"type":"message","content":[{"type":"tool_use","input":{"city":"Bonn"}}],"stop_reason":"tool_use"}`, Event{Choice: true, Text: true, Finish: Finished}, true},
}

func TestMessages(t *testing.T) {
	check(t, Messages, inMessagesEvent, messages)
	passOver(t, Messages, keepAlives...)
	passOver(t, Messages, `ping> {"type": "ping"}`, `{"type":"content_block_stop","index":0}`, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"f","input":{}}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQ"}}`)
	fail(t, Messages, failures)
	fail(t, Messages, map[string]string{`error> {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`: "reports Overloaded"})
}

var tgis = []want{
	{"token", `{"index":1,"token":{"id":1,"text":" a","logprob":-0.3,"special":false},"generated_text":null,"details":null}`, Event{Choice: true, Text: true, Tokens: CountOf(1)}, true},
	{"end of text", `{"token":{"id":2,"text":"</s>","special":true},"generated_text":"abc","details":{"finish_reason":"eos_token","generated_tokens":3,"input_length":5}}`,
		Event{Choice: true, Tokens: CountOf(1), Last: true, Finish: Finished, Usage: counts(5, 3, -1, -1)}, true},
	{"whole", `{"generated_text":"abc","details":{"finish_reason":"length","generated_tokens":3,"prefill":[{},{}]}}`,
		Event{Choice: true, Text: true, Last: true, Finish: Finished, Usage: counts(2, 3, -1, -1)}, true},
	{"whole, without details", `{"generated_text":"abc"}`, Event{Choice: true, Text: true, Last: true, Finish: Finished}, true},
}

func TestTGI(t *testing.T) {
	check(t, TGI, elsewhere, tgis)
	passOver(t, TGI, keepAlives...)
	fail(t, TGI, failures)
	fail(t, TGI, map[string]string{`{"error":"Request failed during generation","error_type":"generation"}`: "reports Request failed"})
}

// captured are the messages of a file of testdata: the request, and what a MII
// server answered (deepspeed-mii 0.3.3, its GPU engine simulated).
func captured(t testing.TB, name string) (request []byte, answers [][]byte) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		asked, isRequest := strings.CutPrefix(line, "# request ")
		if strings.HasPrefix(line, "#") && !isRequest || line == "" {
			continue
		}
		message, err := hex.DecodeString(asked)
		if err != nil {
			t.Fatal(err)
		}
		if isRequest {
			request = message
		} else {
			answers = append(answers, message)
		}
	}
	return request, answers
}

// options parts a request into its entries, which come in any order.
func options(t *testing.T, request []byte) (entries []string) {
	t.Helper()
	err := eachField(request, func(number protowire.Number, value []byte, _ uint64) error {
		entries = append(entries, fmt.Sprintf("%d %x", number, value))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(entries)
	return entries
}

func TestMII(t *testing.T) {
	request, stream := captured(t, "mii-stream.txt")
	if got, want := options(t, AppendMIIRequest(nil, "ba be bi", 4, true)), options(t, request); !slices.Equal(got, want) {
		t.Errorf("request %q, want %q", got, want)
	}
	for i, answer := range stream {
		want := Event{Choice: true, Text: i < 2, Tokens: CountOf(1), Usage: counts(4, i+1, -1, -1)}
		if i == 4 {
			want = Event{Finish: Finished, Tokens: CountOf(0), Usage: counts(4, 4, -1, -1)}
		}
		if e, err := MII(answer); e != want || err != nil {
			t.Errorf("message %d: %+v, %v; want %+v", i, e, err, want)
		}
	}
	if n := testing.AllocsPerRun(10, func() { _, _ = MII(stream[0]) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	_, whole := captured(t, "mii-unary.txt")
	if e, err := MII(whole[0]); err != nil || e.Finish != Finished || !e.Text || e.Tokens != CountOf(0) || e.Usage.Completion.Int() != 4 {
		t.Errorf("%+v, %v", e, err)
	}
	for _, garbage := range []string{"", "\x00", "\x0a\xff", "\x0a\x02\x18", "\x10\x01"} {
		if e, err := MII([]byte(garbage)); !errors.Is(err, errMII) {
			t.Errorf("%q: %+v, %v", garbage, e, err)
		}
	}
}
