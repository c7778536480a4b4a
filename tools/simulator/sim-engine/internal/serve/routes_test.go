package serve

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
)

func get(t *testing.T, url string, v any) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: status %d, %v", url, r.StatusCode, err)
	}
	if v == nil {
		if len(body) > 0 {
			t.Errorf("%s: %s", url, body)
		}
		return
	}
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("%s: %v in %s", url, err, body)
	}
}

func TestServerSaysThatItIsSimulated(t *testing.T) {
	ts := start(t, fast, nil)
	var list openai.ModelList
	get(t, ts.URL+openai.PathModels, &list)
	if len(list.Data) != 1 || list.Data[0].ID != "sim/model" || list.Data[0].OwnedBy != openai.SimEngine || list.Data[0].MaxModelLen != 4096 {
		t.Errorf("%+v", list)
	}
	var version openai.Version
	get(t, ts.URL+openai.PathVersion, &version)
	if version != ts.Version || !version.Simulated() {
		t.Errorf("%+v", version)
	}
	get(t, ts.URL+openai.PathHealth, nil)
	get(t, ts.URL+openai.PathPing, nil)
}

func TestTokenizeAndBack(t *testing.T) {
	ts := start(t, fast, nil)
	const text = "Hello, wörld! the quick brown fox"
	_, body := ts.post(t, openai.PathTokenize, `{"model":"sim/model","prompt":"`+text+`","return_token_strs":true}`)
	var tokens openai.TokenizeResponse
	if err := json.Unmarshal([]byte(body), &tokens); err != nil {
		t.Fatal(err)
	}
	if tokens.Count != len(tokens.Tokens) || tokens.MaxModelLen != 4096 || len(tokens.TokenStrs) != tokens.Count {
		t.Errorf("%s", body)
	}
	ids, err := json.Marshal(openai.DetokenizeRequest{Tokens: tokens.Tokens})
	if err != nil {
		t.Fatal(err)
	}
	_, body = ts.post(t, openai.PathDetokenize, string(ids))
	var back openai.DetokenizeResponse
	if err := json.Unmarshal([]byte(body), &back); err != nil || back.Prompt != text {
		t.Errorf("%q, %v", back.Prompt, err)
	}
	// A chat is counted as it is generated for.
	_, body = ts.post(t, openai.PathTokenize, `{"messages":[{"role":"user","content":"hello"}]}`)
	if err := json.Unmarshal([]byte(body), &tokens); err != nil {
		t.Fatal(err)
	}
	_, body = ts.post(t, openai.PathChatCompletions, `{"messages":[{"role":"user","content":"hello"}],"max_tokens":1}`)
	var chat openai.ChatCompletion
	if err := json.Unmarshal([]byte(body), &chat); err != nil || chat.Usage.PromptTokens != tokens.Count {
		t.Errorf("%d tokens tokenized, chat says %s", tokens.Count, body)
	}
	if !slices.Equal(tokens.Tokens, ts.Vocab.Encode(chatText([]openai.Message{{Role: "user", Content: "hello"}}))) {
		t.Error("the tokens are not the template's")
	}
}

func TestMetricsCountRequests(t *testing.T) {
	ts := start(t, fast, nil)
	ts.stream(t, openai.PathCompletions, `{"prompt":[3,4,5],"max_tokens":9,"stream":true}`)
	for _, line := range []string{
		`vllm:prompt_tokens_total{engine="0",model_name="sim/model"} 3.0`,
		`vllm:generation_tokens_total{engine="0",model_name="sim/model"} 9.0`,
		`vllm:time_to_first_token_seconds_count{engine="0",model_name="sim/model"} 1.0`,
		`vllm:inter_token_latency_seconds_count{engine="0",model_name="sim/model"} 8.0`,
		`vllm:request_success_total{engine="0",finished_reason="length",model_name="sim/model"} 1.0`,
	} {
		ts.until(t, line)
	}
	r, err := http.Get(ts.URL + openai.PathMetrics)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("content type %s", r.Header.Get("Content-Type"))
	}
}
