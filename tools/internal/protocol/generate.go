package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"fastgenbench/tools/internal/stamp"
)

// generate speaks to vLLM's old demonstration server, the one that the
// original suite drives: JSON objects that hold the prompt and all text so far,
// ended by a NUL up to 0.6.3 and by a newline since. There is no count of
// tokens, no finish reason and no end mark, so each object whose text has grown
// is taken for a token, and an answer that ends properly for a whole one.
type generate struct {
	httpProtocol
	textOnly
}

func newGenerate(o Options) (Protocol, error) {
	at, err := newEndpoint(o.URL, o.Key)
	if err != nil {
		return nil, err
	}
	p := &generate{}
	p.httpProtocol = newHTTP(o, at, p)
	return p, nil
}

func (*generate) framer() framer { return &objects{} }

func (*generate) counts() counting { return byMessage }

// compose leaves out use_beam_search, which the original sends and servers
// since 0.6.3 refuse.
func (p *generate) compose(dst []byte, ask Ask) ([]byte, string, error) {
	body, err := json.Marshal(map[string]any{"prompt": ask.Prompt.Text, "max_tokens": ask.MaxNewTokens,
		"ignore_eos": true, "stream": p.Stream})
	return append(dst, body...), "/generate", err
}

func (*generate) message(a *account, data []byte, at stamp.Arrival) (bool, error) {
	length, err := textLength(data)
	if err != nil {
		return false, err
	}
	if length > a.count.length {
		a.count.length = length
		a.count.running++
		a.note.chunk(1, at)
	}
	a.count.finish = finished // every object may be the last
	return false, nil
}

func (*generate) whole(a *account, body []byte) error {
	_, err := textLength(body)
	a.count.finish, a.count.blind = finished, true
	return err
}

// textLength is the length of the object's text as it is written, the prompt
// included. The text comes again with each token, so it is only passed over.
func textLength(object []byte) (int, error) {
	s := scanner{data: object}
	if s.take('{') && s.word(`"text"`) && s.take(':') && s.take('[') {
		if n, ok := s.quoted(); ok && s.take(']') && s.take('}') && s.atEnd() {
			return n, nil
		}
	}
	var shape struct{ Text []string }
	if err := json.Unmarshal(object, &shape); err != nil || len(shape.Text) == 0 {
		return 0, fmt.Errorf("the answer holds no text: %s", errorText(object))
	}
	return len(shape.Text[0]), nil
}

// Learn sees whether the server answers.
func (p *generate) Learn(ctx context.Context, note func(string)) error {
	c := p.client()
	defer c.Close()
	row, err := try(ctx, c, learnPrompt(), learnTokens)
	if err != nil {
		return unanswered(ctx, row, err)
	}
	note("this server counts no tokens: each piece of text that comes is taken for one")
	return nil
}

// objects cuts a stream at NULs and newlines, neither of which stands inside
// of JSON as it is sent.
type objects struct{ begun []byte }

func (o *objects) next(p []byte) (data, rest []byte, ok bool, err error) {
	for len(p) > 0 {
		end := bytes.IndexAny(p, "\x00\n")
		if end < 0 {
			if o.begun = append(o.begun, p...); len(o.begun) > maxEvent {
				return nil, nil, false, errEventTooLong
			}
			return nil, nil, false, nil
		}
		data = p[:end]
		if len(o.begun) > 0 {
			data = append(o.begun, data...)
			o.begun = data[:0]
		}
		if p = p[end+1:]; len(bytes.TrimSpace(data)) > 0 {
			return data, p, true, nil
		}
	}
	return nil, nil, false, nil
}

func (o *objects) reset() { o.begun = o.begun[:0] }
