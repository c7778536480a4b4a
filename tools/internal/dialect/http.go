package dialect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// form is what differs between the protocols over HTTP/1.1.
type form interface {
	// compose appends the body of a request and returns it with its route.
	compose(dst []byte, ask Ask) (body []byte, route string, err error)
	// splitter returns what cuts a stream into messages.
	splitter() stream.Splitter
	// parser returns what reads messages.
	parser() parser
}

// parser reads the messages of one answer after the other.
type parser interface {
	// Reset begins another answer.
	Reset()
	// Warm is stamp.Taker's, for what Read will use.
	Warm() int
	Read(m stream.Message) (e stream.Event, passed bool, err error)
}

// stateless is a parser that keeps no state.
type stateless func(stream.Message) (stream.Event, bool, error)

func (stateless) Reset() {}

func (stateless) Warm() int { return 0 }

func (read stateless) Read(m stream.Message) (stream.Event, bool, error) { return read(m) }

// web is a server that speaks a form over HTTP/1.1.
type web struct {
	Options
	form
	to     *transport.Endpoint
	fields string // further header lines, with their ends
	by     counting
	usual  ending // what the first answer showed of its end
	least  int    // tokens that the server takes for a limit
	// objects reports that streams are JSON objects, not server-sent events.
	objects bool
	// scratch holds requests on their way out: a prompt of thousands of tokens
	// need not be kept by every client.
	scratch *sync.Pool
}

type scratch struct{ body, request []byte }

func newWeb(o Options, f form) (*web, error) {
	to, err := transport.NewEndpoint(o.Transport)
	if err != nil {
		return nil, err
	}
	return &web{Options: o, form: f, to: to, least: 1, scratch: &sync.Pool{New: func() any { return new(scratch) }}}, nil
}

// Chats reports that there are no chats.
func (w *web) Chats() bool { return false }

// Client returns a client of its own connection, which it makes when needed.
func (w *web) Client() Client { return w.client() }

func (w *web) client() *webClient {
	c := &webClient{web: w, connection: w.to.HTTP(), splits: w.splitter(), parse: w.parser()}
	c.answer = answer{stall: w.Stall, streamed: w.Stream, by: w.by}
	return c
}

// webClient is the listener of its own answers.
type webClient struct {
	*web
	// What each token uses comes first, as in answer: with a thousand streams it is
	// not in the processor's cache, which brings it line by line.
	splits   stream.Splitter
	parse    parser
	virtual  *lockstep.Request // nil in real time
	wrong    error             // what was wrong with an answer that is read on
	messages int               // of the stream so far
	begun    bool              // something of the body came
	keeps    bool              // the text is kept
	answer   answer

	connection *transport.HTTP
	body       []byte    // of an answer that is not streamed, or not seen to be yet
	room       int       // for so many messages
	text       []byte    // so far, where it is kept
	latest     time.Time // virtual instant of what came last
}

// Close gives the connection up.
func (c *webClient) Close() { c.connection.Close() }

// Generate asks once.
func (c *webClient) Generate(ctx context.Context, ask Ask) record.Outcome {
	o, _ := c.generate(ctx, ask)
	return o
}

// generate is Generate with the error as it came.
func (c *webClient) generate(ctx context.Context, ask Ask) (record.Outcome, error) {
	if c.Lockstep != nil && ask.Lockstep == nil {
		return c.alone(ctx, ask)
	}
	c.room, c.virtual, c.keeps = 0, ask.Lockstep, ask.Keep
	if c.Stream {
		c.room = min(ask.MaxNewTokens+2, 4<<10)
	}
	out := c.scratch.Get().(*scratch)
	defer c.scratch.Put(out)
	if err := c.request(out, ask); err != nil {
		return unsent(err, c.to.Redact), err
	}
	c.Begin(time.Now()) // nothing of the request before counts, even if this one is not sent
	sent, err := c.connection.Exchange(ctx, out.request, c.limit(), ask.Hold, c)
	if sent.Attempts == 0 {
		return unsent(err, c.to.Redact), err
	}
	if c.virtual != nil {
		sent, err = c.inVirtualTime(sent, err)
	}
	if err == nil {
		err = c.complete()
	}
	o, err := c.answer.outcome(sent, err, c.usual)
	o.Answer = string(c.text)
	judge(&o, err, c.Timeout, c.to.Redact)
	return o, err
}

// request writes a whole request.
func (w *web) request(s *scratch, ask Ask) (err error) {
	var route string
	if s.body, route, err = w.compose(s.body[:0], ask); err != nil {
		return err
	}
	own, err := ask.fields()
	if err != nil {
		return err
	}
	if s.body, err = extend(s.body, own); err != nil {
		return err
	}
	if s.body, err = extend(s.body, w.Extra); err == nil {
		fields := openai.HeaderRequestID + ": " + oneLine(ask.ID) + "\r\n" + w.fields + w.place(ask.Lockstep)
		s.request = w.to.Post(s.request[:0], route, fields, s.body)
	}
	return err
}

// fields are what a request adds to the body by itself.
func (a Ask) fields() (fields map[string]json.RawMessage, err error) {
	if a.Extra != nil {
		err = json.Unmarshal(a.Extra, &fields)
	}
	if a.Tools != nil && err == nil {
		if fields == nil {
			fields = map[string]json.RawMessage{}
		}
		fields["tools"] = a.Tools
	}
	return fields, err
}

// extend puts the user's fields into a JSON object, over those that it has.
func extend(body []byte, extra map[string]json.RawMessage) ([]byte, error) {
	if len(extra) == 0 {
		return body, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, err
	}
	for name, value := range extra {
		object[name] = value
		if bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
			delete(object, name)
		}
	}
	return json.Marshal(object)
}

// Begin forgets the answer before: the request is about to be sent.
func (c *webClient) Begin(start time.Time) {
	if c.virtual != nil {
		start = lockstep.Time(c.virtual.Sent)
	}
	c.latest, c.wrong = start, nil
	c.answer.begin(start, c.room)
	c.answer.by, c.answer.streamed = c.by, c.Stream
	c.splits.Reset()
	c.parse.Reset()
	c.body, c.text, c.messages, c.begun = c.body[:0], c.text[:0], 0, false
}

// Body takes part of the answer.
func (c *webClient) Body(p []byte, at stamp.Arrival) error {
	if c.answer.streamed && c.messages == 0 && c.isWhole(p) {
		c.answer.streamed = false
	}
	if !c.answer.streamed {
		if c.virtual == nil {
			c.answer.arrived(at)
		}
		c.body = append(c.body, p...)
		return nil
	}
	if c.messages == 0 { // it may turn out to be no stream
		c.body = append(c.body, p[:min(len(p), maxNoStream-len(c.body))]...)
	}
	for len(p) > 0 {
		m, rest, ok, err := c.splits.Next(p)
		if err != nil || !ok {
			return err
		}
		p = rest
		if c.virtual != nil {
			at = c.stamped(m)
		}
		if c.answer.end.last || c.wrong != nil {
			continue
		}
		e, passed, err := c.parse.Read(m)
		switch {
		case err != nil && c.virtual != nil: // its end comes when the server says so
			c.wrong = err
		case err != nil:
			return err
		case !passed:
			c.messages++
			c.answer.add(e, at)
			c.keep(m.Data)
		}
	}
	return nil
}

// Warm is stamp.Taker's.
func (c *webClient) Warm() int {
	sum := c.messages + int(c.answer.last) + int(c.answer.by)
	if n := len(c.answer.notes); n < cap(c.answer.notes) {
		sum += int(c.answer.notes[:n+1][n].count)
	}
	return sum + c.splits.Warm() + c.parse.Warm()
}

// isWhole reports whether an answer that was to be a stream of events turns out
// to be JSON in one piece: no line of such a stream begins with a brace.
func (c *webClient) isWhole(p []byte) bool {
	if c.objects || c.begun {
		return false
	}
	p = bytes.TrimLeft(p, " \t\r\n")
	c.begun = len(p) > 0
	return c.begun && p[0] == '{'
}

// maxNoStream is how much is kept of a stream before its first message, in bytes.
const maxNoStream = 8 << 10

// complete reads an answer that arrived in one piece, and refuses a stream that
// was none: such an answer may be an error.
func (c *webClient) complete() error {
	if c.answer.streamed && c.messages > 0 {
		return nil
	}
	e, passed, err := c.parse.Read(stream.Message{Data: c.body})
	server := (*stream.ServerError)(nil)
	switch {
	case c.answer.streamed && !errors.As(err, &server):
		return errNoStream
	case err == nil && passed:
		return fmt.Errorf("the answer cannot be read: %s", stream.ErrorText(c.body))
	case err == nil:
		c.answer.whole(e)
		c.keep(c.body)
	}
	return err
}

// keep keeps the text of a message, where it was asked for.
func (c *webClient) keep(message []byte) {
	if c.keeps {
		c.text = append(c.text, stream.Said(message)...)
	}
}
