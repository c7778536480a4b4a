package dialect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// How often a request to Azure ML is tried, and how long the pauses between
// the attempts are: they double from the first to the longest.
const (
	amlAttempts   = 6
	amlFirstPause = 500 * time.Millisecond
	amlLastPause  = 8 * time.Second
)

// aml speaks to an Azure ML online endpoint, whose address is the whole
// scoring URL. It does not stream and counts no tokens.
type aml struct {
	*web
	textOnly
	pause func(ctx context.Context, d time.Duration) error
}

func newAML(o Options) (Server, error) {
	if o.Stream {
		return nil, errors.New("endpoints of Azure ML do not stream")
	}
	p := &aml{pause: pause}
	var err error
	if p.web, err = newWeb(o, p); err != nil {
		return nil, err
	}
	if o.Deployment != "" {
		p.fields = "azureml-model-deployment: " + oneLine(o.Deployment) + "\r\n"
	}
	return p, nil
}

// oneLine keeps a value from ending its header field.
func oneLine(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, value)
}

func (*aml) splitter() stream.Splitter { return stream.NewSSE() }

func (*aml) compose(dst []byte, ask Ask) ([]byte, string, error) {
	body, err := json.Marshal(map[string]any{"input_data": map[string]any{
		"input_string": []string{ask.Prompt.Text},
		"parameters":   map[string]any{"max_tokens": ask.MaxNewTokens, "return_full_text": false},
	}})
	return append(dst, body...), "", err
}

// parser knows the shapes of a text that was generated: a list of rows, each a
// text or an object with one text per prompt, or one object with the output. A
// failure may come as a success: an empty object, or a text that is an error.
func (*aml) parser() parser {
	return stateless(func(m stream.Message) (e stream.Event, passed bool, err error) {
		var rows []json.RawMessage
		listed := json.Unmarshal(m.Data, &rows) == nil && len(rows) > 0
		first := json.RawMessage(m.Data)
		if listed {
			first = rows[0]
		}
		var text string
		var texts map[string]string
		isText, isObject := json.Unmarshal(first, &text) == nil, json.Unmarshal(first, &texts) == nil
		_, failed := texts["error"]
		switch {
		case failed || isText && isException(text):
			return e, false, &stream.ServerError{Text: stream.ErrorText(first)}
		case listed && isText, isObject && len(texts) > 0:
			for _, one := range texts {
				text += one
			}
			return stream.Event{Choice: true, Text: text != "", Finish: stream.Finished, Last: true}, false, nil
		}
		return e, false, fmt.Errorf("the answer is not a row of text: %s", stream.ErrorText(m.Data))
	})
}

// isException reports whether a text is the JSON by which a scoring script
// tells its failure.
func isException(text string) bool {
	var said struct{ Exception json.RawMessage }
	return json.Unmarshal([]byte(text), &said) == nil && said.Exception != nil
}

// Ready asks the deployment for one token.
func (p *aml) Ready(ctx context.Context) error { return p.ready(ctx) }

// Identify knows no more than that there is an endpoint: it has no such route.
func (p *aml) Identify(context.Context) (Identity, error) {
	return Identity{Engine: strings.TrimSpace("azure-ml " + p.Deployment), Speed: 1, Model: p.Model}, nil
}

// Learn sees whether the server answers.
func (p *aml) Learn(ctx context.Context, note func(string)) error {
	return p.learn(ctx, note, "Azure ML counts no tokens: rows have no generated_tokens")
}

// Client returns one that tries again.
func (p *aml) Client() Client { return &amlClient{p.client(), p} }

type amlClient struct {
	*webClient
	aml *aml
}

// Generate tries again, after a pause, where the service says that it was
// busy or not there. Latency counts from the first attempt; the outcome says
// when the last one was sent.
func (c *amlClient) Generate(ctx context.Context, ask Ask) record.Outcome {
	o, err := c.generate(ctx, ask)
	wait := amlFirstPause
	for o.Attempts > 0 && o.Attempts < amlAttempts && mayPass(err) {
		if c.aml.pause(ctx, max(wait, o.RetryAfter)) != nil {
			break
		}
		wait = min(2*wait, amlLastPause)
		ask.Hold = nil
		var again record.Outcome
		again, err = c.generate(ctx, ask)
		o = after(o, again)
	}
	return o
}

// after is the outcome of a request that was sent again: it began when the
// first attempt did.
func after(first, again record.Outcome) record.Outcome {
	before := again.Start.Sub(first.Start).Seconds()
	later := func(s record.Seconds) record.Seconds { return record.InSeconds(s.Float() + before) }
	again.Latency, again.End = later(again.Latency), later(again.End)
	if !again.Retry.Known() { // else it was itself sent twice
		again.Retry = record.InSeconds(0)
	}
	again.Retry = later(again.Retry)
	again.Start, again.Attempts = first.Start, first.Attempts+again.Attempts
	return again
}

// mayPass reports whether the next attempt may fare better.
func mayPass(err error) bool {
	status := (*transport.StatusError)(nil)
	if errors.As(err, &status) {
		switch status.Status {
		case 408, 424, 429:
			return true
		}
		return status.Status >= 500
	}
	network := (*net.OpError)(nil)
	return transport.IsHangUp(err) || errors.As(err, &network) && !network.Timeout()
}
