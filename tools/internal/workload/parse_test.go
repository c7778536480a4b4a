package workload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"fastgenbench/tools/internal/record"
)

func ms(v float64) record.Seconds { return record.InSeconds(v / 1e3) }

func TestLinesOfAllSourcesAreRead(t *testing.T) {
	for line, want := range map[string]Request{
		`{"timestamp": 27482, "input_length": 1500, "output_length": 52, "hash_ids": [46, 47, 0]}`: {
			Timestamp: ms(27482), InputLength: 1500, OutputLength: 52, HashIDs: []uint64{46, 47, 0}},
		`{"created_time":0,"input_tokens":7,"output_tokens":1,"session_id":"a","delay_ms":0.5}`: {
			Timestamp: ms(0), InputLength: 7, OutputLength: 1, Session: "a", Delay: ms(0.5)},
		` { "text_input" : "zwei \"W\u00f6rter\"" , "output_length" : 4.0 } `: {Text: `zwei "Wörter"`, OutputLength: 4},
		`{"messages":[{"role":"user","content":"a, } ]"}],"tools":[{"type":"function"}],"extra":{"seed":1},"message_mode":"delta","session_id":7}`: {
			Messages: json.RawMessage(`[{"role":"user","content":"a, } ]"}]`), Tools: json.RawMessage(`[{"type":"function"}]`),
			Extra: json.RawMessage(`{"seed":1}`), Delta: true, Session: "7"},
		`{"input_length":3,"hash_ids":[18446744073709551615],"level":{"a":[1,"]"]},"type":null,"timestamp":null,"message_mode":"history"}`: {
			InputLength: 3, HashIDs: []uint64{1<<64 - 1}},
		`{"input_length":3,"hash_ids":[],"tools":null}`: {InputLength: 3},
		`{"session_id":"😀","input_length":1}`:           {InputLength: 1, Session: "😀"},
	} {
		if got, err := new(parser).parse([]byte(line)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", line, err, got, want)
		}
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	for line, want := range map[string]string{
		``:                        "not a JSON object",
		`timestamp,input_length`:  "not a JSON object",
		`[1]`:                     "not a JSON object",
		`{}`:                      "it has no prompt",
		`{"timestamp": 1}`:        "it has no prompt",
		`{"input_length": 12`:     "truncated",
		`{"input_length": 12,`:    "truncated",
		`{"input_length": 1} {}`:  "after the object, at byte 21",
		`{"input_length": 1,}`:    "not JSON from byte 20",
		`{"input_length" 1}`:      "not JSON from byte 17",
		`{"a": [1,], "b": 2}`:     "not JSON from byte 7",
		`{"input_length": 0}`:     "input_length 0 is not a whole number above 0",
		`{"input_length": -3}`:    "input_length -3 is not a whole",
		`{"input_length": 1.5}`:   "input_length 1.5 is not a whole",
		`{"input_length": 1e8}`:   "input_length 1e+08 is too large: the maximum is 10000000",
		`{"input_length": "8"}`:   `input_length "8" is not a number`,
		`{"input_length": 01}`:    "not JSON",
		`{"input_length": 1e999}`: "is not a number",
		`{"input_length": 5, "output_length": 0}`:                               "output_length 0 is not a whole number above 0",
		`{"input_length": 5, "input_tokens": 5}`:                                "input_tokens occurs twice, under one name or two",
		`{"input_length": 5, "text_input": "a"}`:                                "exclude each other",
		`{"text_input": ""}`:                                                    "text_input is empty",
		`{"text_input": "a", "hash_ids": [1]}`:                                  "hash_ids need input_length",
		`{"input_length": 2, "hash_ids": [1,2,3]}`:                              "3 hash_ids for a prompt of 2 tokens",
		`{"input_length": 5, "hash_ids": [1, -2]}`:                              "whole numbers from 0 to 2^64-1, at byte 37",
		`{"input_length": 5, "hash_ids": [1.5]}`:                                "not JSON from byte 35",
		`{"input_length": 5, "hash_ids": [18446744073709551616]}`:               "whole numbers",
		`{"input_length": 5, "hash_ids": 1}`:                                    "hash_ids is not a list",
		`{"input_length": 5, "hash_ids": [1, `:                                  "truncated",
		`{"input_length": 5, "timestamp": -1}`:                                  "timestamp -1 ms is not between",
		`{"input_length": 5, "timestamp": 1e300}`:                               "timestamp 1e+300 ms is not between",
		`{"input_length": 5, "timestamp": "2023-11-16 18:01:51"}`:               "is not a number",
		`{"input_length": 5, "delay": 7}`:                                       "delay needs session_id",
		`{"input_length": 5, "session_id": ""}`:                                 "session_id is empty",
		`{"input_length": 5, "session_id": []}`:                                 "session_id [] is not a number",
		`{"input_length": 5, "tools": [{}]}`:                                    "tools need messages",
		`{"input_length": 5, "message_mode": "delta"}`:                          "needs messages",
		`{"input_length": 5, "message_mode": "full"}`:                           `"full" is neither history nor delta`,
		`{"input_length": 5, "context_mode": "deltas_without_responses"}`:       "is not replayed",
		`{"messages": []}`:                                                      "messages is empty",
		`{"messages": "Hello"}`:                                                 "not a list of chat messages",
		`{"messages": [{"role":"user"},{"content":"a"}]}`:                       "message 2 has no role",
		`{"messages": [{"role":"user"}], "tools": []}`:                          "not a list of tool definitions",
		`{"input_length": 5, "extra": [1]}`:                                     "extra is not an object",
		`{"input_length": 5, "extra": {"prompt": "a"}}`:                         `extra sets "prompt"`,
		`{"payload": {"prompt": "a"}}`:                                          "payload is a complete request",
		`{"input_length": 5, "session_id": "` + strings.Repeat("a", 201) + `"}`: "has 201 bytes: the maximum is 200",
	} {
		_, err := new(parser).parse([]byte(line))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

func TestHashIDsFitTheirBlocks(t *testing.T) {
	for _, c := range []struct {
		tokens, ids, size int
		want              string
	}{
		{1024, 2, 512, ""}, {1025, 3, 512, ""}, {513, 2, 512, ""}, {1, 1, 512, ""}, {99, 0, 512, ""},
		{6758, 14, 16, "14 hash_ids do not fit 6758 tokens in blocks of 16: blocks of 512 would"},
		{100, 7, 512, "blocks of 16 would"},
		{1024, 1, 512, "1 hash_ids do not fit 1024 tokens in blocks of 512: blocks of 1024 would"},
		{1000, 300, 512, "300 hash_ids do not fit 1000 tokens in blocks of 512"},
	} {
		one := Request{InputLength: c.tokens, HashIDs: make([]uint64, c.ids)}
		err := one.CheckBlocks(c.size)
		if (err == nil) != (c.want == "") || err != nil && !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// FuzzParse holds the parser to encoding/json, and what it reads to what is
// written of it.
func FuzzParse(f *testing.F) {
	for _, line := range []string{
		`{"timestamp": 27482, "input_length": 1500, "output_length": 52, "hash_ids": [46, 47, 0]}`,
		`{"messages":[{"role":"user","content":"a, } ]"}],"tools":[{}],"extra":{"seed":1},"message_mode":"delta","session_id":7}`,
		`{"text_input":"\u00e9\"","delay":0.25,"session_id":"\ud800","x":[{"a":"]"},null]}`,
		`{"input_length":1e3,"a":nul}`, `{"input_length":3 "b":1}`, `{"hash_ids":[1 2]}`, `{"a":tru,"b":"\x"}`,
		`0`, `{`, `{}`, `{}0`, `{0`, `{"" `, `{"hash_ids":[x`, `{"timestamp":00`, `{"timestamp":0,"input_length":x`, `{"input_length":0`,
		`{"text_input":""`, `{"messages":[{"role":"","role":""}]}`, `{"text_input":"\b","delay":0,"a":"\ua000","b":[{},null]}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		one, err := new(parser).parse(line)
		if err != nil {
			return
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(line, &object); err != nil {
			t.Fatalf("%q is read, though %v", line, err)
		}
		var text bytes.Buffer
		w := NewWriter(&text)
		if err := w.Write(one); err != nil {
			t.Fatalf("%q is read, but cannot be written: %v", line, err)
		}
		w.Flush()
		again, err := new(parser).parse(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
		if err != nil {
			t.Fatalf("%q was written as %q: %v", line, text.String(), err)
		}
		if fmt.Sprint(rounded(one)) != fmt.Sprint(rounded(again)) {
			t.Fatalf("%q came back as\n%+v, not\n%+v", line, again, one)
		}
	})
}

// rounded is a request as it is written: times to the microsecond, JSON compact.
func rounded(r Request) Request {
	var text bytes.Buffer
	w := NewWriter(&text)
	w.time("timestamp", r.Timestamp)
	w.time("delay", r.Delay)
	r.Timestamp, r.Delay = record.Seconds{}, record.Seconds{}
	r.Session += string(w.line)
	for _, raw := range []*json.RawMessage{&r.Messages, &r.Tools, &r.Extra} {
		var compact bytes.Buffer
		if *raw != nil && json.Compact(&compact, *raw) == nil {
			*raw = compact.Bytes()
		}
	}
	return r
}
