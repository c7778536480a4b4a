package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// objects cuts a stream at NULs and newlines, neither of which occurs inside
// of JSON as it is sent.
type objects struct{ begun []byte }

// NewObjects returns a Splitter for JSON objects that end with a NUL or a
// newline, as vLLM's old /generate sends them: NUL up to 0.6.3, newline since.
func NewObjects() Splitter { return &objects{} }

func (o *objects) Next(p []byte) (m Message, rest []byte, ok bool, err error) {
	for len(p) > 0 {
		end := bytes.IndexAny(p, "\x00\n")
		if end < 0 {
			if o.begun = append(o.begun, p...); len(o.begun) > maxMessage {
				return m, nil, false, errTooLong
			}
			break
		}
		m.Data = p[:end]
		if len(o.begun) > 0 {
			m.Data = append(o.begun, m.Data...)
			o.begun = m.Data[:0]
		}
		if p = p[end+1:]; len(bytes.TrimSpace(m.Data)) > 0 {
			return m, p, true, nil
		}
	}
	return Message{}, nil, false, nil
}

func (o *objects) Reset() { o.begun = emptied(o.begun) }

func (o *objects) Warm() int { return len(o.begun) }

// TextLength returns the length, in bytes, of the text in an object of vLLM's
// old /generate, as it is written: the prompt and all text so far. The text
// comes again with each token, so it is only skipped.
func TextLength(object []byte) (int, error) {
	s := scanner{data: object}
	if s.take('{') && s.word(`"text"`) && s.take(':') && s.take('[') {
		if text, ok := s.quoted(); ok && s.take(']') && s.take('}') && s.atEnd() {
			return len(text), nil
		}
	}
	var shape struct{ Text []string }
	if err := json.Unmarshal(object, &shape); err != nil || len(shape.Text) == 0 {
		return 0, fmt.Errorf("the answer holds no text: %s", ErrorText(object))
	}
	return len(shape.Text[0]), nil
}
