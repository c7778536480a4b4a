package stream

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type parser func(Message) (Event, bool, error)

// want is what a message is to be read as, in few words.
type want struct {
	name, data string // the name in front of a ">" is that of the event
	Event
	slow bool // left to encoding/json
}

func message(text string) Message {
	if name, data, ok := strings.Cut(text, "> "); ok && !strings.ContainsAny(name, "{\"") {
		return Message{Name: []byte(name), Data: []byte(data)}
	}
	return Message{Data: []byte(text)}
}

func counts(prompt, completion, cached, reasoning int) Usage {
	return Usage{CountOf(prompt), CountOf(completion), CountOf(cached), CountOf(reasoning)}
}

// The chunks as the servers send them. A count of -1 is not said.
var chunks = []want{
	{"vllm token", `{"id":"cmpl-8","object":"text_completion","created":1795428335,"model":"tiny","choices":[{"index":0,"text":"menju","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":null,"token_ids":null}]}`,
		Event{Choice: true, Text: true}, false},
	{"vllm token with ids and running usage", `{"id":"cmpl-a","object":"text_completion","created":1795428335,"model":"tiny","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":null,"stop_reason":null,"prompt_token_ids":[5,6,7],"token_ids":[3723, 12]}],"usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2}}`,
		Event{Choice: true, Tokens: CountOf(2), Usage: counts(3, 2, -1, -1)}, false},
	{"vllm last token", `{"choices":[{"index":0,"text":" \"quoted\" \u00e9","logprobs":null,"finish_reason":"length","stop_reason":null}],"system_fingerprint":"vllm-0.32.0"}`,
		Event{Choice: true, Text: true, Finish: Finished}, false},
	{"vllm usage", `{"id":"cmpl-a","choices":[],"usage":{"prompt_tokens":17,"total_tokens":21,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":16}},"metrics":{"queue_time_ms":0,"time_to_first_token_ms":1.25e1}}`,
		Event{Usage: counts(17, 4, 16, -1), QueueS: spanOf(0), TTFTS: spanOf(12.5)}, false},
	{"vllm chat role", `{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null,"prompt_text":null}`,
		Event{Choice: true, Role: true}, false},
	{"vllm chat token", `{"choices":[{"index":0,"delta":{"content":" kofiso"},"logprobs":null,"finish_reason":null,"token_ids":null}]}`,
		Event{Choice: true, Text: true}, false},
	{"vllm aborted", `{"choices":[{"index":0,"text":"","finish_reason":"abort"}]}`,
		Event{Choice: true, Finish: Aborted}, false},
	{"llama-server last", `{"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"length"}],"created":1795429304,"usage":{"completion_tokens":3,"prompt_tokens":5,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":0}},"timings":{"cache_n":0,"prompt_n":5,"prompt_ms":33.908,"predicted_n":3,"predicted_per_second":82.17}}`,
		Event{Choice: true, Finish: Finished, Usage: counts(5, 3, 0, -1), Running: CountOf(3), TTFTS: spanOf(33.908)}, false},
	{"llama-server last, of a version whose usage says nothing of the cache", `{"choices":[{"text":"","index":0,"finish_reason":"length"}],"usage":{"completion_tokens":3,"prompt_tokens":105,"total_tokens":108},"timings":{"cache_n":75,"prompt_n":30,"predicted_n":3}}`,
		Event{Choice: true, Finish: Finished, Usage: counts(105, 3, 75, -1), Running: CountOf(3)}, false},
	{"llama-server chat role", `{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}]}`, Event{Choice: true, Role: true}, false},
	{"DeepSeek thinks", `{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"x "},"finish_reason":null}]}`,
		Event{Choice: true, Role: true, Reasoning: true}, false},
	{"DeepSeek usage", `{"choices":[{"delta":{"content":"","reasoning_content":null},"finish_reason":"length"}],"usage":{"prompt_tokens":7,"completion_tokens":9,"prompt_cache_hit_tokens":5,"completion_tokens_details":{"reasoning_tokens":4}}}`,
		Event{Choice: true, Finish: Finished, Usage: counts(7, 9, 5, 4)}, false},
	{"reasoning", `{"choices":[{"delta":{"reasoning":"hm"}}]}`, Event{Choice: true, Reasoning: true}, false},
	{"a key of another case", `{"choices":[{"text":"a","Text":""}],"systemFingerprint":"x"}`, Event{Choice: true, Text: true}, false},
	{"several choices", `{"choices":[{"text":"","index":0,"token_ids":[1]},{"text":"b","index":1,"finish_reason":"stop","token_ids":[2,3]}]}`,
		Event{Choice: true, Text: true, Finish: Finished, Tokens: CountOf(3)}, false},

	{"choices null", `{"choices":null,"usage":{"prompt_tokens":1,"completion_tokens":2}}`, Event{Usage: counts(1, 2, -1, -1)}, false},
	{"choices missing", `{"usage":{"prompt_tokens":1}}`, Event{Usage: counts(1, -1, -1, -1)}, false},
	{"nothing but choices null", `{"choices":null}`, Event{}, false},
	{"a choice that is null", `{"choices":[null]}`, Event{}, true},
	{"one choice, not in a list", `{"choices":{"text":"a"}}`, Event{Choice: true, Text: true}, true},
	{"delta null", `{"choices":[{"delta":null}]}`, Event{Choice: true}, false},
	{"an empty delta with usage", `{"choices":[{"index":0,"text":"","delta":{},"finish_reason":null}],"usage":{"prompt_tokens":4,"completion_tokens":10}}`,
		Event{Choice: true, Usage: counts(4, 10, -1, -1)}, false},
	{"content in parts", `{"choices":[{"delta":{"content":[{"type":"text","text":"x"}]}}]}`, Event{Choice: true, Text: true}, true},
	{"content in empty parts", `{"choices":[{"delta":{"content":[{"type":"text","text":""}]}}]}`, Event{Choice: true}, true},
	{"no parts", `{"choices":[{"delta":{"content":[],"tool_calls":[]}}]}`, Event{Choice: true}, false},
	{"parts that think", `{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}}]}`, Event{Choice: true, Reasoning: true}, true},
	{"text of a strange type", `{"choices":[{"text":5,"finish_reason":7}]}`, Event{Choice: true}, true},
	{"a refusal", `{"choices":[{"delta":{"refusal":"no"}}]}`, Event{Choice: true, Text: true}, false},
	{"a tool call begins", `{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}}]}`, Event{Choice: true}, true},
	{"a tool call", `{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]}`, Event{Choice: true, Text: true}, true},
	{"a whole chat", `{"object":"chat.completion","choices":[{"message":{"role":"assistant","content":"x","reasoning_content":"y"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`,
		Event{Choice: true, Text: true, Reasoning: true, Role: true, Finish: Finished, Usage: counts(1, 2, -1, -1)}, false},

	{"counts as floats", `{"choices":[],"usage":{"prompt_tokens":10.0,"completion_tokens":1e1}}`, Event{Usage: counts(10, 10, -1, -1)}, true},
	{"counts as text", `{"choices":[],"usage":{"prompt_tokens":"10","completion_tokens":"7.0"}}`, Event{Usage: counts(10, 7, -1, -1)}, true},
	{"counts that say nothing", `{"choices":[],"usage":{"prompt_tokens":null,"completion_tokens":-1,"cached_tokens":1.5,"reasoning_tokens":{}}}`, Event{}, true},
	{"counts beyond all bounds", `{"choices":[],"usage":{"prompt_tokens":1e300,"completion_tokens":1e999,"cached_tokens":99999999999999999999}}`, Event{}, true},
	{"a prompt of 0", `{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}`, Event{Usage: counts(-1, 0, -1, -1)}, false},
	{"details null", `{"choices":[],"usage":{"completion_tokens":2,"prompt_tokens_details":null}}`, Event{Usage: counts(-1, 2, -1, -1)}, false},
	{"details in a list", `{"choices":[],"usage":{"completion_tokens":2,"prompt_tokens_details":[],"completion_tokens_details":[1]}}`, Event{Usage: counts(-1, 2, -1, -1)}, true},
	{"usage in a list", `{"choices":[],"usage":[]}`, Event{}, true},
	{"other spellings", `{"choices":[],"usage":{"prompt_tokens":0,"input_tokens":5,"output_tokens":6,"input_tokens_details":{"cached_tokens":4},"output_tokens_details":{"reasoning_tokens":3}}}`,
		Event{Usage: counts(5, 6, 4, 3)}, false},
	{"usage in a choice", `{"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":6}}]}`,
		Event{Choice: true, Finish: Finished, Usage: counts(5, 6, -1, -1)}, false},
	{"usage of Groq", `{"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","usage":{"queue_time":0.1,"prompt_tokens":5,"completion_tokens":6}}}`,
		Event{Choice: true, Finish: Finished, Usage: counts(5, 6, -1, -1)}, false},

	{"no reason, as text", `{"choices":[{"text":"a","finish_reason":""},{"text":"","finish_reason":"null"}]}`, Event{Choice: true, Text: true}, false},
	{"an error as the reason", `{"choices":[{"text":"a","finish_reason":"error"}]}`, Event{Choice: true, Text: true, Finish: Aborted}, false},
	{"errors that are none", `{"choices":[{"text":"a","error":null}],"error":{}}`, Event{Choice: true, Text: true}, true},
	{"an error of null", `{"choices":[{"text":"a","error":null}],"error":null}`, Event{Choice: true, Text: true}, false},
	{"Azure's filter results", `{"choices":[{"delta":{"content":"a"},"content_filter_results":{"error":{"code":"content_filter_error"}}}]}`, Event{Choice: true, Text: true}, false},
	{"a named event with choices", `completion> {"choices":[{"text":"a"}]}`, Event{Choice: true, Text: true}, false},
	{"the end", `[DONE]`, Event{Last: true}, true},
	{"the end with blanks", " [DONE] \r", Event{Last: true}, true},
}

// alike checks that what the scanner read, encoding/json reads alike.
func alike(t *testing.T, fast reading, m Message, top level) {
	t.Helper()
	var slow reading
	passed, err := slow.readInFull(m, top)
	names := true
	for i, name := range fast.names {
		names = names && string([]rune(string(name))) == string(slow.names[i]) // the decoder replaces what is no UTF-8
	}
	if passed || err != nil || fast.Event != slow.Event || fast.hasChoices != slow.hasChoices || fast.counts != slow.counts || !names {
		t.Errorf("%q: scanned %+v; decoded %+v, %v, %v", m.Data, fast, slow, passed, err)
	}
}

// check reads messages with the scanner and without it.
func check(t *testing.T, read parser, top level, cases []want) {
	t.Helper()
	for _, c := range cases {
		m := message(c.data)
		if got, passed, err := read(m); got != c.Event || passed || err != nil {
			t.Errorf("%s: %+v, %v, %v; want %+v", c.name, got, passed, err, c.Event)
		}
		s := scanner{data: m.Data}
		if fast := top != elsewhere && s.object(top) && s.atEnd() && s.isKnown(); fast == c.slow {
			t.Errorf("%s: scanned is %v", c.name, fast)
		} else if fast {
			s.sum()
			alike(t, s.reading, m, top)
		}
		if n := testing.AllocsPerRun(10, func() { _, _, _ = read(m) }); n != 0 && !c.slow {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func TestChunksOfTheServersAreRead(t *testing.T) { check(t, OpenAI, inChunk, chunks) }

// passOver checks that messages are skipped.
func passOver(t *testing.T, read parser, messages ...string) {
	t.Helper()
	for _, text := range messages {
		if got, passed, err := read(message(text)); got != (Event{}) || !passed || err != nil {
			t.Errorf("%q: %+v, %v, %v", text, got, passed, err)
		}
	}
}

var keepAlives = []string{"", " \n", "ping", "[]", "true", "null", ": x", "0", `"x"`, "[1, ", "{}", `{"type":"ping"}`, `ping> {"time":3}`, "heartbeat> {}", "ping> x"}

func TestWhatIsNoChunkIsPassedOver(t *testing.T) {
	passOver(t, OpenAI, keepAlives...)
	passOver(t, OpenAI, `ping> {"message":"alive","detail":"x"}`, `{"object":"chat.completion.chunk"}`, "<html>")
}

// fail checks the words of errors, and whether they are the server's.
func fail(t *testing.T, read parser, cases map[string]string) {
	t.Helper()
	for text, words := range cases {
		_, passed, err := read(message(text))
		reported := (*ServerError)(nil)
		ofServer := errors.As(err, &reported)
		if err == nil || passed || !strings.Contains(err.Error(), words) || ofServer != strings.HasPrefix(words, "reports ") {
			t.Errorf("%q: %v, %v; want %q", text, passed, err, words)
		}
	}
}

var failures = map[string]string{
	`{"error":{"message":"out of vocabulary","type":"BadRequestError","param":null,"code":400}}`: "reports out of vocabulary",
	`{"object":"error","message":"too long","type":"x","param":null,"code":400}`:                 "reports too long",
	`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`:                "reports Overloaded",
	`{"error":"Model not loaded"}`:                         "reports Model not loaded",
	`{"error":{"code":"server_error","message":"boom"}}`:   "reports boom",
	`{"error":{"what":7}}`:                                 "reports {",
	`{"error":true}`:                                       "reports {",
	`{"type":"server_error","message":"boom"}`:             "reports boom",
	`{"message":"boom","code":503}`:                        "reports boom",
	`{"detail":"Not Found"}`:                               "reports Not Found",
	`{"detail":[{"loc":["body"],"msg":"field required"}]}`: "reports field required",
	`[{"error":{"message":"boom"}}]`:                       "reports boom",
	`error> {"message":"boom"}`:                            "reports boom",
	"error> out of memory":                                 "reports out of memory",
	"error> ":                                              "reports nothing further",
	`{"cho`:                                                "cannot be read",
	`{"choices":[{"text":"a"}]} x`:                         "cannot be read",
	`ping> {"cho`:                                          "cannot be read",
}

func TestErrorsInsideAStreamAreTheServersWords(t *testing.T) {
	fail(t, OpenAI, failures)
	fail(t, OpenAI, map[string]string{
		`{"choices":[{"text":"a"}],"error":{"message":"boom"}}`:                                "reports boom",
		`{"choices":[{"text":"a","finish_reason":"stop","error":{"message":"boom"}}]}`:         "reports boom",
		`{"choices":[{"text":"a"},{"delta":{"error":"boom"}}]}`:                                "reports boom",
		`{"choices":[{"message":{"content":"a","error":{"code":7}}}]}`:                         `reports {"code":7}`,
		`{"choices":[],"x_groq":{"id":"r","error":"boom"}}`:                                    "reports boom",
		`{"choices":[{"text":"a"}],"usage":{"prompt_tokens":1},"error":{"message":"the end"}}`: "reports the end",
	})
}

func TestErrorBodiesOfTheServersAreRead(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}`: "Invalid API Key",
		`{"error":"Unauthorized"}`:                                        "Unauthorized",
		`{"object":"error","message":"no","code":400}`:                    "no",
		`{"message":"no such route"}`:                                     "no such route",
		`{"detail":"Not Found"}`:                                          "Not Found",
		`{"detail":[{"loc":["body"],"msg":"field required","type":"x"}]}`: "field required",
		`{"error":"overloaded","error_type":"overloaded"}`:                "overloaded",
		`{"type":"error","error":{"type":"x","message":"Overloaded"}}`:    "Overloaded",
		`[{"error":{"code":400,"message":"bad"}}]`:                        "bad",
		`{"errors":[{"message":"bad"}]}`:                                  "bad",
		`{"error":{"message":null,"code":1}}`:                             `{"error":{"message":null,"code":1}}`,
		"<html>\n  <b>502</b>\n</html>":                                   "<html> <b>502</b> </html>",
		"":                                                                "nothing further",
	} {
		if got := ErrorText([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestReasonsToEnd(t *testing.T) {
	for reason, want := range map[string]Finish{
		"": Unfinished, "null": Unfinished, "None": Unfinished,
		"stop": Finished, "STOP": Finished, "length": Finished, "content_filter": Finished, "end_turn": Finished, "eos_token": Finished,
		"abort": Aborted, "error": Aborted, "network_error": Aborted, "cancelled": Aborted,
	} {
		if got := finishOf(reason); got != want {
			t.Errorf("%q: %v, want %v", reason, got, want)
		}
	}
}

func TestUsageThatIsNotSaidStays(t *testing.T) {
	var u Usage
	for _, step := range []struct{ newer, want Usage }{
		{counts(0, 0, -1, -1), counts(-1, 0, -1, -1)},
		{counts(7, 0, 3, -1), counts(7, 0, 3, -1)},
		{counts(-1, 10, -1, 4), counts(7, 10, 3, 4)},
		{counts(0, 0, 0, 0), counts(7, 10, 3, 4)},
		{Usage{}, counts(7, 10, 3, 4)},
		{counts(8, 9, 2, 1), counts(8, 9, 2, 1)},
	} {
		if u.Merge(step.newer); u != step.want {
			t.Errorf("after %+v: %+v, want %+v", step.newer, u, step.want)
		}
	}
}

// Every chunk of the recorded streams is read without encoding/json.
func TestRecordedStreams(t *testing.T) {
	files, err := filepath.Glob("testdata/streams/*-stream*.txt")
	if err != nil || len(files) < 9 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages := cut(t, NewSSE(), text)
		last := messages[len(messages)-1]
		if last != "[DONE]" && !strings.Contains(file, "utf8") {
			t.Errorf("%s ends with %s", file, last)
		}
		for _, m := range messages {
			s := scanner{data: []byte(m)}
			if m != "[DONE]" && (!s.object(inChunk) || !s.atEnd()) {
				t.Errorf("%s: left to encoding/json: %s", file, m)
			}
		}
	}
}
