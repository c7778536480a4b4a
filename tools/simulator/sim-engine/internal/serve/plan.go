package serve

import (
	"slices"
	"strings"

	"fastgenbench/tools/internal/openai"
)

// defaultMaxTokens is what a completion generates when it does not say.
const defaultMaxTokens = 16

// maxPrompts and maxStops are vLLM's bounds of one request.
const (
	maxPrompts = 1024
	maxStops   = 4
)

// plan is a request that was checked: what to generate and how to answer.
type plan struct {
	chat      bool
	prompts   []int   // lengths in tokens
	promptIDs [][]int // the ids, where they are to be returned or looked up
	newTokens []int   // a prompt
	openai.Streaming
}

// planCompletion checks a completion in the order in which vLLM does.
func (s *Server) planCompletion(r *openai.CompletionRequest) (*plan, *openai.Error) {
	p := &plan{Streaming: r.Streaming}
	if e := checkStreaming(r.Streaming); e != nil {
		return nil, e
	}
	if e := s.checkModel(r.Model); e != nil {
		return nil, e
	}
	if e := checkSampling(r.Sampling, r.N); e != nil {
		return nil, e
	}
	if r.Echo != nil && *r.Echo {
		return nil, refuse("echo", "the simulated engine does not echo prompts")
	}
	if r.Logprobs != nil {
		return nil, refuse("logprobs", "the simulated engine has no log probabilities")
	}
	if e := s.readPrompts(p, r.Prompt); e != nil {
		return nil, e
	}
	limit := defaultMaxTokens
	if r.MaxTokens != nil {
		limit = *r.MaxTokens
	}
	return p, s.setLengths(p, &limit, r.MinTokens)
}

// planChat checks a chat.
func (s *Server) planChat(r *openai.ChatRequest) (*plan, *openai.Error) {
	p := &plan{chat: true, Streaming: r.Streaming}
	if e := checkStreaming(r.Streaming); e != nil {
		return nil, e
	}
	if e := s.checkModel(r.Model); e != nil {
		return nil, e
	}
	if len(r.Messages) == 0 {
		return nil, refuse("messages", "at least one message is needed")
	}
	if e := checkSampling(r.Sampling, r.N); e != nil {
		return nil, e
	}
	if r.Logprobs {
		return nil, refuse("logprobs", "the simulated engine has no log probabilities")
	}
	s.addPrompt(p, s.Vocab.Encode(chatText(r.Messages)))
	limit := r.MaxCompletionTokens
	if limit == nil {
		limit = r.MaxTokens
	}
	return p, s.setLengths(p, limit, r.MinTokens)
}

// chatText is the prompt of a chat, by a plain template.
func chatText(messages []openai.Message) string {
	var text strings.Builder
	for _, m := range messages {
		text.WriteString("<|" + m.Role + "|>\n" + string(m.Content) + "\n")
	}
	text.WriteString("<|assistant|>\n")
	return text.String()
}

func checkStreaming(s openai.Streaming) *openai.Error {
	if s.StreamOptions != nil && !s.Stream {
		return invalid("stream_options", "stream options can only be given when stream is true")
	}
	if s.StreamInterval != nil && *s.StreamInterval < 1 {
		return invalid("stream_interval", "stream_interval must be at least 1")
	}
	return nil
}

// checkSampling refuses what cannot be and what is not simulated. Temperatures,
// seeds and stop strings are accepted and change nothing: the simulated model
// generates exactly max_tokens tokens, as if ignore_eos were always set.
func checkSampling(s openai.Sampling, n *int) *openai.Error {
	switch {
	case n != nil && *n < 1:
		return refuse("n", "n must be at least 1, got %d", *n)
	case n != nil && *n > 1:
		return refuse("n", "the simulated engine generates one choice per prompt, not %d", *n)
	case s.Temperature != nil && *s.Temperature < 0:
		return refuse("temperature", "temperature must not be negative, got %v", *s.Temperature)
	case s.TopP != nil && (*s.TopP <= 0 || *s.TopP > 1):
		return refuse("top_p", "top_p must be in (0, 1], got %v", *s.TopP)
	case s.TopK != nil && *s.TopK < -1:
		return refuse("top_k", "top_k must be 0 (disabled) or at least 1, got %d", *s.TopK)
	case s.MinTokens < 0:
		return refuse("min_tokens", "min_tokens must not be negative, got %d", s.MinTokens)
	case len(s.Stop) > maxStops:
		return refuse("stop", "at most %d stop strings are allowed, got %d", maxStops, len(s.Stop))
	case slices.Contains(s.Stop, ""):
		return refuse("stop", "stop cannot contain an empty string")
	}
	return nil
}

func (s *Server) readPrompts(p *plan, prompt openai.Prompt) *openai.Error {
	if prompt.Len() == 0 {
		return invalid("prompt", "prompt must be given and not be empty")
	}
	if prompt.Len() > maxPrompts {
		return invalid("prompt", "%d prompts are more than the %d allowed in one request", prompt.Len(), maxPrompts)
	}
	for _, text := range prompt.Texts {
		if text == "" {
			return refuse("prompt", "the prompt cannot be empty")
		}
		if p.ReturnTokenIDs || s.PrefixCache {
			s.addPrompt(p, s.Vocab.Encode(text))
		} else {
			p.prompts = append(p.prompts, s.Vocab.Count(text))
		}
	}
	for _, ids := range prompt.TokenIDs {
		if len(ids) == 0 {
			return refuse("prompt", "the prompt cannot be empty")
		}
		if highest := slices.Max(ids); highest >= s.Vocab.Size() {
			return refuse("prompt", "token id %d is out of vocabulary", highest)
		}
		s.addPrompt(p, ids)
	}
	return nil
}

func (s *Server) addPrompt(p *plan, ids []int) {
	p.prompts = append(p.prompts, len(ids))
	if p.ReturnTokenIDs || s.PrefixCache {
		p.promptIDs = append(p.promptIDs, ids)
	}
}

// setLengths decides how much each prompt generates; a nil limit is the rest
// of the context.
func (s *Server) setLengths(p *plan, limit *int, atLeast int) *openai.Error {
	for _, length := range p.prompts {
		room := s.MaxModelLen - length
		n := room
		if limit != nil {
			n = *limit
		}
		switch {
		case limit != nil && n < 1:
			return refuse("max_tokens", "max_tokens must be at least 1, got %d", n)
		case n < atLeast && limit != nil:
			return refuse("min_tokens", "min_tokens must be at most max_tokens=%d, got %d", n, atLeast)
		case room < max(n, 1):
			return refuse("input_tokens", "this model's maximum context length is %d tokens, but %d were requested (%d in the prompt, %d to generate); shorten the prompt or the completion",
				s.MaxModelLen, length+max(n, 1), length, max(n, 1))
		}
		if s.Fits != nil {
			if err := s.Fits(length, n); err != nil {
				return refuse("input_tokens", "%v", err)
			}
		}
		p.newTokens = append(p.newTokens, n)
	}
	return nil
}

// interval is how many tokens a chunk must have at least, except for the first
// and the last of a choice.
func (p *plan) interval() int {
	if p.StreamInterval == nil {
		return 1
	}
	return *p.StreamInterval
}
