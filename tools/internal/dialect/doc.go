// Package dialect writes the requests for each kind of server and interprets its
// answers: one file per protocol. It asks a server whether it is ready, what it
// is, what it supports and how long a prompt is, and it generates.
//
// It uses two packages that are independent of protocols: transport carries bytes
// and timestamps their arrival, stream splits bytes into messages and parses messages
// into events. A client has one connection, and the goroutine that sends a request also
// reads and parses its answer. It records each event with its arrival (answer), decides
// at the end which of them were tokens (settle) and whether the answer is complete
// (counting), and returns the request's record.Outcome.
package dialect

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// Ask is one request for a generation.
type Ask struct {
	// ID goes out as X-Request-Id, so that the server's log can be joined.
	ID     string
	Prompt prompt.Prompt
	// Messages is a JSON list of chat messages in place of the prompt; only where
	// the server Chats.
	Messages json.RawMessage
	// Tools is a JSON list of tool definitions beside Messages, and Extra a JSON
	// object whose fields go into the body; nil is none.
	Tools, Extra json.RawMessage
	// Keep asks for the text of the answer; only where the server Chats.
	Keep bool
	// MaxNewTokens is how many tokens to generate.
	MaxNewTokens int
	// Hold, when not nil, is called when all is ready for the first byte. What
	// it waits for is not part of the latency; its error calls the request off.
	Hold func() error
	// Lockstep is the request's place in virtual time, nil in real time. Hold is
	// then its own.
	Lockstep *lockstep.Request
}

// Client asks one server, one request after the other. It is for one goroutine.
type Client interface {
	// Generate returns what became of a request. A request that was called off
	// has 0 attempts.
	Generate(ctx context.Context, ask Ask) record.Outcome
	// Close gives the connection up.
	Close()
}

// Server is a server that can be asked.
type Server interface {
	// Ready returns nil when a request of one token completes, which alone
	// proves that a server is ready.
	Ready(ctx context.Context) error
	// Identify returns what a ready server says of itself.
	Identify(ctx context.Context) (Identity, error)
	// Learn finds out, by a few short requests, what the server takes and how
	// its tokens are counted. What is less than exact goes to note, in words
	// for people. The error is that of a server that answers no request at all.
	Learn(ctx context.Context, note func(string)) error
	// TokenIDs returns ids that prompts can be made of, nil when they are text.
	TokenIDs(ctx context.Context) []int
	// Count returns how many tokens the server makes of a text prompt.
	Count(ctx context.Context, text string) (int, error)
	// Chats reports whether prompts are sent as the messages of OpenAI's chats.
	Chats() bool
	// Client returns a client of its own connection, made when it is needed.
	Client() Client
}

// Options are what every protocol needs to know.
type Options struct {
	// Transport is where the server is and how it is reached.
	Transport transport.Config
	// Model is the name that requests carry.
	Model string
	// Deployment is the one of an Azure ML endpoint; empty is any.
	Deployment string
	// Chat asks for chat completions instead of completions.
	Chat bool
	// Stream asks for the tokens as they come.
	Stream bool
	// Extra is a JSON object whose fields go into every request, over ours; nil is none.
	Extra map[string]json.RawMessage
	// Timeout bounds a request, in wall time or in a lockstep server's time.
	Timeout time.Duration
	// Lockstep moves the virtual time of a server that goes in lockstep with its
	// load, nil for others. Requests without a place in virtual time are then
	// each a load of its own.
	Lockstep *Lockstep
	// Stall reports for how long the program itself stood still between two
	// times; nil when nobody watches.
	Stall func(from, to time.Time) time.Duration
}

// Identity is what a server says of itself. Fields with a zero value are not known.
type Identity struct {
	// Engine is its name and version.
	Engine string
	// Hardware is such as "4xA100-80GB".
	Hardware string
	// Speed is virtual seconds per wall second, 1 for a real server.
	Speed float64
	// Lockstep says that its virtual time is moved by a load.
	Lockstep bool
	// Model is what requests must call the model.
	Model string
	// Context is the longest sequence in tokens, prompt and generation together.
	Context int
	// TPSize, NumReplicas and MaxRaggedBatchSize are as in record.ServerKey.
	TPSize, NumReplicas, MaxRaggedBatchSize int
}

// New returns a server that speaks the named protocol: openai, responses,
// messages, mii, aml, tgi or generate (vLLM's old demonstration server). An
// address that ends in the route of one of OpenAI's or Anthropic's protocols
// names it, too. Before Learn, nothing is sent that any such server would refuse.
func New(protocol string, o Options) (Server, error) {
	if protocol == "mii" {
		return newMII(o)
	}
	switch route := o.Transport.Address.Route(); {
	case protocol != "openai":
	case route == routeChat:
		o.Chat = true
	case route == routeResponses:
		protocol = "responses"
	case route == routeMessages:
		protocol = "messages"
	}
	switch protocol {
	case "openai":
		return newOpenAI(o)
	case "responses":
		return newResponses(o)
	case "messages":
		return newMessages(o)
	case "aml":
		return newAML(o)
	case "tgi":
		return newTGI(o)
	case "generate":
		return newGenerate(o)
	}
	return nil, errors.New("no protocol " + protocol)
}

// The routes that an address may end in, as transport.Address.Route gives them.
const (
	routeChat      = "/chat/completions"
	routeResponses = "/responses"
	routeMessages  = "/messages"
)
