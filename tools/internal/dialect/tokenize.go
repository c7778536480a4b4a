package dialect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
)

var errUncounted = errors.New("the server does not say how many tokens a text has")

// textOnly is the part of a protocol without token ids and without a count.
type textOnly struct{}

// TokenIDs is nil: prompts are text.
func (textOnly) TokenIDs(context.Context) []int { return nil }

// Count is not available.
func (textOnly) Count(context.Context, string) (int, error) { return 0, errUncounted }

// post asks a question of a route and reads the answer's JSON.
func (w *web) post(ctx context.Context, route string, body []byte, said any) error {
	return w.call(ctx, http.MethodPost, route, body, said)
}

func (w *web) get(ctx context.Context, route string, said any) error {
	return w.call(ctx, http.MethodGet, route, nil, said)
}

func (w *web) call(ctx context.Context, method, route string, body []byte, said any) error {
	text, err := w.to.Call(ctx, method, route, body, w.Timeout)
	if err != nil {
		return &failure{w.to.Redact(inWords(err)), err} // which the server may have written
	}
	if err := json.Unmarshal(text, said); err != nil {
		return fmt.Errorf("the answer of %s cannot be read: %w", route, err)
	}
	return nil
}

// Count says how many tokens the server makes of a text prompt: through
// /tokenize where there is such a route (asked once), else through the usage of a request
// for one token. A chat's template counts, since the server counts it.
func (p *openAI) Count(ctx context.Context, text string) (int, error) {
	if !p.Chat && !p.noTokenize {
		ids, err := p.tokenize(ctx, text, true)
		if err == nil {
			return len(ids), nil
		}
		p.noTokenize = isMissing(err)
	}
	return p.usage(ctx, prompt.Prompt{Text: text})
}

// usage is the prompt's length as the server counts it.
func (w *web) usage(ctx context.Context, what prompt.Prompt) (int, error) {
	c := w.client()
	defer c.Close()
	o, err := try(ctx, c, Ask{Prompt: what, MaxNewTokens: w.least})
	if !o.Prompt.Known() {
		if err == nil {
			return 0, errUncounted
		}
		return 0, unanswered(ctx, o, err)
	}
	return o.Prompt.Int(), nil // even where the one token showed nothing
}

// idRanges are tried where there is no /tokenize: ids that hold no special
// token in the usual vocabularies, from large ones to toys.
var idRanges = [][2]int{{1000, 20000}, {300, 900}, {10, 200}}

// TokenIDs returns ids that the server takes for a prompt and counts one by
// one, nil when it takes text only.
func (p *openAI) TokenIDs(ctx context.Context) []int {
	if p.Chat {
		return nil
	}
	if ids, err := p.tokenize(ctx, prompt.Corpus(), false); err == nil && len(ids) > 0 {
		slices.Sort(ids)
		if ids = slices.Compact(ids); p.takes(ctx, ids) {
			return ids
		}
		return nil
	}
	for _, from := range idRanges {
		ids := make([]int, 0, from[1]-from[0])
		for id := from[0]; id < from[1]; id++ {
			ids = append(ids, id)
		}
		if p.takes(ctx, ids) {
			return ids
		}
	}
	return nil
}

// takes reports whether a prompt of such ids is taken for what it is. The
// largest are in it: what is beyond the vocabulary is refused.
func (p *openAI) takes(ctx context.Context, ids []int) bool {
	sample := ids[max(0, len(ids)-24):]
	n, err := p.usage(ctx, prompt.Prompt{IDs: sample})
	return err == nil && (n == len(sample) || n == len(sample)+1) // or a begin-of-text token before them
}

// tokenize asks for the ids of a text. The engines differ in the names of the
// fields, and pass over those they do not know.
func (p *openAI) tokenize(ctx context.Context, text string, special bool) ([]int, error) {
	body, err := json.Marshal(map[string]any{"model": p.Model, "prompt": text, "content": text,
		"add_special_tokens": special, "add_special": special})
	if err != nil {
		return nil, err
	}
	var said struct{ Tokens []int }
	if err := p.post(ctx, openai.PathTokenize, body, &said); err != nil {
		return nil, err
	}
	if said.Tokens == nil {
		return nil, errUncounted
	}
	return said.Tokens, nil
}
