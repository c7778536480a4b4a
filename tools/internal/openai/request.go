package openai

// CompletionRequest is the body of POST /v1/completions. Fields that this
// suite never sends are absent; servers ignore what they do not know.
type CompletionRequest struct {
	// Model may be left out: a vLLM server then takes the one it serves.
	Model  string `json:"model,omitempty"`
	Prompt Prompt `json:"prompt"`
	// MaxTokens nil is the server's default, 16 for vLLM.
	MaxTokens *int `json:"max_tokens,omitempty"`
	// N is the number of choices a prompt; nil is 1.
	N    *int  `json:"n,omitempty"`
	Echo *bool `json:"echo,omitempty"`
	// Logprobs asks for that many alternatives a token; nil is none.
	Logprobs *int `json:"logprobs,omitempty"`
	// AddSpecialTokens puts the model's begin-of-text token in front of a text
	// prompt; nil is the server's default, true for vLLM.
	AddSpecialTokens *bool `json:"add_special_tokens,omitempty"`
	Sampling
	Streaming
}

// ChatRequest is the body of POST /v1/chat/completions.
type ChatRequest struct {
	Model    string    `json:"model,omitempty"`
	Messages []Message `json:"messages"`
	// MaxTokens is the older spelling of MaxCompletionTokens, which wins. With
	// both nil the server generates to the end of its context.
	MaxTokens           *int `json:"max_tokens,omitempty"`
	MaxCompletionTokens *int `json:"max_completion_tokens,omitempty"`
	N                   *int `json:"n,omitempty"`
	Logprobs            bool `json:"logprobs,omitempty"`
	Sampling
	Streaming
}

// Sampling is what both requests may say about how tokens are chosen and when
// generation ends. IgnoreEOS and MinTokens are vLLM's, and make a generation
// exactly as long as asked.
type Sampling struct {
	Temperature  *float64 `json:"temperature,omitempty"`
	TopP         *float64 `json:"top_p,omitempty"`
	TopK         *int     `json:"top_k,omitempty"`
	Seed         *int64   `json:"seed,omitempty"`
	Stop         Stop     `json:"stop,omitempty"`
	StopTokenIDs []int    `json:"stop_token_ids,omitempty"`
	IgnoreEOS    bool     `json:"ignore_eos,omitempty"`
	MinTokens    int      `json:"min_tokens,omitempty"`
}

// Streaming is what both requests may say about the form of the answer.
type Streaming struct {
	Stream        bool           `json:"stream,omitempty"`
	StreamOptions *StreamOptions `json:"stream_options,omitempty"`
	// ReturnTokenIDs asks for token_ids in each chunk and prompt_token_ids in
	// the first (vLLM since 2025-08).
	ReturnTokenIDs bool `json:"return_token_ids,omitempty"`
	// StreamInterval is the number of tokens a chunk (vLLM); nil is the server's.
	StreamInterval *int `json:"stream_interval,omitempty"`
	// RequestID names the request where no header does.
	RequestID string `json:"request_id,omitempty"`
}

// StreamOptions is allowed only beside stream: true.
type StreamOptions struct {
	// IncludeUsage asks for a last chunk with the request's usage and no choices.
	IncludeUsage bool `json:"include_usage,omitempty"`
	// ContinuousUsageStats asks for running totals in every chunk (vLLM); it
	// works only with IncludeUsage.
	ContinuousUsageStats bool `json:"continuous_usage_stats,omitempty"`
}

// Message is one turn of a chat. Content is the text; JSON also allows a list
// of parts, of which only text parts are understood.
type Message struct {
	Role    string  `json:"role"`
	Content Content `json:"content"`
}
