package openai

// Usage counts tokens as the server did.
type Usage struct {
	PromptTokens        int                  `json:"prompt_tokens"`
	TotalTokens         int                  `json:"total_tokens"`
	CompletionTokens    int                  `json:"completion_tokens"`
	PromptTokensDetails *PromptTokensDetails `json:"prompt_tokens_details,omitempty"`
}

// PromptTokensDetails says how much of a prompt came out of a prefix cache.
type PromptTokensDetails struct {
	CachedTokens *int `json:"cached_tokens"`
}

// Completion is the answer to a completion that was not streamed.
type Completion struct {
	ID                string   `json:"id"`
	Object            string   `json:"object"`
	Created           int64    `json:"created"`
	Model             string   `json:"model"`
	Choices           []Choice `json:"choices"`
	SystemFingerprint *string  `json:"system_fingerprint"`
	Usage             *Usage   `json:"usage"`
}

// Choice is one generated text of a Completion.
type Choice struct {
	Index          int     `json:"index"`
	Text           string  `json:"text"`
	FinishReason   *string `json:"finish_reason"`
	TokenIDs       []int   `json:"token_ids"`
	PromptTokenIDs []int   `json:"prompt_token_ids"`
}

// CompletionChunk is one event of a streamed completion. The usage chunk at
// the end has no choices; an error event has nothing but Error.
type CompletionChunk struct {
	ID      string        `json:"id"`
	Object  string        `json:"object"`
	Created int64         `json:"created"`
	Model   string        `json:"model"`
	Choices []ChunkChoice `json:"choices"`
	Usage   *Usage        `json:"usage,omitempty"`
	Error   *Error        `json:"error,omitempty"`
}

// ChunkChoice is what one chunk adds to one choice. Empty text may still be
// tokens; count TokenIDs or the differences of usage, not chunks.
type ChunkChoice struct {
	Index          int     `json:"index"`
	Text           string  `json:"text"`
	FinishReason   *string `json:"finish_reason"`
	PromptTokenIDs []int   `json:"prompt_token_ids"`
	TokenIDs       []int   `json:"token_ids"`
}

// ChatCompletion is the answer to a chat that was not streamed.
type ChatCompletion struct {
	ID                string       `json:"id"`
	Object            string       `json:"object"`
	Created           int64        `json:"created"`
	Model             string       `json:"model"`
	Choices           []ChatChoice `json:"choices"`
	SystemFingerprint *string      `json:"system_fingerprint"`
	Usage             *Usage       `json:"usage"`
	PromptTokenIDs    []int        `json:"prompt_token_ids"`
}

// ChatChoice is one generated message of a ChatCompletion.
type ChatChoice struct {
	Index        int     `json:"index"`
	Message      Message `json:"message"`
	FinishReason *string `json:"finish_reason"`
	TokenIDs     []int   `json:"token_ids"`
}

// ChatChunk is one event of a streamed chat. The first carries the role and no
// token; the usage chunk has no choices; an error event nothing but Error.
type ChatChunk struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Created        int64             `json:"created"`
	Model          string            `json:"model"`
	Choices        []ChatChunkChoice `json:"choices"`
	Usage          *Usage            `json:"usage,omitempty"`
	PromptTokenIDs []int             `json:"prompt_token_ids,omitempty"`
	Error          *Error            `json:"error,omitempty"`
}

// ChatChunkChoice is what one chunk adds to one choice of a chat.
type ChatChunkChoice struct {
	Index        int     `json:"index"`
	Delta        Delta   `json:"delta"`
	FinishReason *string `json:"finish_reason"`
	TokenIDs     []int   `json:"token_ids"`
}

// Delta is the part of a message that one chunk brings.
type Delta struct {
	Role    string  `json:"role,omitempty"`
	Content *string `json:"content,omitempty"`
}
