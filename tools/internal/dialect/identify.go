package dialect

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/transport"
)

// Ready asks for one token, in the form of request that the server takes.
// That it takes chats alone is for Learn to find and to tell.
func (p *openAI) Ready(ctx context.Context) error {
	defer func(chat bool) { p.Chat = chat }(p.Chat)
	if p.Model == "" {
		model, _, err := p.model(ctx)
		if err != nil {
			return err
		}
		p.Model = model.ID
	}
	o, _, err := p.plain(ctx, func(string) {}, 1)
	return unready(ctx, o, err)
}

// Identify asks a ready server what it is: its models, its version.
func (w *web) Identify(ctx context.Context) (Identity, error) {
	model, listed, err := w.model(ctx)
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Speed: 1, Model: model.ID}
	if listed {
		id.Context = model.MaxModelLen // another model's context is not this one's
	}
	if isEngine(model.OwnedBy) {
		id.Engine = model.OwnedBy
	}
	var v openai.Version
	if err := w.get(ctx, openai.PathVersion, &v); err != nil {
		id.Engine = strings.TrimSpace(id.Engine + w.otherVersion(ctx)) // not every engine has this route
		return id, nil
	}
	if v.Simulated() {
		id.Engine = strings.Replace(v.Engine, "/", " ", 1)
		id.Hardware, id.Speed, id.Lockstep = v.Hardware, v.Speed, v.Lockstep
		id.TPSize, id.NumReplicas, id.MaxRaggedBatchSize = v.TPSize, v.NumReplicas, v.MaxRaggedBatchSize
		return id, nil
	}
	id.Engine = strings.TrimSpace(id.Engine + " " + v.Version)
	return id, nil
}

var errNoModel = errors.New("the server lists no model")

// model is the wanted model as the server lists it, or else the first: engines
// that were handed a path may serve it under another name. A server without
// such a list, or with another one, is asked for the wanted model all the same.
func (w *web) model(ctx context.Context) (model openai.Model, listed bool, err error) {
	var list openai.ModelList
	err = w.get(ctx, openai.PathModels, &list)
	if w.Model != "" && isMissing(err) {
		return openai.Model{ID: w.Model}, false, nil
	}
	if err != nil {
		return openai.Model{}, false, err
	}
	for _, m := range list.Data {
		if m.ID == w.Model {
			return m, true, nil
		}
	}
	if len(list.Data) == 0 {
		return openai.Model{}, false, errNoModel
	}
	return list.Data[0], w.Model == "", nil
}

// isMissing reports whether a server has no such route.
func isMissing(err error) bool {
	status := (*transport.StatusError)(nil)
	return errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusMethodNotAllowed)
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

// otherVersion asks the routes of llama-server, of SGLang and of Ollama, with a
// space in front; "" where there is no answer.
func (w *web) otherVersion(ctx context.Context) string {
	var said struct {
		Build   string `json:"build_info"`
		Version string `json:"version"`
	}
	for _, route := range []string{"/props", "/server_info"} {
		if err := w.get(ctx, route, &said); err == nil && said.Build+said.Version != "" {
			return " " + said.Build + said.Version
		}
	}
	if err := w.get(ctx, "/api/version", &said); err == nil && said.Version != "" {
		return " ollama " + said.Version
	}
	return ""
}
