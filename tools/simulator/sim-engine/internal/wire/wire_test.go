package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http/httputil"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/vocab"
)

func answerTo(t testing.TB, change func(*Answer)) *Answer {
	t.Helper()
	v, err := vocab.New(32000)
	if err != nil {
		t.Fatal(err)
	}
	a := &Answer{ID: "cmpl-\"x\"\n", Model: "a/b<c>", Created: 1700000000, PromptTokens: []int{3, 4},
		Prompts: [][]int{{5, 6, 7}, {8, 9, 10, 11}}, Words: v.Words(), Seed: 1}
	if change != nil {
		change(a)
	}
	a.Prepare()
	return a
}

func TestEveryEventIsJSON(t *testing.T) {
	for options := range 16 {
		a := answerTo(t, func(a *Answer) {
			a.Chat, a.Usage, a.Continuous, a.TokenIDs = options&1 > 0, options&2 > 0, options&4 > 0, options&8 > 0
		})
		stream := a.AppendEvent(nil, Event{First: 0, Tokens: 1})
		stream = a.AppendEvent(stream, Event{Choice: 1, First: 0, Tokens: 5})
		stream = a.AppendEvent(stream, Event{First: 1, Tokens: 2, Finish: "length"})
		stream = a.AppendTail(stream, 8, true)
		parts := strings.Split(string(stream), "\n\n")
		if n := len(parts); parts[n-1] != "" || parts[n-2] != "data: "+openai.Done {
			t.Fatalf("the end is %q", parts[n-2:])
		}
		for _, part := range parts[:len(parts)-2] {
			text, ok := strings.CutPrefix(part, "data: ")
			var got struct{ ID, Model string }
			if err := json.Unmarshal([]byte(text), &got); err != nil || !ok {
				t.Errorf("%q: %v", part, err)
			}
			if got.ID != a.ID || got.Model != a.Model {
				t.Errorf("%q: id %q, model %q", part, got.ID, got.Model)
			}
		}
		if whole := a.AppendWhole(nil, []int{2, 0}, "length"); !json.Valid(whole) {
			t.Errorf("%s", whole)
		}
	}
}

func TestTextAndIDsAreTheSameTokensStreamedOrNot(t *testing.T) {
	a := answerTo(t, func(a *Answer) { a.TokenIDs = true })
	var whole openai.Completion
	if err := json.Unmarshal(a.AppendWhole(nil, []int{9, 9}, "length"), &whole); err != nil {
		t.Fatal(err)
	}
	for choice := range 2 {
		var ids []int
		var text string
		for first := 0; first < 9; first += 3 {
			chunk := strings.TrimPrefix(string(a.AppendEvent(nil, Event{Choice: choice, First: first, Tokens: 3})), "data: ")
			var got openai.CompletionChunk
			if err := json.Unmarshal([]byte(chunk), &got); err != nil {
				t.Fatal(err)
			}
			ids, text = append(ids, got.Choices[0].TokenIDs...), text+got.Choices[0].Text
		}
		if text != whole.Choices[choice].Text || fmt.Sprint(ids) != fmt.Sprint(whole.Choices[choice].TokenIDs) {
			t.Errorf("choice %d: %q %v streamed, %+v whole", choice, text, ids, whole.Choices[choice])
		}
	}
	if whole.Choices[0].Text == whole.Choices[1].Text {
		t.Error("two prompts have the same answer")
	}
}

func TestFramesAreChunks(t *testing.T) {
	var f Frame
	var sent bytes.Buffer
	var want strings.Builder
	for _, size := range []int{1, 15, 16, 255, 256, 70000, 0, 3} {
		f.Begin()
		f.Body = append(f.Body, strings.Repeat("x", size)...)
		sent.Write(f.Bytes())
		want.WriteString(strings.Repeat("x", size))
	}
	sent.WriteString("0\r\n\r\n")
	got, err := io.ReadAll(httputil.NewChunkedReader(bufio.NewReader(&sent)))
	if err != nil || string(got) != want.String() {
		t.Errorf("%d bytes came back of %d: %v", len(got), want.Len(), err)
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	a := answerTo(b, nil)
	var f Frame
	b.ReportAllocs()
	for b.Loop() {
		f.Begin()
		f.Body = a.AppendEvent(f.Body, Event{First: 7, Tokens: 1})
		f.Bytes()
	}
}

// Each event begins with the time that was set last, in a comment of its own.
func TestEventsAreStamped(t *testing.T) {
	a := answerTo(t, nil)
	a.Chat, a.Usage = true, true
	a.SetTime(1e-7)
	b := a.AppendEvent(nil, Event{First: 0, Tokens: 1})
	a.SetTime(12.345678912)
	b = a.AppendTail(b, 1, true)
	events := strings.Split(strings.TrimSuffix(string(b), "\n\n"), "\n\n")
	for i, want := range []string{":t=0.0000001\ndata: {", ":t=0.0000001\ndata: {", ":t=12.345678912\ndata: {", ":t=12.345678912\ndata: [DONE]"} {
		if len(events) != 4 || !strings.HasPrefix(events[i], want) {
			t.Errorf("event %d of %d: %q", i, len(events), events)
		}
	}
	if a.Stamped() != 4 || a.Stamped() != 0 {
		t.Error("the stamps are counted otherwise")
	}
}
