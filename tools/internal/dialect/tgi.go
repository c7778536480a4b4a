package dialect

import (
	"context"
	"encoding/json"

	"fastgenbench/tools/internal/stream"
)

// tgi speaks the native protocol of Hugging Face's text-generation-inference:
// one event per token, the last with the details; there is no end mark.
type tgi struct{ *web }

func newTGI(o Options) (Server, error) {
	p := &tgi{}
	var err error
	if p.web, err = newWeb(o, p); err != nil {
		return nil, err
	}
	p.by = byTokens
	return p, nil
}

func (*tgi) splitter() stream.Splitter { return stream.NewSSE() }

func (*tgi) parser() parser { return stateless(stream.TGI) }

// tgiRequest leaves out ignore_eos, which TGI does not have.
type tgiRequest struct {
	Inputs     string `json:"inputs"`
	Parameters struct {
		MaxNewTokens int  `json:"max_new_tokens"`
		Details      bool `json:"details"`
		// InputDetails asks for the prompt's tokens, which is how an answer that
		// is not streamed says how many they are.
		InputDetails bool `json:"decoder_input_details,omitempty"`
	} `json:"parameters"`
}

func (p *tgi) compose(dst []byte, ask Ask) ([]byte, string, error) {
	r := tgiRequest{Inputs: ask.Prompt.Text}
	r.Parameters.MaxNewTokens, r.Parameters.Details, r.Parameters.InputDetails = ask.MaxNewTokens, true, !p.Stream
	body, err := json.Marshal(r)
	route := "/generate"
	if p.Stream {
		route = "/generate_stream"
	}
	return append(dst, body...), route, err
}

// Ready asks for one token.
func (p *tgi) Ready(ctx context.Context) error { return p.ready(ctx) }

// Learn sees whether the server answers.
func (p *tgi) Learn(ctx context.Context, note func(string)) error {
	return p.learn(ctx, note, "TGI has no ignore_eos: answers may end early")
}

// TokenIDs is nil: TGI takes text.
func (*tgi) TokenIDs(context.Context) []int { return nil }

// Count asks /tokenize.
func (p *tgi) Count(ctx context.Context, text string) (int, error) {
	body, err := json.Marshal(map[string]string{"inputs": text})
	if err != nil {
		return 0, err
	}
	var tokens []json.RawMessage
	err = p.post(ctx, "/tokenize", body, &tokens)
	return len(tokens), err
}
