// Package openai holds the wire types of the OpenAI completions protocol as
// vLLM implements it, with vLLM's own fields. Loadgen writes the requests and the
// embedded engine reads them, so that the two cannot diverge unnoticed. Only tests
// read answers with these types: loadgen has to accept the answers of less exact
// servers, and reads them with package stream.
//
// The types have no behaviour but their JSON form. Fields that a server may omit are
// pointers or slices, and nil means "absent", never zero.
package openai

// The paths of the routes.
const (
	PathCompletions     = "/v1/completions"
	PathChatCompletions = "/v1/chat/completions"
	PathModels          = "/v1/models"
	PathHealth          = "/health"
	PathPing            = "/ping"
	PathVersion         = "/version"
	PathTokenize        = "/tokenize"
	PathDetokenize      = "/detokenize"
	PathMetrics         = "/metrics"
)

// HeaderRequestID names the request; a server that honours it uses the value
// in the id of its answer and in its logs.
const HeaderRequestID = "X-Request-Id"

// Done is the data of the last event of a stream, in place of JSON.
const Done = "[DONE]"

// The values of finish_reason that this suite meets; a null means "not yet".
const (
	FinishStop   = "stop"
	FinishLength = "length"
	FinishAbort  = "abort"
)
