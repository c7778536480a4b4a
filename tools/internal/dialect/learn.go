package dialect

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// learnTokens is how many tokens the requests of Learn ask for: enough to see
// how messages in the middle of an answer are counted, where up to 8 tokens
// come at once.
const learnTokens = 18

// How often a short request is tried, and how long a server that asks for a
// pause is waited for.
const (
	maxTries = 3
	maxWaits = 5
	maxPause = 30 * time.Second
)

// learnPrompt is what Learn has continued.
func learnPrompt() prompt.Prompt { return prompt.Prompt{Text: "Once upon a time"} }

// asker is a client that returns the error as it came.
type asker interface {
	generate(ctx context.Context, ask Ask) (record.Outcome, error)
}

// try sends one short request, and again when that went wrong in a way that
// says nothing about the request. A server that asks for a pause gets it.
func try(ctx context.Context, c asker, ask Ask) (o record.Outcome, err error) {
	ask.ID = "learn"
	tries, waits := 0, 0
	for tries < maxTries && waits < maxWaits {
		o, err = c.generate(ctx, ask)
		status := (*transport.StatusError)(nil)
		switch {
		case err == nil || ctx.Err() != nil:
			return o, err
		case errors.As(err, &status) && (status.Status == http.StatusTooManyRequests || status.RetryAfter > 0):
			waits++
			if pause(ctx, min(maxPause, max(time.Second, status.RetryAfter))) != nil {
				return o, err
			}
		case errors.As(err, &status):
			return o, err
		default:
			tries++
		}
	}
	return o, err
}

func pause(ctx context.Context, d time.Duration) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-wait.C:
		return nil
	}
}

// unanswered is the error of a server that did not answer: the interrupt, or
// the outcome's words, in which there are no secrets. Its chain is that of err.
func unanswered(ctx context.Context, o record.Outcome, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return &failure{string(o.Error), err}
}

// failure is an error in other words.
type failure struct {
	words string
	cause error
}

func (f *failure) Error() string { return f.words }
func (f *failure) Unwrap() error { return f.cause }

// first sends the request of Learn on a connection of its own, follows where
// the server sends it on to, and keeps how the answer ended.
func (w *web) first(ctx context.Context, note func(string), ask Ask) (record.Outcome, *answer, error) {
	usual := w.usual
	w.usual = ending{}
	c := w.client()
	defer c.Close()
	o, err := try(ctx, c, ask)
	for err != nil && ctx.Err() == nil {
		text, followed := w.to.Follow(err)
		if text != "" {
			note(text)
		}
		if !followed {
			break
		}
		o, err = try(ctx, c, ask)
	}
	if err != nil {
		w.usual = usual
		return o, nil, err
	}
	w.usual = c.answer.end
	return o, &c.answer, nil
}

// learn is Learn where there is nothing to choose: it sees whether the server
// answers, and adds what is to be known about the protocol.
func (w *web) learn(ctx context.Context, note func(string), about string) error {
	o, _, err := w.first(ctx, note, Ask{Prompt: learnPrompt(), MaxNewTokens: learnTokens})
	if err != nil {
		return unanswered(ctx, o, err)
	}
	if about != "" {
		note(about)
	}
	return nil
}

// ready is Ready: one token is enough.
func (w *web) ready(ctx context.Context) error {
	o, _, err := w.first(ctx, func(string) {}, Ask{Prompt: prompt.Prompt{Text: "a"}, MaxNewTokens: w.least})
	return unready(ctx, o, err)
}

// unready is the error of a server that did not answer a request for one
// token, which may show no text: then the server is ready all the same.
func unready(ctx context.Context, o record.Outcome, err error) error {
	if errors.Is(err, errNoToken) {
		return nil
	}
	return unanswered(ctx, o, err)
}
