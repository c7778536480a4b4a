package dialect

import (
	"context"
	"encoding/json"

	"fastgenbench/tools/internal/stream"
)

// generate speaks to vLLM's old demonstration server, the one that the
// original suite drives: JSON objects that hold the prompt and all text so far.
// There is no count of tokens, no finish reason and no end mark, so each object
// whose text has grown is taken for a token, and an answer that ends properly
// for a whole one.
type generate struct {
	*web
	textOnly
}

func newGenerate(o Options) (Server, error) {
	p := &generate{}
	var err error
	if p.web, err = newWeb(o, p); err != nil {
		return nil, err
	}
	p.objects = true
	return p, nil
}

func (*generate) splitter() stream.Splitter { return stream.NewObjects() }

func (*generate) parser() parser { return new(texts) }

// texts keeps how long the text was. Every object may be the last.
type texts struct {
	begun  bool
	length int
}

func (t *texts) Reset() { *t = texts{} }

func (t *texts) Warm() int { return t.length }

// Read passes over an object that brings no text, unless it is the first.
func (t *texts) Read(m stream.Message) (e stream.Event, passed bool, err error) {
	n, err := stream.TextLength(m.Data)
	e = stream.Event{Choice: true, Text: n > t.length, Finish: stream.Finished}
	passed = err == nil && !e.Text && t.begun
	t.length, t.begun = max(t.length, n), true
	return e, passed, err
}

// compose leaves out use_beam_search, which the original sends and servers
// since 0.6.3 refuse.
func (p *generate) compose(dst []byte, ask Ask) ([]byte, string, error) {
	body, err := json.Marshal(map[string]any{"prompt": ask.Prompt.Text, "max_tokens": ask.MaxNewTokens,
		"ignore_eos": true, "stream": p.Stream})
	return append(dst, body...), "/generate", err
}

// Ready asks for one token.
func (p *generate) Ready(ctx context.Context) error { return p.ready(ctx) }

// Learn sees whether the server answers.
func (p *generate) Learn(ctx context.Context, note func(string)) error {
	return p.learn(ctx, note, "this server counts no tokens: each piece of text that comes is taken for one")
}
