package serve

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"fastgenbench/tools/internal/openai"
)

func TestBadRequestsAreRefusedAsByVLLM(t *testing.T) {
	ts := start(t, fast, nil)
	long := `"` + strings.Repeat("abc", 4096) + `"`
	for _, c := range []struct {
		path, body   string
		status       int
		kind, param  string
		messagePiece string
	}{
		{openai.PathCompletions, `{"model":"other","prompt":"x"}`, 404, "NotFoundError", "model", "The model `other` does not exist."},
		{openai.PathCompletions, `{"prompt":""}`, 400, "Bad Request", "prompt", "empty"},
		{openai.PathCompletions, `{}`, 400, "Bad Request", "prompt", "empty"},
		{openai.PathCompletions, `{"prompt":[]}`, 400, "Bad Request", "prompt", "empty"},
		{openai.PathCompletions, `{"prompt":[[1],[]]}`, 400, "BadRequestError", "prompt", "empty"},
		{openai.PathCompletions, `{"prompt":[1,"x"]}`, 400, "Bad Request", "body", "neither text nor token ids"},
		{openai.PathCompletions, `{"prompt":[-1]}`, 400, "Bad Request", "body", "neither text nor token ids"},
		{openai.PathCompletions, `{"prompt":[32000]}`, 400, "BadRequestError", "prompt", "out of vocabulary"},
		{openai.PathCompletions, `{"prompt":` + long + `}`, 400, "BadRequestError", "input_tokens", "maximum context length is 4096"},
		{openai.PathCompletions, `{"prompt":"x","max_tokens":4096}`, 400, "BadRequestError", "input_tokens", "maximum context length is 4096"},
		{openai.PathCompletions, `{"prompt":"x","max_tokens":0}`, 400, "BadRequestError", "max_tokens", "at least 1"},
		{openai.PathCompletions, `{"prompt":"x","max_tokens":5,"min_tokens":6}`, 400, "BadRequestError", "min_tokens", "at most"},
		{openai.PathCompletions, `{"prompt":"x","stream_options":{"include_usage":true}}`, 400, "Bad Request", "stream_options", "stream is true"},
		{openai.PathCompletions, `{"prompt":"x","n":2}`, 400, "BadRequestError", "n", "one choice"},
		{openai.PathCompletions, `{"prompt":"x","echo":true}`, 400, "BadRequestError", "echo", "echo"},
		{openai.PathCompletions, `{"prompt":"x","logprobs":1}`, 400, "BadRequestError", "logprobs", "probabilities"},
		{openai.PathCompletions, `{"prompt":"x","temperature":-1}`, 400, "BadRequestError", "temperature", "negative"},
		{openai.PathCompletions, `{"prompt":"x","top_p":0}`, 400, "BadRequestError", "top_p", "(0, 1]"},
		{openai.PathCompletions, `{"prompt":"x","max_tokens":"many"}`, 400, "Bad Request", "body.max_tokens", "string"},
		{openai.PathCompletions, `{"prompt":"x"`, 400, "Bad Request", "body", "unexpected end"},
		{openai.PathChatCompletions, `{"messages":[]}`, 400, "BadRequestError", "messages", "at least one"},
		{openai.PathChatCompletions, `{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`, 400, "Bad Request", "body", "image_url"},
		{openai.PathChatCompletions, `{"messages":[{"role":"user","content":` + long + `}]}`, 400, "BadRequestError", "input_tokens", "maximum context length"},
		{openai.PathTokenize, `{"model":"other","prompt":"x"}`, 404, "NotFoundError", "model", "does not exist"},
		{openai.PathDetokenize, `{"tokens":[99999]}`, 400, "BadRequestError", "tokens", "outside of the vocabulary"},
		{"/v1/nonsense", `{}`, 404, "Not Found", "", "Not Found"},
		{openai.PathModels, `{}`, 405, "Method Not Allowed", "", "Method Not Allowed"},
	} {
		status, body := ts.post(t, c.path, c.body)
		var got openai.ErrorResponse
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Errorf("%.60s: %v in %s", c.body, err, body)
			continue
		}
		param := ""
		if got.Error.Param != nil {
			param = *got.Error.Param
		}
		if status != c.status || got.Error.Code != c.status || got.Error.Type != c.kind || param != c.param || !strings.Contains(got.Error.Message, c.messagePiece) {
			t.Errorf("%s %.60s: status %d, %s", c.path, c.body, status, body)
		}
	}
}

func TestContentTypeMustBeJSON(t *testing.T) {
	ts := start(t, fast, nil)
	r, err := http.Post(ts.URL+openai.PathCompletions, "text/plain", strings.NewReader(`{"prompt":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 400 {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestHarmlessFieldsAreAccepted(t *testing.T) {
	ts := start(t, fast, nil)
	for _, body := range []string{
		`{"prompt":"x","max_tokens":2,"use_beam_search":false,"stop":"END","temperature":0,"seed":7,"n":1,"best_of":1,"user":"u"}`,
		`{"prompt":"x","max_tokens":2,"stop":["a","b"],"stop_token_ids":[2],"top_k":-1,"top_p":0.9,"frequency_penalty":0.5,"logprobs":null,"echo":false}`,
		`{"prompt":"x","max_tokens":2,"stop":null,"stream":false,"stream_options":null,"add_special_tokens":false}`,
	} {
		if status, answer := ts.post(t, openai.PathCompletions, body); status != 200 || !strings.Contains(answer, `"completion_tokens":2`) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestAPIKeyGuardsV1Alone(t *testing.T) {
	ts := start(t, fast, func(c *Config) { c.APIKeys = []string{"good", "better"} })
	for _, c := range []struct {
		path, key string
		status    int
	}{
		{openai.PathModels, "", 401}, {openai.PathModels, "Bearer bad", 401}, {openai.PathModels, "Basic good", 401},
		{openai.PathModels, "Bearer good", 200}, {openai.PathModels, "bearer better", 200}, {openai.PathHealth, "", 200}, {openai.PathVersion, "", 200},
	} {
		request, err := http.NewRequest("GET", ts.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.key != "" {
			request.Header.Set("Authorization", c.key)
		}
		r, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != c.status {
			t.Errorf("%s with %q: status %d, want %d", c.path, c.key, r.StatusCode, c.status)
		}
	}
}

func FuzzRequest(f *testing.F) {
	ts := start(f, fast, nil)
	f.Add(`{"prompt":"x","max_tokens":2}`, false)
	f.Add(`{"prompt":[[1,2],[3]],"stream":true,"stream_options":{"include_usage":true}}`, false)
	f.Add(`{"messages":[{"role":"user","content":"x"}],"max_tokens":null}`, true)
	f.Add(`{"messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"n":1}`, true)
	for _, body := range []string{`0`, `[`, `{"unknown":"","max_tokens":0}`} {
		f.Add(body, false)
		f.Add(body, true)
	}
	f.Fuzz(func(t *testing.T, body string, chat bool) {
		var p *plan
		var e *openai.Error
		if chat {
			var r openai.ChatRequest
			if e = decode([]byte(body), &r); e == nil {
				p, e = ts.planChat(&r)
			}
		} else {
			var r openai.CompletionRequest
			if e = decode([]byte(body), &r); e == nil {
				p, e = ts.planCompletion(&r)
			}
		}
		if e != nil {
			if e.Code < 400 || e.Code >= 500 || e.Message == "" || e.Type == "" {
				t.Fatalf("error %+v", e)
			}
			return
		}
		if len(p.prompts) == 0 || len(p.prompts) != len(p.newTokens) {
			t.Fatalf("plan %+v", p)
		}
		for i := range p.prompts {
			if p.newTokens[i] < 1 || p.prompts[i] < 0 || p.prompts[i]+p.newTokens[i] > ts.MaxModelLen {
				t.Fatalf("plan %+v", p)
			}
		}
	})
}
