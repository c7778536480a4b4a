package openai

// ErrorResponse is the body of an answer that is not a success, and the data of
// an error event inside a stream.
type ErrorResponse struct {
	Error Error `json:"error"`
}

// Error says what was wrong. It is also a Go error.
type Error struct {
	Message string `json:"message"`
	// Type is such as "BadRequestError", "NotFoundError", "InternalServerError".
	Type string `json:"type"`
	// Param is the request's field at fault, nil when there is none.
	Param *string `json:"param"`
	// Code is the HTTP status that goes with it.
	Code int `json:"code"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// ModelList is the answer of GET /v1/models.
type ModelList struct {
	Object string  `json:"object"`
	Data   []Model `json:"data"`
}

// Model is one served model.
type Model struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	// OwnedBy is "vllm" for a vLLM server, SimEngine for a simulated one.
	OwnedBy string  `json:"owned_by"`
	Root    string  `json:"root,omitempty"`
	Parent  *string `json:"parent"`
	// MaxModelLen is the context length in tokens; 0 when not said.
	MaxModelLen int `json:"max_model_len,omitempty"`
}

// SimEngine is the owned_by of a model whose server is simulated.
const SimEngine = "sim-engine"

// Version is the answer of GET /version. A real server says Version alone; the
// embedded engine says all, so that a tool can see that it is simulated.
type Version struct {
	Version string `json:"version"`
	// Speed is virtual seconds a wall second; 0 when not said, so not simulated.
	Speed float64 `json:"speed,omitempty"`
	// Lockstep says that a load may move the server's virtual time; Speed is
	// then 1, for everybody else.
	Lockstep bool `json:"lockstep,omitempty"`
	// Engine is such as "sim-engine/fastgen".
	Engine string `json:"engine,omitempty"`
	// Hardware is such as "4xA100-80GB".
	Hardware string `json:"hardware,omitempty"`
	// TPSize, NumReplicas and MaxRaggedBatchSize are how the model is spread
	// and the token budget of one forward pass.
	TPSize             int `json:"tp_size,omitempty"`
	NumReplicas        int `json:"num_replicas,omitempty"`
	MaxRaggedBatchSize int `json:"max_ragged_batch_size,omitempty"`
}

// Simulated reports whether the server said that it is.
func (v Version) Simulated() bool { return v.Speed > 0 }

// TokenizeRequest is the body of POST /tokenize: a prompt, or the messages of a chat.
type TokenizeRequest struct {
	Model            string    `json:"model,omitempty"`
	Prompt           string    `json:"prompt,omitempty"`
	Messages         []Message `json:"messages,omitempty"`
	AddSpecialTokens *bool     `json:"add_special_tokens,omitempty"`
	ReturnTokenStrs  bool      `json:"return_token_strs,omitempty"`
}

// TokenizeResponse is its answer.
type TokenizeResponse struct {
	Count       int      `json:"count"`
	MaxModelLen int      `json:"max_model_len"`
	Tokens      []int    `json:"tokens"`
	TokenStrs   []string `json:"token_strs"`
}

// DetokenizeRequest is the body of POST /detokenize.
type DetokenizeRequest struct {
	Model  string `json:"model,omitempty"`
	Tokens []int  `json:"tokens"`
}

// DetokenizeResponse is its answer.
type DetokenizeResponse struct {
	Prompt string `json:"prompt"`
}
