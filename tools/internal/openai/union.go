package openai

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Prompt is the prompt field: one text, several texts, one list of token ids
// or several. At most one of the two slices is used.
type Prompt struct {
	Texts    []string
	TokenIDs [][]int
}

// TokenPrompt is the prompt of one list of token ids.
func TokenPrompt(ids []int) Prompt { return Prompt{TokenIDs: [][]int{ids}} }

// Len is the number of prompts.
func (p Prompt) Len() int { return len(p.Texts) + len(p.TokenIDs) }

// MarshalJSON writes a single prompt bare and several as a list.
func (p Prompt) MarshalJSON() ([]byte, error) {
	switch {
	case len(p.Texts) == 1:
		return json.Marshal(p.Texts[0])
	case len(p.Texts) > 0:
		return json.Marshal(p.Texts)
	case len(p.TokenIDs) == 1:
		return json.Marshal(p.TokenIDs[0])
	case len(p.TokenIDs) > 0:
		return json.Marshal(p.TokenIDs)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads any of the four forms. A null, an empty text and an
// empty list are no prompt at all.
func (p *Prompt) UnmarshalJSON(data []byte) error {
	*p = Prompt{}
	if ids, ok := plainIDs(data); ok {
		if len(ids) > 0 {
			p.TokenIDs = [][]int{ids}
		}
		return nil
	}
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if text != nil && *text != "" {
			p.Texts = []string{*text}
		}
		return nil
	}
	if json.Unmarshal(data, &p.Texts) == nil {
		return nil
	}
	p.Texts = nil
	var lists []idList
	if err := json.Unmarshal(data, &lists); err != nil {
		return fmt.Errorf("prompt is neither text nor token ids, nor a list of either")
	}
	for _, ids := range lists {
		p.TokenIDs = append(p.TokenIDs, ids)
	}
	return nil
}

// idList reads a list of ids without reflection.
type idList []int

func (l *idList) UnmarshalJSON(data []byte) error {
	ids, ok := plainIDs(data)
	if !ok {
		return fmt.Errorf("%.20q is not a list of token ids", data)
	}
	*l = ids
	return nil
}

// plainIDs reads "[1, 2, 3]", the form that prompts of thousands of ids come
// in, several times faster than the general decoder does.
func plainIDs(data []byte) ([]int, bool) {
	if len(data) < 2 || data[0] != '[' || data[len(data)-1] != ']' {
		return nil, false
	}
	body := data[1 : len(data)-1]
	ids := make([]int, 0, len(body)/5+1)
	number, digits, closed := 0, 0, false
	for _, c := range body {
		switch {
		case c >= '0' && c <= '9' && !closed && digits < 10 && (number > 0 || digits == 0):
			number, digits = number*10+int(c-'0'), digits+1
		case c == ',' && digits > 0:
			ids, number, digits, closed = append(ids, number), 0, 0, false
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			closed = digits > 0
		default:
			return nil, false
		}
	}
	if digits > 0 {
		return append(ids, number), true
	}
	return ids, len(ids) == 0 // a comma at the end is not JSON
}

// Stop is a list of stop strings; JSON also allows a single one.
type Stop []string

// UnmarshalJSON reads a string, a list of strings, or null.
func (s *Stop) UnmarshalJSON(data []byte) error {
	*s = nil
	var one *string
	if json.Unmarshal(data, &one) == nil {
		if one != nil {
			*s = Stop{*one}
		}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(s))
}

// Content is the text of a message.
type Content string

// UnmarshalJSON reads a text, null, or a list of parts whose texts are joined
// by line breaks. A part that is not text is an error.
func (c *Content) UnmarshalJSON(data []byte) error {
	*c = ""
	var text *string
	if json.Unmarshal(data, &text) == nil {
		if text != nil {
			*c = Content(*text)
		}
		return nil
	}
	var parts []struct{ Type, Text string }
	if err := json.Unmarshal(data, &parts); err != nil {
		return fmt.Errorf("content is neither text nor a list of parts")
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		if part.Type != "text" {
			return fmt.Errorf("content part of type %q is not supported", part.Type)
		}
		texts[i] = part.Text
	}
	*c = Content(strings.Join(texts, "\n"))
	return nil
}
