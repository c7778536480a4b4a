package dialect

import (
	"context"
	"encoding/json"
	"net/http"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/stream"
)

// plainText is what the protocols have in common that take text, count in
// usage, and have no ignore_eos.
type plainText struct{ *web }

// Ready asks for one token.
func (p plainText) Ready(ctx context.Context) error { return p.ready(ctx) }

// Learn sees whether the server answers, and how its messages count tokens.
func (p plainText) Learn(ctx context.Context, note func(string)) error {
	o, a, err := p.first(ctx, note, Ask{Prompt: learnPrompt(), MaxNewTokens: learnTokens})
	if err != nil {
		return unanswered(ctx, o, err)
	}
	note("this protocol has no ignore_eos: answers may end early")
	p.noteCounts(note, o, a)
	return nil
}

// TokenIDs is nil: prompts are text.
func (plainText) TokenIDs(context.Context) []int { return nil }

// Count has one token generated, since the answer says how long the prompt was.
func (p plainText) Count(ctx context.Context, text string) (int, error) {
	return p.usage(ctx, prompt.Prompt{Text: text})
}

// responses speaks OpenAI's Responses protocol.
type responses struct{ plainText }

func newResponses(o Options) (Server, error) {
	p := &responses{}
	var err error
	if p.web, err = newWeb(o, p); err != nil {
		return nil, err
	}
	p.least = minOutput
	return p, nil
}

func (*responses) splitter() stream.Splitter { return stream.NewSSE() }

func (*responses) parser() parser { return stateless(stream.Responses) }

// minOutput is the least that OpenAI's own servers take for max_output_tokens.
const minOutput = 16

// compose asks that nothing is kept on the server.
func (p *responses) compose(dst []byte, ask Ask) ([]byte, string, error) {
	body, err := json.Marshal(struct {
		Model  string `json:"model"`
		Input  string `json:"input"`
		Max    int    `json:"max_output_tokens"`
		Stream bool   `json:"stream,omitempty"`
		Store  bool   `json:"store"`
	}{p.Model, ask.Prompt.Text, ask.MaxNewTokens, p.Stream, false})
	return append(dst, body...), "/v1/responses", err
}

// messages speaks Anthropic's Messages protocol.
type messages struct{ plainText }

// anthropicVersion is the version of the protocol that requests name.
const anthropicVersion = "2023-06-01"

// newMessages sends the key as x-api-key, by default.
func newMessages(o Options) (Server, error) {
	if o.Transport.KeyHeader == "" {
		o.Transport.KeyHeader = "x-api-key"
	}
	const version = "Anthropic-Version" // questions about models need it, too
	if header := o.Transport.Header.Clone(); header.Get(version) == "" {
		if header == nil {
			header = http.Header{}
		}
		header.Set(version, anthropicVersion)
		o.Transport.Header = header
	}
	p := &messages{}
	var err error
	p.web, err = newWeb(o, p)
	return p, err
}

func (*messages) splitter() stream.Splitter { return stream.NewSSE() }

func (*messages) parser() parser { return stateless(stream.Messages) }

func (p *messages) compose(dst []byte, ask Ask) ([]byte, string, error) {
	type turn struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	body, err := json.Marshal(struct {
		Model    string `json:"model"`
		Max      int    `json:"max_tokens"`
		Messages []turn `json:"messages"`
		Stream   bool   `json:"stream,omitempty"`
	}{p.Model, ask.MaxNewTokens, []turn{{"user", ask.Prompt.Text}}, p.Stream})
	return append(dst, body...), "/v1/messages", err
}
