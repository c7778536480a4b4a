package protocol

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// chunk is a chunk of a streamed answer with all that the engines may say in
// it, read by encoding/json. Its fields are wider than the protocol's types:
// errors come in several shapes, and must be told, not be the error.
type chunk struct {
	Choices []struct {
		Text         string
		Delta        delta
		FinishReason string `json:"finish_reason"`
		TokenIDs     []int  `json:"token_ids"`
	}
	Usage   *usage
	Timings struct {
		Predicted *int `json:"predicted_n"`
	}
	Object  string
	Error   json.RawMessage
	Message json.RawMessage
}

type delta struct {
	Role             string
	Content          string
	ReasoningContent string `json:"reasoning_content"`
	Reasoning        string
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Details    struct {
		Cached *int `json:"cached_tokens"`
	} `json:"prompt_tokens_details"`
}

// decodeEvent reads a chunk in full. The error is the server's own word when
// the chunk is one, or that it is no chunk.
func decodeEvent(data []byte) (event, error) {
	e := newEvent()
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return e, fmt.Errorf("the answer cannot be read: %.80q: %w", data, err)
	}
	if (len(c.Error) > 0 && string(c.Error) != "null") || c.Object == "error" {
		return e, errors.New("the server reports " + errorText(data))
	}
	if len(c.Choices) > 0 {
		first := c.Choices[0]
		e.choice, e.finish = true, finishOf(first.FinishReason)
		e.text = first.Text+first.Delta.Content+first.Delta.ReasoningContent+first.Delta.Reasoning != ""
		e.role = first.Delta.Role != ""
		if first.TokenIDs != nil {
			e.ids = len(first.TokenIDs)
		}
	}
	if c.Timings.Predicted != nil {
		e.predicted = *c.Timings.Predicted
	}
	c.Usage.into(&e)
	return e, nil
}

func (u *usage) into(e *event) {
	if u == nil {
		return
	}
	e.counted, e.prompt, e.completion = true, u.Prompt, u.Completion
	if u.Details.Cached != nil {
		e.cached = *u.Details.Cached
	}
}

// errorText finds the words in the error bodies of the engines: an error
// object or text, a message beside it, FastAPI's detail, or what else there is.
func errorText(body []byte) string {
	var shape struct{ Error, Message, Detail json.RawMessage }
	if json.Unmarshal(body, &shape) == nil {
		for _, part := range []json.RawMessage{shape.Error, shape.Message, shape.Detail} {
			if text := wordsOf(part); text != "" {
				return text
			}
		}
	}
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body[:min(len(body), 300)]), "?")), " ")
	if text == "" {
		return "nothing further"
	}
	return text
}

func wordsOf(part json.RawMessage) string {
	var text string
	if json.Unmarshal(part, &text) == nil {
		return text
	}
	var object struct{ Message, Msg, Error string }
	if json.Unmarshal(part, &object) == nil {
		return object.Message + object.Msg + object.Error
	}
	var list []struct{ Msg string }
	if json.Unmarshal(part, &list) == nil && len(list) > 0 {
		return list[0].Msg
	}
	return strings.TrimPrefix(string(part), "null")
}
