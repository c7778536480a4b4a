package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"fastgenbench/tools/internal/stamp"
)

// tgi speaks the native protocol of Hugging Face's text-generation-inference:
// one event a token, the last with the details; there is no end mark.
type tgi struct{ httpProtocol }

func newTGI(o Options) (Protocol, error) {
	at, err := newEndpoint(o.URL, o.Key)
	if err != nil {
		return nil, err
	}
	p := &tgi{}
	p.httpProtocol = newHTTP(o, at, p)
	return p, nil
}

func (*tgi) framer() framer { return &splitter{} }

func (*tgi) counts() counting { return byMessage }

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

// tgiMessage is an event of a stream, or a whole answer.
type tgiMessage struct {
	Token   *struct{ ID int }
	Details *struct {
		Reason    string            `json:"finish_reason"`
		Generated int               `json:"generated_tokens"`
		Input     int               `json:"input_length"`
		Prefill   []json.RawMessage `json:"prefill"`
	}
	Error string
}

func (m *tgiMessage) read(data []byte) error {
	if err := json.Unmarshal(data, m); err != nil {
		return fmt.Errorf("the answer cannot be read: %.80q: %w", data, err)
	}
	if m.Error != "" {
		return errors.New("the server reports " + m.Error)
	}
	return nil
}

// count takes the details, which come at the end.
func (m *tgiMessage) count(t *tally) {
	if m.Details == nil {
		return
	}
	t.finish = finishOf(m.Details.Reason)
	t.final = event{counted: true, prompt: max(m.Details.Input, len(m.Details.Prefill)), completion: m.Details.Generated, cached: -1}
}

func (*tgi) message(a *account, data []byte, at stamp.Arrival) (bool, error) {
	var m tgiMessage
	if err := m.read(data); err != nil {
		return false, err
	}
	if m.Token != nil {
		a.count.running++
		a.note.chunk(1, at)
	}
	m.count(&a.count)
	return m.Details != nil, nil
}

func (*tgi) whole(a *account, body []byte) error {
	var m tgiMessage
	if err := m.read(body); err != nil {
		return err
	}
	m.count(&a.count)
	return nil
}

// Learn sees whether the server answers.
func (p *tgi) Learn(ctx context.Context, note func(string)) error {
	c := p.client()
	defer c.Close()
	row, err := try(ctx, c, learnPrompt(), learnTokens)
	if err != nil {
		return unanswered(ctx, row, err)
	}
	note("TGI has no ignore_eos: generations may be shorter than asked for")
	return nil
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
	err = p.at.call(ctx, "/tokenize", body, p.Timeout, &tokens)
	return len(tokens), err
}
