package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/stream"
)

// openAI speaks the OpenAI completions protocol, or that of chat completions,
// with the extensions of vLLM and its relatives as far as the server takes
// them: Learn finds out.
type openAI struct {
	*web
	can  abilities
	like stream.Template // of the chunks of all streams
	// noTokenize reports that the server has no /tokenize.
	noTokenize bool
}

// abilities are what a server takes beyond the protocol's core.
type abilities struct {
	// ignoreEOS and minTokens make a generation exactly as long as asked.
	ignoreEOS, minTokens bool
	// totals asks for usage at the end of a stream, running for usage all along.
	totals, running bool
	// returnIDs asks for token ids, timings for llama-server's counts.
	returnIDs, timings bool
	// completionTokens says max_completion_tokens instead of max_tokens.
	completionTokens bool
	// parts sends a chat's content as a list of parts instead of a text.
	parts bool
	// bare leaves out the /v1 of the route.
	bare bool
}

// newOpenAI returns the protocol for one server. Without Learn it sends nothing
// that OpenAI's own servers would not take.
func newOpenAI(o Options) (*openAI, error) {
	if o.Transport.KeyHeader == "" && strings.Contains(o.Transport.Address.Target(""), "/openai/deployments/") {
		o.Transport.KeyHeader = "api-key" // Azure OpenAI's
	}
	p := &openAI{can: abilities{totals: o.Stream}}
	var err error
	p.web, err = newWeb(o, p)
	return p, err
}

func (*openAI) splitter() stream.Splitter { return stream.NewSSE() }

func (p *openAI) parser() parser {
	if p.Stream {
		return stream.NewChunks(&p.like)
	}
	return stateless(stream.OpenAI)
}

// compose writes a request's JSON. The prompt is put in by hand: a list of
// thousands of ids is most of the work, and needs no reflection.
func (p *openAI) compose(dst []byte, ask Ask) (body []byte, route string, err error) {
	frame, hole, err := p.frame(ask.MaxNewTokens)
	if err != nil {
		return nil, "", err
	}
	before, after, _ := bytes.Cut(frame, []byte(hole))
	body = append(dst, before...)
	switch {
	case ask.Messages != nil && !p.Chat:
		return nil, "", errors.New("messages need chats")
	case ask.Messages != nil:
		body = append(append(body, `"messages":`...), ask.Messages...)
	default:
		body, err = p.appendPrompt(body, ask.Prompt)
	}
	if err != nil {
		return nil, "", err
	}
	body = append(body, after...)
	if p.Stream && p.can.timings { // llama-server's own
		body = append(body[:len(body)-1], `,"timings_per_token":true}`...)
	}
	return body, p.route(), nil
}

// Chats reports whether chats are sent.
func (p *openAI) Chats() bool { return p.Chat }

func (p *openAI) route() string {
	route := openai.PathCompletions
	if p.Chat {
		route = openai.PathChatCompletions
	}
	if p.can.bare {
		route = route[len("/v1"):]
	}
	return route
}

// frame is the request's JSON with a hole where the prompt belongs.
func (p *openAI) frame(newTokens int) (frame []byte, hole string, err error) {
	sampling := openai.Sampling{IgnoreEOS: p.can.ignoreEOS}
	if p.can.minTokens {
		sampling.MinTokens = newTokens
	}
	if !p.Chat {
		frame, err = json.Marshal(openai.CompletionRequest{Model: p.Model, MaxTokens: &newTokens, Sampling: sampling, Streaming: p.streaming()})
		return frame, `"prompt":null`, err
	}
	chat := openai.ChatRequest{Model: p.Model, MaxTokens: &newTokens, Sampling: sampling, Streaming: p.streaming()}
	if p.can.completionTokens {
		chat.MaxTokens, chat.MaxCompletionTokens = nil, &newTokens
	}
	frame, err = json.Marshal(chat)
	return frame, `"messages":null`, err
}

func (p *openAI) streaming() openai.Streaming {
	if !p.Stream {
		return openai.Streaming{}
	}
	s := openai.Streaming{Stream: true, ReturnTokenIDs: p.can.returnIDs}
	if p.can.totals {
		s.StreamOptions = &openai.StreamOptions{IncludeUsage: true, ContinuousUsageStats: p.can.running}
	}
	return s
}

func (p *openAI) appendPrompt(dst []byte, what prompt.Prompt) ([]byte, error) {
	if len(what.IDs) > 0 && !p.Chat {
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
	before, after := `"prompt":`, ``
	switch {
	case p.Chat && p.can.parts:
		before, after = `"messages":[{"role":"user","content":[{"type":"text","text":`, `}]}]`
	case p.Chat:
		before, after = `"messages":[{"role":"user","content":`, `}]`
	}
	return append(append(append(dst, before...), text...), after...), nil
}
