package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
)

// compose writes a request's JSON. The prompt is put in by hand: a list of
// thousands of ids is most of the work, and needs no reflection.
func (p *OpenAI) compose(dst []byte, ask Ask) (body []byte, route string, err error) {
	frame, hole, err := p.frame(ask.MaxNewTokens)
	if err != nil {
		return nil, "", err
	}
	before, after, _ := bytes.Cut(frame, []byte(hole))
	body = append(dst, before...)
	if body, err = appendPrompt(body, ask.Prompt, p.Chat); err != nil {
		return nil, "", err
	}
	body = append(body, after...)
	if p.Stream && p.can.timings { // llama-server's own
		body = append(body[:len(body)-1], `,"timings_per_token":true}`...)
	}
	if p.Chat {
		return body, openai.PathChatCompletions, nil
	}
	return body, openai.PathCompletions, nil
}

// frame is the request's JSON with a hole where the prompt belongs.
func (p *OpenAI) frame(newTokens int) (frame []byte, hole string, err error) {
	sampling := openai.Sampling{IgnoreEOS: p.can.ignoreEOS}
	if p.can.ignoreEOS {
		sampling.MinTokens = newTokens
	}
	if p.Chat {
		frame, err = json.Marshal(openai.ChatRequest{Model: p.Model, MaxTokens: &newTokens, Sampling: sampling, Streaming: p.streaming()})
		return frame, `"messages":null`, err
	}
	frame, err = json.Marshal(openai.CompletionRequest{Model: p.Model, MaxTokens: &newTokens, Sampling: sampling, Streaming: p.streaming()})
	return frame, `"prompt":null`, err
}

func (p *OpenAI) streaming() openai.Streaming {
	if !p.Stream {
		return openai.Streaming{}
	}
	s := openai.Streaming{Stream: true, ReturnTokenIDs: p.can.returnIDs}
	if p.can.totals {
		s.StreamOptions = &openai.StreamOptions{IncludeUsage: true, ContinuousUsageStats: p.can.running}
	}
	return s
}

func appendPrompt(dst []byte, what prompt.Prompt, chat bool) ([]byte, error) {
	if len(what.IDs) > 0 && !chat {
		dst = append(dst, `"prompt":[`...)
		for i, id := range what.IDs {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendInt(dst, int64(id), 10)
		}
		return append(dst, ']'), nil
	}
	text, err := json.Marshal(what.Text)
	if err != nil {
		return nil, err
	}
	if chat {
		return append(append(append(dst, `"messages":[{"role":"user","content":`...), text...), `}]`...), nil
	}
	return append(append(dst, `"prompt":`...), text...), nil
}
