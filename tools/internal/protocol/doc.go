// Package protocol is what is said to each kind of server, and how its answer
// is read: one file a protocol. Each client has one connection, and the
// goroutine that asks also reads, stamps and parses, so that nothing blurs the
// time at which a token came.
package protocol

import (
	"context"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// Ask is one request for a generation.
type Ask struct {
	// ID goes out as X-Request-Id, so that the server's log can be joined.
	ID     string
	Prompt prompt.Prompt
	// MaxNewTokens is how many tokens to generate.
	MaxNewTokens int
	// Hold, when not nil, is called when all is ready for the first byte. What
	// it waits for is no part of the latency; its error calls the request off.
	Hold func() error
}

// Client asks one server, one request after the other. It is for one goroutine.
type Client interface {
	// Generate returns when the request was about to be sent and all that its
	// row says but the key, the client, the place and the due time. Times are
	// wall seconds. A request that was called off has 0 attempts.
	Generate(ctx context.Context, ask Ask) (start time.Time, row record.Request)
	// Close gives the connection up.
	Close()
}

// Options are what every protocol needs to know.
type Options struct {
	// URL is the server's address, without the route.
	URL string
	// Model is the name that requests carry.
	Model string
	// Key is sent as a bearer token, unless empty. It gets into no row and no error.
	Key string
	// Deployment is the one of an Azure ML endpoint or of MII; empty is any.
	Deployment string
	// Chat asks for chat completions instead of completions.
	Chat bool
	// Stream asks for the tokens as they come.
	Stream bool
	// Silence is for how long nothing of an answer may come, in wall time; 0 is
	// as long as Timeout.
	Silence time.Duration
	// Timeout bounds a request, in wall time.
	Timeout time.Duration
	// Stall reports for how long the program itself stood still between two
	// times; nil when nobody watches.
	Stall func(from, to time.Time) time.Duration
}
