package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// scoring asks an Azure ML deployment.
type scoring struct {
	settings Settings
	url      string
	client   *http.Client
}

// Ready asks the deployment for one token.
func (a scoring) Ready(ctx context.Context) error {
	body, err := json.Marshal(map[string]any{"input_data": map[string]any{
		"input_string": []string{"a"},
		"parameters":   map[string]any{"max_tokens": 1, "max_new_tokens": 1, "return_full_text": false},
	}})
	if err != nil {
		return err
	}
	header := http.Header{"Azureml-Model-Deployment": {a.settings.DeploymentName}}
	text, err := exchange(ctx, a.client, a.settings.APIKey, http.MethodPost, a.url, header, body)
	if err != nil {
		return err
	}
	return scored(text)
}

// scored reports whether an answer holds a generated text. A scoring script
// that fails may still say 200.
func scored(text []byte) error {
	var rows []json.RawMessage
	if json.Unmarshal(text, &rows) == nil && len(rows) > 0 {
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) == nil && object["output"] != nil {
		return nil
	}
	if len(text) == 0 {
		return errors.New("the deployment's answer is empty")
	}
	return fmt.Errorf("the deployment's answer holds no text: %s", firstBytes(text))
}

// Identify knows no more than that there is an endpoint: it has no such route.
func (a scoring) Identify(context.Context) (Identity, error) {
	return Identity{Engine: "azure-ml " + a.settings.DeploymentName, Speed: 1, Model: a.settings.Model}, nil
}
