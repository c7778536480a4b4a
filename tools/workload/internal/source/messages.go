package source

import (
	"encoding/json"
	"errors"
	"fmt"

	"fastgenbench/tools/internal/workload"
)

// openAIMessages are chats as OpenAI's fine-tuning and batches take them: an
// object per line with messages and perhaps tools, or with a body that holds them
// and max_tokens. Seen on 2026-11-26 in OpenAI's page on batches and many examples.
var openAIMessages = Format{
	Name: "openai-messages", Holds: "JSONL: chats with messages, as OpenAI's fine-tuning and batches take them",
	keys: []string{"messages|body"},
	read: readMessages,
}

type chat struct {
	Messages            []json.RawMessage `json:"messages"`
	Tools               json.RawMessage   `json:"tools"`
	MaxTokens           *json.Number      `json:"max_tokens"`
	MaxCompletionTokens *json.Number      `json:"max_completion_tokens"`
}

// readMessages makes one request of each chat: all up to the answer at its end,
// which is for the server to give.
func readMessages(in *input) error {
	return in.eachObject(func(line []byte) error {
		var one struct {
			chat
			Body *chat `json:"body"`
		}
		if err := unmarshal(line, &one); err != nil {
			return err
		}
		if one.Body != nil {
			one.chat = *one.Body
		}
		request, answer, err := one.request()
		if err != nil {
			return err
		}
		if request.OutputLength == 0 {
			request.OutputLength = in.estimate(answer)
		}
		return in.put(request)
	})
}

// request is the chat without the answer at its end, whose bytes it counts.
func (c chat) request() (one workload.Request, answer int, err error) {
	asked := len(c.Messages)
	for ; asked > 0; asked-- {
		var m struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
		}
		if err := json.Unmarshal(c.Messages[asked-1], &m); err != nil {
			return one, 0, fmt.Errorf("message %d is not a chat message", asked)
		}
		if m.Role != "assistant" {
			break
		}
		var text string
		if json.Unmarshal(m.Content, &text) == nil {
			answer += len(text)
		}
	}
	if asked == 0 {
		return one, 0, errors.New("it has no message that asks for an answer")
	}
	one.Messages, err = encode(c.Messages[:asked])
	if string(c.Tools) != "null" {
		one.Tools = c.Tools
	}
	for _, most := range []*json.Number{c.MaxTokens, c.MaxCompletionTokens} {
		if err == nil && most != nil {
			one.OutputLength, err = tokens("max_tokens", most.String())
		}
	}
	return one, answer, err
}
