package stream

import (
	"encoding/json"
	"strings"
)

// ServerError is an error that a server reports, in its own words.
type ServerError struct{ Text string }

func (e *ServerError) Error() string { return "the server reports " + e.Text }

// serverError returns a part of a message as an error.
func serverError(part any) error {
	body, err := json.Marshal(part)
	if err != nil {
		return err
	}
	return &ServerError{ErrorText(body)}
}

// isError reports whether an object is an error in one of the shapes of the
// servers: an error beside or without anything else, a type or an object that
// says so, and FastAPI's detail or a message in place of an answer.
func isError(m Message, o object) bool {
	if !isNothing(o["error"]) || strings.Contains(textOf(o["type"]), "error") || strings.Contains(textOf(o["object"]), "error") {
		return true
	}
	for _, key := range [...]string{"type", "choices", "usage"} {
		if _, ok := o[key]; ok {
			return false
		}
	}
	named := len(m.Name) > 0 && string(m.Name) != "message"
	return !named && (!isNothing(o["detail"]) || textOf(o["message"]) != "")
}

// ErrorText finds the words in the error body of a server: an error object or
// text, a message beside it, FastAPI's detail, or the beginning of the body
// when it has none of them.
func ErrorText(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) == nil {
		if text := messageOf(v); text != "" {
			return text
		}
	}
	text := strings.ToValidUTF8(string(body[:min(len(body), 300)]), "?")
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "nothing further"
	}
	return text
}

// messageOf returns the first text in an error, or in one of a list.
func messageOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		for _, element := range v {
			if text := messageOf(element); text != "" {
				return text
			}
		}
	case object:
		for _, key := range [...]string{"error", "message", "msg", "detail", "errors", "response"} {
			if text := messageOf(v[key]); text != "" {
				return text
			}
		}
	}
	return ""
}
