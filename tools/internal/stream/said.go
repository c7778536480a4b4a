package stream

import "encoding/json"

// Said is the visible text that a message of OpenAI's completions or chats brings,
// in a stream or as a whole; "" where it brings none.
func Said(data []byte) string {
	type part struct {
		Content json.RawMessage
	}
	var said struct {
		Choices []struct {
			Text           string
			Delta, Message part
		}
	}
	if json.Unmarshal(data, &said) != nil || len(said.Choices) == 0 {
		return ""
	}
	first := said.Choices[0]
	return first.Text + contentText(first.Delta.Content) + contentText(first.Message.Content)
}

// contentText is the text of a chat's content: a text, or a list of parts.
func contentText(content json.RawMessage) string {
	var text string
	if content == nil || json.Unmarshal(content, &text) == nil {
		return text
	}
	var parts []struct{ Text string }
	if json.Unmarshal(content, &parts) == nil {
		for _, part := range parts {
			text += part.Text
		}
	}
	return text
}
