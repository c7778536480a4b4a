package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/stamp"
)

// Count says how many tokens the server makes of a text prompt: through
// /tokenize where there is such a route, else through the usage of a request
// for one token. A chat's template counts, since the server counts it.
func (p *OpenAI) Count(ctx context.Context, text string) (int, error) {
	if !p.Chat {
		if ids, err := p.tokenize(ctx, text, true); err == nil {
			return len(ids), nil
		}
	}
	return p.usage(ctx, prompt.Prompt{Text: text})
}

// usage is the prompt's length as the server counts it.
func (p *OpenAI) usage(ctx context.Context, what prompt.Prompt) (int, error) {
	c := p.client()
	defer c.Close()
	row, err := try(ctx, c, what, 1)
	if err == nil && !row.PromptTokens.Known() {
		err = errUncounted
	}
	return int(row.PromptTokens), err
}

// idRanges are tried where there is no /tokenize: ids that hold no special
// token in the usual vocabularies, from large ones to toys.
var idRanges = [][2]int{{1000, 20000}, {300, 900}, {10, 200}}

// TokenIDs returns ids that the server takes for a prompt and counts one by
// one, nil when it takes text only.
func (p *OpenAI) TokenIDs(ctx context.Context) []int {
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
func (p *OpenAI) takes(ctx context.Context, ids []int) bool {
	sample := ids[max(0, len(ids)-24):]
	n, err := p.usage(ctx, prompt.Prompt{IDs: sample})
	return err == nil && (n == len(sample) || n == len(sample)+1) // or a begin-of-text token before them
}

// tokenize asks for the ids of a text. The engines differ in the names of the
// fields, and pass over those they do not know.
func (p *OpenAI) tokenize(ctx context.Context, text string, special bool) ([]int, error) {
	body, err := json.Marshal(map[string]any{"model": p.Model, "prompt": text, "content": text,
		"add_special_tokens": special, "add_special": special})
	if err != nil {
		return nil, err
	}
	var said struct{ Tokens []int }
	if err := p.at.call(ctx, openai.PathTokenize, body, p.Timeout, &said); err != nil {
		return nil, err
	}
	if said.Tokens == nil {
		return nil, errUncounted
	}
	return said.Tokens, nil
}

// call posts a body on a connection of its own and reads the answer's JSON.
func (e *endpoint) call(ctx context.Context, route string, body []byte, limit time.Duration, said any) error {
	w := wire{link: link{at: e}}
	defer w.close()
	var answer collector
	if _, err := w.exchange(ctx, e.post(nil, route, "", body), limit, nil, &answer); err != nil {
		return err
	}
	if err := json.Unmarshal(answer.Bytes(), said); err != nil {
		return fmt.Errorf("the answer of %s cannot be read: %w", route, err)
	}
	return nil
}

// collector hears an answer whose times do not matter.
type collector struct{ bytes.Buffer }

func (c *collector) begin(time.Time) { c.Reset() }

func (c *collector) body(p []byte, _ stamp.Arrival) error {
	c.Write(p)
	return nil
}

func (c *collector) read(stamp.Arrival) {}
