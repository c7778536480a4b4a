package dialect

import (
	"errors"
	"strings"
	"testing"

	"fastgenbench/tools/internal/transport"
)

// says is a server that answers its routes as given, others with 404, and
// generations with one token.
type says map[string]string

func (s says) answer(c call) bool {
	if body, ok := s[c.URL.Path]; ok && c.Method == "GET" {
		return plain(c.conn, 200, body)
	}
	if c.Method == "POST" && strings.Contains(c.URL.Path, "completions") {
		return plain(c.conn, 200, `{"choices":[{"text":"x","finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":1}}`)
	}
	return plain(c.conn, 404, `{"detail":"Not Found"}`)
}

var vllmSays = says{
	"/v1/models": `{"object":"list","data":[{"id":"tiny","object":"model","owned_by":"vllm","max_model_len":2048}]}`,
	"/version":   `{"version":"0.32.0"}`,
}

var simulated = says{
	"/v1/models": `{"object":"list","data":[{"id":"M","owned_by":"sim-engine","max_model_len":4096}]}`,
	"/version":   `{"version":"0.1","engine":"sim-engine/0.1-fastgen","hardware":"2xA6000","speed":20,"tp_size":2,"num_replicas":1,"max_ragged_batch_size":768}`,
}

func TestWhatServersSayOfThemselves(t *testing.T) {
	llama := says{
		"/v1/models": `{"object":"list","data":[{"id":"smollm2","owned_by":"llamacpp","meta":{"n_ctx_train":2048}}]}`,
		"/props":     `{"build_info":"b11434-1587a76"}`,
	}
	sglang := says{
		"/v1/models":   `{"data":[{"id":"M","owned_by":"sglang","max_model_len":100}]}`,
		"/server_info": `{"version":"0.5.18"}`,
	}
	hosted := says{"/v1/models": `{"data":[{"id":"gpt","owned_by":"my-organisation"},{"id":"other","max_model_len":64}]}`}
	for name, c := range map[string]struct {
		says
		path, model string
		want        Identity
	}{
		"vllm":                  {vllmSays, "", "", Identity{Engine: "vllm 0.32.0", Speed: 1, Model: "tiny", Context: 2048}},
		"vllm, by name":         {vllmSays, "/v1", "tiny", Identity{Engine: "vllm 0.32.0", Speed: 1, Model: "tiny", Context: 2048}},
		"llama-server":          {llama, "", "", Identity{Engine: "llamacpp b11434-1587a76", Speed: 1, Model: "smollm2"}},
		"sglang":                {sglang, "", "", Identity{Engine: "sglang 0.5.18", Speed: 1, Model: "M", Context: 100}},
		"simulated":             {simulated, "", "", Identity{Engine: "sim-engine 0.1-fastgen", Hardware: "2xA6000", Speed: 20, Model: "M", Context: 4096, TPSize: 2, NumReplicas: 1, MaxRaggedBatchSize: 768}},
		"simulated, by a route": {simulated, "/v1/completions", "M", Identity{Engine: "sim-engine 0.1-fastgen", Hardware: "2xA6000", Speed: 20, Model: "M", Context: 4096, TPSize: 2, NumReplicas: 1, MaxRaggedBatchSize: 768}},
		"hosted":                {hosted, "/v1/chat/completions", "gpt", Identity{Speed: 1, Model: "gpt"}},
		"another of the list":   {hosted, "", "other", Identity{Speed: 1, Model: "other", Context: 64}},
		"no list":               {says{}, "", "mine", Identity{Speed: 1, Model: "mine"}},
	} {
		s := newServer(t, "openai", serve(t, c.answer)+c.path, func(o *Options) { o.Model = c.model })
		if id, err := s.Identify(background(t)); err != nil || id != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, id, err, c.want)
		}
	}
}

// The context of a listed model is not that of one that is served unlisted.
func TestAnotherModelsContextIsNotKnown(t *testing.T) {
	alias := says{"/v1/models": `{"data":[{"id":"small","max_model_len":64}]}`}
	id, err := newServer(t, "openai", serve(t, alias.answer), func(o *Options) { o.Model = "large" }).Identify(background(t))
	if err != nil || id.Context != 0 {
		t.Errorf("%+v, %v", id, err)
	}
}

// An identity that is not available is an error with its cause.
func TestAnIdentityThatCannotBeHad(t *testing.T) {
	for want, answer := range map[string]func(c call) bool{
		"HTTP 401":       func(c call) bool { return plain(c.conn, 401, `{"error":"no key"}`) },
		"HTTP 503":       func(c call) bool { return plain(c.conn, 503, ``) },
		"cannot be read": func(c call) bool { return plain(c.conn, 200, `<html>`) },
		"lists no model": func(c call) bool { return plain(c.conn, 200, `{"data":[]}`) },
		"unexpected EOF": func(c call) bool { return false },
	} {
		for _, model := range []string{"", "m"} {
			id, err := newServer(t, "openai", serve(t, answer), func(o *Options) { o.Model = model }).Identify(background(t))
			if err == nil || !strings.Contains(err.Error(), want) || id != (Identity{}) {
				t.Errorf("model %q: %+v, %v; want %q", model, id, err, want)
			}
		}
	}
	_, err := newServer(t, "openai", serve(t, says{}.answer), func(o *Options) { o.Model = "" }).Identify(background(t))
	if status := (*transport.StatusError)(nil); !errors.As(err, &status) || status.Status != 404 {
		t.Errorf("no list, no name: %v", err)
	}
}

func TestServersThatSayNothingOfThemselves(t *testing.T) {
	for protocol, want := range map[string]Identity{
		"mii": {Engine: "deepspeed-mii", Speed: 1, Model: "m"},
		"aml": {Engine: "azure-ml blue", Speed: 1, Model: "m"},
	} {
		s := newServer(t, protocol, map[string]string{"mii": "grpc://localhost:1", "aml": "http://localhost:1"}[protocol], func(o *Options) {
			o.Deployment, o.Stream = "blue", false
		})
		if id, err := s.Identify(background(t)); err != nil || id != want {
			t.Errorf("%s: %+v, %v", protocol, id, err)
		}
	}
}

// Ready needs no name where the server lists one.
func TestReady(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(c call) bool
		model  string
		want   string
	}{
		"listed":        {vllmSays.answer, "", ""},
		"named":         {says{}.answer, "m", ""},
		"neither":       {says{}.answer, "", "HTTP 404"},
		"still loading": {func(c call) bool { return plain(c.conn, 503, `{"error":{"message":"Loading model"}}`) }, "m", "HTTP 503 Service Unavailable: Loading model"},
		"no such model": {func(c call) bool { return plain(c.conn, 404, `{"error":{"message":"no such model"}}`) }, "m", "no such model"},
		"shows no text": {func(c call) bool { return plain(c.conn, 200, `{"choices":[{"text":"","finish_reason":"length"}]}`) }, "m", ""},
		"a chat alone":  {engine{missing: 404, chat: "/v1/chat/completions"}.answer, "m", ""},
		"other max":     {engine{missing: 404, chat: "/v1/chat/completions", refuses: []string{`"max_tokens`}}.answer, "m", ""},
	} {
		s := newServer(t, "openai", serve(t, c.answer), func(o *Options) { o.Model, o.Stream = c.model, false })
		if err := s.Ready(background(t)); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
