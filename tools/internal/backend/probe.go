package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	// Model is the first model it serves.
	Model string
	// Context is the longest sequence in tokens, prompt and generation together.
	Context int
	// TPSize, NumReplicas and MaxRaggedBatchSize are, like Context, 0 where it
	// does not say.
	TPSize, NumReplicas, MaxRaggedBatchSize int
}

// Probe asks the OpenAI protocol of a server whether it is ready, which only a
// completed request of one token proves, and what it is.
type Probe struct {
	URL, Model, APIKey string
	Client             *http.Client
}

// Ready returns nil when a request of one token completes.
func (p Probe) Ready(ctx context.Context) error {
	model, err := p.model(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"model": model, "prompt": "a", "max_tokens": 1})
	if err != nil {
		return err
	}
	return p.call(ctx, http.MethodPost, "/v1/completions", body, &openai.Completion{})
}

// model is the wanted model's name as the server gives it: engines that were
// handed a path may serve it under another name.
func (p Probe) model(ctx context.Context) (string, error) {
	var list openai.ModelList
	if err := p.call(ctx, http.MethodGet, "/v1/models", nil, &list); err != nil {
		return "", err
	}
	for _, m := range list.Data {
		if m.ID == p.Model {
			return p.Model, nil
		}
	}
	if len(list.Data) == 0 {
		return "", fmt.Errorf("the server lists no model")
	}
	return list.Data[0].ID, nil
}

// Identify asks a ready server what it is. name is its backend's, for servers
// that do not say.
func (p Probe) Identify(ctx context.Context, name string) (Identity, error) {
	var list openai.ModelList
	if err := p.call(ctx, http.MethodGet, "/v1/models", nil, &list); err != nil {
		return Identity{}, err
	}
	id := Identity{Engine: name, Speed: 1}
	owner := ""
	if len(list.Data) > 0 {
		id.Model, owner, id.Context = list.Data[0].ID, list.Data[0].OwnedBy, list.Data[0].MaxModelLen
	}
	var v openai.Version
	if err := p.call(ctx, http.MethodGet, "/version", nil, &v); err != nil {
		return p.identifyLlama(ctx, id, owner), nil // not every engine has this route
	}
	if owner == openai.SimEngine {
		id.Engine = strings.Replace(v.Engine, "/", " ", 1)
		id.Hardware, id.Speed = v.Hardware, v.Speed
		id.TPSize, id.NumReplicas, id.MaxRaggedBatchSize = v.TPSize, v.NumReplicas, v.MaxRaggedBatchSize
		return id, nil
	}
	if owner != "" {
		id.Engine = owner
	}
	id.Engine += " " + v.Version
	return id, nil
}

// identifyLlama asks llama-server's own route for its build.
func (p Probe) identifyLlama(ctx context.Context, id Identity, owner string) Identity {
	if owner != "" {
		id.Engine = owner
	}
	var props struct {
		Build string `json:"build_info"`
	}
	if err := p.call(ctx, http.MethodGet, "/props", nil, &props); err == nil && props.Build != "" {
		id.Engine += " " + props.Build
	}
	return id
}

func (p Probe) call(ctx context.Context, method, path string, body []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if p.APIKey != "" {
		req.Header.Set("Authorization", "Bearer "+p.APIKey)
	}
	res, err := p.Client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, bytes.TrimSpace(text[:min(len(text), 200)]))
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}
