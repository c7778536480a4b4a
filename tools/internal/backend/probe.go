package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"fastgenbench/tools/internal/openai"
)

// Identity is what a server says of itself.
type Identity struct {
	// Engine is its name and version.
	Engine string
	// Hardware is empty where the server does not say.
	Hardware string
	// Speed is virtual seconds a wall second, 1 for a real server.
	Speed float64
	// Model is what requests must call the model.
	Model string
	// Context is the longest sequence in tokens, prompt and generation together.
	Context int
	// TPSize, NumReplicas and MaxRaggedBatchSize are, like Context, 0 where it
	// does not say.
	TPSize, NumReplicas, MaxRaggedBatchSize int
}

// Probe asks a server by the OpenAI protocol whether it is ready and what it is.
type Probe struct {
	URL, Model, APIKey string
	Client             *http.Client
}

// Ready returns nil when a request of one token completes. A server without
// completions is asked for a chat.
func (p Probe) Ready(ctx context.Context) error {
	model, err := p.model(ctx)
	if err != nil {
		return err
	}
	if err = p.oneToken(ctx, model.ID); !isMissing(err) {
		return err
	}
	one := 1
	chat := openai.ChatRequest{Model: model.ID, Messages: []openai.Message{{Role: "user", Content: "a"}}, MaxTokens: &one}
	if p.call(ctx, http.MethodPost, openai.PathChatCompletions, chat, &openai.ChatCompletion{}) == nil {
		return nil
	}
	return err
}

// oneToken asks for a completion of one token.
func (p Probe) oneToken(ctx context.Context, model string) error {
	one := 1
	return p.call(ctx, http.MethodPost, openai.PathCompletions,
		openai.CompletionRequest{Model: model, Prompt: openai.TextPrompt("a"), MaxTokens: &one}, &openai.Completion{})
}

// isMissing reports whether a server has no such route, or no such model.
func isMissing(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.code == http.StatusNotFound
}

// model is the wanted model as the server lists it, or else the first: engines
// that were handed a path may serve it under another name. A server without
// such a list is asked for the wanted one.
func (p Probe) model(ctx context.Context) (openai.Model, error) {
	var list openai.ModelList
	err := p.call(ctx, http.MethodGet, openai.PathModels, nil, &list)
	if isMissing(err) && p.Model != "" {
		return openai.Model{ID: p.Model}, nil
	}
	if err != nil {
		return openai.Model{}, err
	}
	for _, m := range list.Data {
		if m.ID == p.Model {
			return m, nil
		}
	}
	if len(list.Data) == 0 {
		return openai.Model{}, fmt.Errorf("the server lists no model")
	}
	return list.Data[0], nil
}

// Identify asks a ready server what it is. name is its backend's, for servers
// that do not say.
func (p Probe) Identify(ctx context.Context, name string) (Identity, error) {
	model, err := p.model(ctx)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Engine: name, Speed: 1, Model: model.ID, Context: model.MaxModelLen}
	if isEngine(model.OwnedBy) {
		id.Engine = model.OwnedBy
	}
	var v openai.Version
	if err := p.call(ctx, http.MethodGet, openai.PathVersion, nil, &v); err != nil {
		id.Engine += p.buildElsewhere(ctx) // not every engine has this route
		return id, nil
	}
	if model.OwnedBy == openai.SimEngine {
		id.Engine = strings.Replace(v.Engine, "/", " ", 1)
		id.Hardware, id.Speed = v.Hardware, v.Speed
		id.TPSize, id.NumReplicas, id.MaxRaggedBatchSize = v.TPSize, v.NumReplicas, v.MaxRaggedBatchSize
		return id, nil
	}
	if v.Version != "" {
		id.Engine += " " + v.Version
	}
	return id, nil
}

// isEngine reports whether owned_by names a program that we know. Hosted
// services put an organisation there.
func isEngine(owner string) bool {
	switch owner {
	case openai.SimEngine, "vllm", "sglang", "llamacpp", "tensorrt_llm":
		return true
	}
	return false
}

// buildElsewhere asks the routes of llama-server and of SGLang, with a space
// in front; "" where there is no answer.
func (p Probe) buildElsewhere(ctx context.Context) string {
	var said struct {
		Build   string `json:"build_info"`
		Version string `json:"version"`
	}
	for _, path := range []string{"/props", "/server_info"} {
		if err := p.call(ctx, http.MethodGet, path, nil, &said); err == nil && said.Build+said.Version != "" {
			return " " + said.Build + said.Version
		}
	}
	return ""
}

// call exchanges JSON. A nil question has no body.
func (p Probe) call(ctx context.Context, method, path string, question, answer any) error {
	var body []byte
	if question != nil {
		var err error
		if body, err = json.Marshal(question); err != nil {
			return err
		}
	}
	text, err := exchange(ctx, p.Client, p.APIKey, method, p.URL+path, nil, body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
