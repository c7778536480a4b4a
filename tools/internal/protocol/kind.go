package protocol

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// Protocol is what is said to one server.
type Protocol interface {
	// Learn finds out, by a few short requests, what the server takes and how
	// its tokens are counted. What is less than exact it tells to note, in words
	// for people. The error is that of a server that answers no request at all.
	Learn(ctx context.Context, note func(string)) error
	// TokenIDs returns ids that prompts can be made of, nil when they are text.
	TokenIDs(ctx context.Context) []int
	// Count says how many tokens the server makes of a text prompt.
	Count(ctx context.Context, text string) (int, error)
	// Client returns a client of its own connection, made when it is needed.
	Client() Client
}

// New returns the protocol that servers of a backend speak. Before Learn it
// sends nothing that any such server would refuse.
func New(backend string, o Options) (Protocol, error) {
	switch backend {
	case "fastgen":
		return newFastGen(o)
	case "aml":
		return newAML(o)
	case "tgi":
		return newTGI(o)
	case "vllm-generate":
		return newGenerate(o)
	}
	return NewOpenAI(o)
}

var errUncounted = errors.New("the server does not say how many tokens a text has")

// textOnly is the part of a protocol without token ids and without a count.
type textOnly struct{}

// TokenIDs is nil: prompts are text.
func (textOnly) TokenIDs(context.Context) []int { return nil }

// Count cannot be had.
func (textOnly) Count(context.Context, string) (int, error) { return 0, errUncounted }

// learnTokens is how many tokens the requests of Learn ask for: enough to see
// how chunks in the middle of an answer are counted, where up to 8 come at once.
const learnTokens = 18

// trier is a client that tells the error as it came.
type trier interface {
	generate(ctx context.Context, ask Ask) (time.Time, record.Request, error)
}

// try sends one short request, and again when that went wrong in a way that
// says nothing about the request.
func try(ctx context.Context, c trier, what prompt.Prompt, newTokens int) (row record.Request, err error) {
	err = persist(ctx, func() error {
		_, row, err = c.generate(ctx, Ask{ID: "learn", Prompt: what, MaxNewTokens: newTokens})
		return err
	})
	return row, err
}

// learnPrompt is what Learn has continued.
func learnPrompt() prompt.Prompt { return prompt.Prompt{Text: "Once upon a time"} }

// persist calls ask up to three times, until it gets an answer: a success, or
// a refusal by a status.
func persist(ctx context.Context, ask func() error) (err error) {
	for range 3 {
		status := (*statusError)(nil)
		if err = ask(); err == nil || errors.As(err, &status) || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// unanswered is the error of a Learn that got no answer: the interrupt, or the
// row's words, in which there is no key.
func unanswered(ctx context.Context, row record.Request, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s", row.Error)
}
