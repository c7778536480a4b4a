package openai

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestPromptForms(t *testing.T) {
	for _, c := range []struct {
		text string
		want Prompt
	}{
		{`"a \"b\""`, Prompt{Texts: []string{`a "b"`}}},
		{`["a","b"]`, Prompt{Texts: []string{"a", "b"}}},
		{`[1, 2,3]`, TokenPrompt([]int{1, 2, 3})},
		{`[[1],[2,3]]`, Prompt{TokenIDs: [][]int{{1}, {2, 3}}}},
		{`[[],[7]]`, Prompt{TokenIDs: [][]int{{}, {7}}}},
		{`""`, Prompt{}}, {`[]`, Prompt{}}, {` null`, Prompt{}}, {`[ ]`, Prompt{}},
	} {
		var got Prompt
		if err := json.Unmarshal([]byte(c.text), &got); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.text, got, err)
		}
	}
	for _, bad := range []string{`1`, `{}`, `true`, `[1,"a"]`, `["a",1]`, `[1.5]`, `[-1]`, `[[1],2]`, `[[[1]]]`, `[12345678901]`, `[null]x`} {
		var got Prompt
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s passed as %+v", bad, got)
		}
	}
}

func FuzzPrompt(f *testing.F) {
	for _, seed := range []string{`"a"`, `["a","b"]`, `[1, 2]`, `[[1],[2]]`, `[]`, `null`, `[1,]`, `[ 1 , 2 ]`, `[[[[[]]]]]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p Prompt
		if json.Unmarshal(data, &p) != nil {
			return
		}
		if len(p.Texts) > 0 && len(p.TokenIDs) > 0 {
			t.Fatalf("%s is both text and ids: %+v", data, p)
		}
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var again Prompt
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatalf("%s became %s: %v", data, text, err)
		}
		// A list of one is written bare, and a bare empty one is none at all.
		if p.Len() > 1 && !reflect.DeepEqual(p, again) {
			t.Fatalf("%s: %+v became %+v", data, p, again)
		}
	})
}

// The fast reader of id lists must agree with the general one.
func FuzzPlainIDs(f *testing.F) {
	for _, seed := range []string{`[1,2]`, `[ ]`, `[1 2]`, `[01]`, "[\n1\t,\r2 ]", `[1,]`, `[1`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		ids, ok := plainIDs([]byte(data))
		var want []int
		err := json.Unmarshal([]byte(data), &want)
		if ok && (err != nil || fmt.Sprint(ids) != fmt.Sprint(want)) {
			t.Fatalf("%q: %v, in general %v %v", data, ids, want, err)
		}
	})
}

// A body is read as json.Unmarshal reads it, wherever its prompt stands.
func FuzzUnmarshalCompletion(f *testing.F) {
	for _, seed := range []string{
		`{"model":"m","prompt":[7,8,9],"max_tokens":2,"ignore_eos":true,"stream":true,"stream_options":{"include_usage":true}}`,
		`{"prompt":[]}`, `{"prompt":[1],"prompt":null}`, `{"Prompt":"a","prompt":[1]}`, `{"prompt":[[1],[2]]}`, `{"prompt":["a"]}`,
		`{"extra":{"prompt":[1]}}`, `{"a\"prompt":[1]}`, `{"a":",","prompt":[1,02]}`, `{"prompt":[1]`, `[{"prompt":[1]}]`, `{"model":5,"prompt":[1]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var got, want CompletionRequest
		err, wanted := UnmarshalCompletion(body, &got), json.Unmarshal(body, &want)
		if (err == nil) != (wanted == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %+v, %v; in general %+v, %v", body, got, err, want, wanted)
		}
	})
}

func TestStopAndContent(t *testing.T) {
	var s struct {
		A, B, C Stop
		D, E, F Content
	}
	err := json.Unmarshal([]byte(`{"A":"x","B":["x","y"],"C":null,"D":"text","E":[{"type":"text","text":"one"},{"type":"text","text":"two"}],"F":null}`), &s)
	if err != nil || fmt.Sprint(s.A, s.B, s.C) != "[x] [x y] []" || s.D != "text" || s.E != "one\ntwo" || s.F != "" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, bad := range []string{`{"A":1}`, `{"A":[1]}`, `{"D":1}`, `{"D":[{"type":"image_url"}]}`} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s passed", bad)
		}
	}
}

func TestRequestSaysOnlyWhatIsSet(t *testing.T) {
	tokens := 5
	text, err := json.Marshal(CompletionRequest{Prompt: TokenPrompt([]int{1, 2}), MaxTokens: &tokens,
		Sampling: Sampling{IgnoreEOS: true}, Streaming: Streaming{Stream: true, StreamOptions: &StreamOptions{IncludeUsage: true}}})
	if want := `{"prompt":[1,2],"max_tokens":5,"ignore_eos":true,"stream":true,"stream_options":{"include_usage":true}}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
}

func TestErrorIsAGoError(t *testing.T) {
	var r ErrorResponse
	if err := json.Unmarshal([]byte(`{"error":{"message":"no","type":"BadRequestError","param":null,"code":400}}`), &r); err != nil {
		t.Fatal(err)
	}
	var err error = &r.Error
	if err.Error() != "no" || r.Error.Code != 400 || r.Error.Param != nil {
		t.Errorf("%+v", r)
	}
}

func BenchmarkUnmarshalCompletion(b *testing.B) {
	body := []byte(`{"model":"m","prompt":[` + strings.Repeat("12345,", 2599) + `1],"max_tokens":60,"ignore_eos":true,"stream":true}`)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var r CompletionRequest
		if err := UnmarshalCompletion(body, &r); err != nil || len(r.Prompt.TokenIDs[0]) != 2600 {
			b.Fatal(err)
		}
	}
}

func BenchmarkPromptOfIDs(b *testing.B) {
	data := []byte("[" + strings.Repeat("12345,", 2599) + "1]")
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var p Prompt
		if err := p.UnmarshalJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}
