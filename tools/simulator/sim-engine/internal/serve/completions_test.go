package serve

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/truth"
)

func TestStreamHasTheShapeOfVLLM(t *testing.T) {
	ts := start(t, fast, nil)
	request, err := http.NewRequest("POST", ts.URL+openai.PathCompletions,
		strings.NewReader(`{"model":"sim/model","prompt":[5,6,7],"max_tokens":2,"stream":true}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(openai.HeaderRequestID, "run-8-3")
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := events(r.Body)
	if err != nil || len(data) != 3 || data[2] != openai.Done {
		t.Fatalf("%q, %v", data, err)
	}
	for i, reason := range []any{nil, "length"} {
		var got map[string]any
		if err := json.Unmarshal([]byte(data[i]), &got); err != nil {
			t.Fatal(err)
		}
		if got["id"] != "cmpl-run-8-3" || got["object"] != "text_completion" || got["model"] != "sim/model" || !(got["created"].(float64) > 1.6e9) {
			t.Errorf("chunk %s", data[i])
		}
		if _, there := got["usage"]; there {
			t.Errorf("usage was not asked for: %s", data[i])
		}
		choice := got["choices"].([]any)[0].(map[string]any)
		if len(choice["text"].(string)) != 3 || choice["finish_reason"] != reason {
			t.Errorf("choice %v", choice)
		}
		for _, null := range []string{"logprobs", "stop_reason", "prompt_token_ids", "token_ids"} {
			if v, there := choice[null]; v != nil || !there {
				t.Errorf("%s is %v, present %v", null, v, there)
			}
		}
	}
	if r.Header.Get("Server") != openai.SimEngine {
		t.Errorf("server %q", r.Header.Get("Server"))
	}
}

func TestUsageEqualsTokensSent(t *testing.T) {
	ts := start(t, drive.Pace{Rate: 5000, Chunk: 3}, nil)
	chunks := ts.stream(t, openai.PathCompletions, `{"prompt":"the quick brown fox","max_tokens":100,"stream":true,"ignore_eos":true,"min_tokens":100,
		"return_token_ids":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true}}`)
	last := chunks[len(chunks)-1]
	if len(last.Choices) != 0 || last.Usage == nil {
		t.Fatalf("the last chunk is %+v", last)
	}
	prompt := ts.Vocab.Encode("the quick brown fox")
	var ids []int
	var text strings.Builder
	for i, chunk := range chunks[:len(chunks)-1] {
		c := chunk.Choices[0]
		ids = append(ids, c.TokenIDs...)
		text.WriteString(c.Text)
		if *chunk.Usage != (openai.Usage{PromptTokens: len(prompt), CompletionTokens: len(ids), TotalTokens: len(prompt) + len(ids)}) {
			t.Errorf("chunk %d: usage %+v behind %d tokens", i, *chunk.Usage, len(ids))
		}
		if first := c.PromptTokenIDs != nil; first != (i == 0) || first && !slices.Equal(c.PromptTokenIDs, prompt) {
			t.Errorf("chunk %d: prompt ids %v", i, c.PromptTokenIDs)
		}
	}
	if len(ids) != 100 || last.Usage.CompletionTokens != 100 || last.Usage.PromptTokens != len(prompt) {
		t.Errorf("%d ids, usage %+v", len(ids), last.Usage)
	}
	if again := ts.Vocab.Encode(text.String()); !slices.Equal(again, ids) {
		t.Error("the text does not encode to the ids that came with it")
	}
}

func TestSeveralPrompts(t *testing.T) {
	ts := start(t, fast, nil)
	for _, prompt := range []string{`["one","two words"]`, `[[3,4,5],[300,301,302,303]]`} {
		chunks := ts.stream(t, openai.PathCompletions, `{"prompt":`+prompt+`,"max_tokens":20,"stream":true,"return_token_ids":true,"stream_options":{"include_usage":true}}`)
		tokens, finished := map[int]int{}, map[int]int{}
		for _, chunk := range chunks[:len(chunks)-1] {
			c := chunk.Choices[0]
			tokens[c.Index] += len(c.TokenIDs)
			if c.FinishReason != nil {
				finished[c.Index]++
			}
		}
		if tokens[0] != 20 || tokens[1] != 20 || finished[0] != 1 || finished[1] != 1 || len(tokens) != 2 {
			t.Errorf("%s: %v tokens, %v finished", prompt, tokens, finished)
		}
		if u := chunks[len(chunks)-1].Usage; u.CompletionTokens != 40 {
			t.Errorf("%s: usage %+v", prompt, u)
		}
	}
}

func TestWholeAnswers(t *testing.T) {
	ts := start(t, fast, nil)
	status, body := ts.post(t, openai.PathCompletions, `{"prompt":["one","two"],"max_tokens":7,"return_token_ids":true}`)
	var got openai.Completion
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
		t.Fatalf("status %d, %v: %s", status, err, body)
	}
	if len(got.Choices) != 2 || got.Usage.CompletionTokens != 14 || got.Object != "text_completion" {
		t.Errorf("%s", body)
	}
	for i, c := range got.Choices {
		if c.Index != i || len(c.TokenIDs) != 7 || len(c.Text) != 21 || *c.FinishReason != "length" || len(c.PromptTokenIDs) == 0 {
			t.Errorf("choice %+v", c)
		}
	}
	if status, body = ts.post(t, openai.PathCompletions, `{"prompt":"x"}`); status != 200 || !strings.Contains(body, `"completion_tokens":16`) {
		t.Errorf("the default is 16 tokens: %d %s", status, body)
	}
}

func TestChat(t *testing.T) {
	ts := start(t, fast, nil)
	const messages = `"messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}],"max_completion_tokens":5`
	status, body := ts.post(t, openai.PathChatCompletions, "{"+messages+"}")
	var whole openai.ChatCompletion
	if err := json.Unmarshal([]byte(body), &whole); err != nil || status != 200 {
		t.Fatalf("status %d, %v: %s", status, err, body)
	}
	if whole.Object != "chat.completion" || whole.Usage.CompletionTokens != 5 || len(whole.Choices[0].Message.Content) != 15 || !strings.HasPrefix(whole.ID, "chatcmpl-") {
		t.Errorf("%s", body)
	}
	r, err := http.Post(ts.URL+openai.PathChatCompletions, "application/json", strings.NewReader(`{"stream":true,"stream_options":{"include_usage":true},`+messages+"}"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := events(r.Body)
	if err != nil || len(data) != 8 { // role, five tokens, usage, end mark
		t.Fatalf("%d events, %v: %q", len(data), err, data)
	}
	var role, first, usage openai.ChatChunk
	for i, chunk := range map[int]*openai.ChatChunk{0: &role, 1: &first, 6: &usage} {
		if err := json.Unmarshal([]byte(data[i]), chunk); err != nil {
			t.Fatal(err)
		}
	}
	if role.Choices[0].Delta.Role != "assistant" || role.Object != "chat.completion.chunk" || *role.Choices[0].Delta.Content != "" {
		t.Errorf("role chunk %s", data[0])
	}
	if first.Choices[0].Delta.Role != "" || len(*first.Choices[0].Delta.Content) != 3 {
		t.Errorf("first chunk %s", data[1])
	}
	if usage.Usage == nil || *usage.Usage != *whole.Usage {
		t.Errorf("usage chunk %s", data[6])
	}
}

func TestStreamInterval(t *testing.T) {
	ts := start(t, fast, nil)
	chunks := ts.stream(t, openai.PathCompletions, `{"prompt":"x","max_tokens":10,"stream":true,"stream_interval":4,"return_token_ids":true}`)
	var sizes []int
	for _, chunk := range chunks {
		sizes = append(sizes, len(chunk.Choices[0].TokenIDs))
	}
	if !slices.Equal(sizes, []int{1, 4, 4, 1}) {
		t.Errorf("chunks of %v tokens", sizes)
	}
}

func TestTruthLogsEveryToken(t *testing.T) {
	ts := start(t, drive.Pace{Rate: 5000, Chunk: 4}, nil)
	ts.stream(t, openai.PathCompletions, `{"prompt":"x","max_tokens":10,"stream":true,"request_id":"r,1"}`)
	ts.stop()
	rows, err := csv.NewReader(strings.NewReader(ts.logs.String())).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v: %q", err, rows)
	}
	if got := strings.Join(rows[0], ",") + "\n"; got != truth.Header {
		t.Errorf("header %s", got)
	}
	for i, want := range []struct{ token, tokens string }{{"0", "4"}, {"4", "4"}, {"8", "2"}} {
		row := rows[i+1]
		if row[0] != "r 1" || row[3] != want.token || row[4] != want.tokens || row[2] > row[5] || row[5] > row[6] || row[7] == "0" {
			t.Errorf("row %v", row)
		}
	}
}
