package protocol

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
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
	httpProtocol
	textOnly
	pause func(ctx context.Context, d time.Duration) error
}

func newAML(o Options) (Protocol, error) {
	if o.Stream {
		return nil, errors.New("Azure ML endpoints do not stream")
	}
	at, err := newEndpoint(o.URL, o.Key)
	if err != nil {
		return nil, err
	}
	p := &aml{pause: pause}
	p.httpProtocol = newHTTP(o, at, p)
	if o.Deployment != "" {
		p.fields = "azureml-model-deployment: " + oneLine(o.Deployment) + "\r\n"
	}
	return p, nil
}

func (*aml) framer() framer { return &splitter{} }

func (*aml) counts() counting { return byMessage }

func (*aml) compose(dst []byte, ask Ask) ([]byte, string, error) {
	body, err := json.Marshal(map[string]any{"input_data": map[string]any{
		"input_string": []string{ask.Prompt.Text},
		"parameters":   map[string]any{"max_tokens": ask.MaxNewTokens, "return_full_text": false},
	}})
	return append(dst, body...), "", err
}

func (*aml) message(*account, []byte, stamp.Arrival) (bool, error) { return false, errNoStream }

// whole knows the shapes of a text that was generated: a list of rows, each a
// text or an object with one text a prompt, or one object with the output. A
// failure may come as a success: an empty object, or a text that is an error.
func (*aml) whole(a *account, body []byte) error {
	a.count.blind = true
	var rows []json.RawMessage
	listed := json.Unmarshal(body, &rows) == nil && len(rows) > 0
	first := json.RawMessage(body)
	if listed {
		first = rows[0]
	}
	var text string
	var texts map[string]string
	isText, isObject := json.Unmarshal(first, &text) == nil, json.Unmarshal(first, &texts) == nil
	_, failed := texts["error"]
	switch {
	case failed || strings.Contains(text, `"exception"`):
		return errors.New("the server reports " + errorText(first))
	case listed && isText, isObject && len(texts) > 0:
		a.count.finish = finished
		return nil
	}
	return fmt.Errorf("the answer is no row of text: %s", errorText(body))
}

// Learn sees whether the server answers.
func (p *aml) Learn(ctx context.Context, note func(string)) error {
	c := p.client()
	defer c.Close()
	row, err := try(ctx, c, learnPrompt(), learnTokens)
	if err != nil {
		return unanswered(ctx, row, err)
	}
	note("Azure ML counts no tokens: rows have no generated_tokens")
	return nil
}

// Client returns one that tries again.
func (p *aml) Client() Client { return &amlClient{p.client(), p} }

type amlClient struct {
	*httpClient
	aml *aml
}

// Generate tries again, after a pause, where the service says that it was
// busy or not there. Latency counts from the first attempt; the row says when
// the last one was sent.
func (c *amlClient) Generate(ctx context.Context, ask Ask) (time.Time, record.Request) {
	start, row, err := c.generate(ctx, ask)
	wait := amlFirstPause
	for row.Attempts > 0 && row.Attempts < amlAttempts && mayPass(err) {
		if c.aml.pause(ctx, wait) != nil {
			break
		}
		wait = min(2*wait, amlLastPause)
		ask.Hold = nil
		var again record.Request
		var began time.Time
		began, again, err = c.generate(ctx, ask)
		before := record.Seconds(began.Sub(start).Seconds())
		again.LatencyS += before
		again.EndS += before
		if again.RetryS.Known() { // it was sent twice itself
			before += again.RetryS
		}
		again.RetryS = before
		again.Attempts += row.Attempts
		row = again
	}
	return start, row
}

// mayPass reports whether the next attempt may fare better.
func mayPass(err error) bool {
	status := (*statusError)(nil)
	if errors.As(err, &status) {
		switch status.status {
		case 408, 424, 429:
			return true
		}
		return status.status >= 500
	}
	network := (*net.OpError)(nil)
	return isHangUp(err) || errors.As(err, &network) && !network.Timeout()
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
