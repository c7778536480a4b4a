package protocol

import (
	"context"
	"sync"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// dialect is what differs between the protocols over HTTP/1.1.
type dialect interface {
	// compose appends the body of a request and returns it with its route.
	compose(dst []byte, ask Ask) (body []byte, route string, err error)
	// framer returns what cuts a stream into messages.
	framer() framer
	// counts is how tokens are counted.
	counts() counting
	// message takes one message of a stream, and reports whether it was the last.
	message(a *account, data []byte, at stamp.Arrival) (last bool, err error)
	// whole takes an answer that is not streamed.
	whole(a *account, body []byte) error
}

// framer cuts a stream into messages. next returns the first that the input
// completes, and the input behind it; ok is false when there is none.
type framer interface {
	next(p []byte) (data, rest []byte, ok bool, err error)
	reset()
}

// httpProtocol is a dialect spoken to one server.
type httpProtocol struct {
	Options
	dialect
	at     *endpoint
	fields string // further header lines, with their ends
	// scratch holds requests on their way out: a prompt of thousands of tokens
	// need not be kept by every client.
	scratch *sync.Pool
}

type scratch struct{ body, request []byte }

func newHTTP(o Options, at *endpoint, d dialect) httpProtocol {
	return httpProtocol{Options: o, dialect: d, at: at, scratch: &sync.Pool{New: func() any { return new(scratch) }}}
}

// Client returns a client of its own connection, which it makes when needed.
func (p *httpProtocol) Client() Client { return p.client() }

func (p *httpProtocol) client() *httpClient {
	return &httpClient{p: p, wire: wire{link: link{at: p.at, silence: p.Silence}}, account: newAccount(p.Options), frames: p.framer()}
}

// httpClient is the listener of its own answers.
type httpClient struct {
	account
	p        *httpProtocol
	wire     wire
	frames   framer
	answer   []byte // one that is not streamed
	room     int    // for so many chunks
	messages int    // of the stream so far
	ended    bool   // the last of them came
}

// Close gives the connection up.
func (c *httpClient) Close() { c.wire.close() }

// Generate asks once.
func (c *httpClient) Generate(ctx context.Context, ask Ask) (time.Time, record.Request) {
	start, row, _ := c.generate(ctx, ask)
	return start, row
}

// generate is Generate with the error as it came.
func (c *httpClient) generate(ctx context.Context, ask Ask) (time.Time, record.Request, error) {
	c.room = 0
	if c.p.Stream {
		c.room = min(ask.MaxNewTokens+2, 4<<10)
	}
	out := c.p.scratch.Get().(*scratch)
	defer c.p.scratch.Put(out)
	if err := c.p.request(out, ask); err != nil {
		return time.Now(), unsent(err), err
	}
	c.begin(time.Now()) // nothing of the request before counts, even if this one is not sent
	sent, err := c.wire.exchange(ctx, out.request, c.p.Timeout, ask.Hold, c)
	if sent.attempts == 0 {
		return time.Now(), unsent(err), err
	}
	err = c.verdict(err)
	return sent.start, c.row(sent, err), err
}

// request writes a whole request.
func (p *httpProtocol) request(s *scratch, ask Ask) (err error) {
	var route string
	if s.body, route, err = p.compose(s.body[:0], ask); err == nil {
		fields := openai.HeaderRequestID + ": " + oneLine(ask.ID) + "\r\n" + p.fields
		s.request = p.at.post(s.request[:0], route, fields, s.body)
	}
	return err
}

// begin hears that the request is about to be sent.
func (c *httpClient) begin(start time.Time) {
	c.account.begin(start, c.room, c.p.counts())
	c.frames.reset()
	c.answer = c.answer[:0]
	c.messages, c.ended = 0, false
}

// body hears part of the answer.
func (c *httpClient) body(p []byte, at stamp.Arrival) error {
	if !c.p.Stream {
		c.note.whole(at)
		c.answer = append(c.answer, p...)
		return nil
	}
	for len(p) > 0 {
		data, rest, ok, err := c.frames.next(p)
		if err != nil {
			return err
		}
		if ok && !c.ended {
			c.messages++
			if c.ended, err = c.p.message(&c.account, data, at); err != nil {
				return err
			}
		}
		p = rest
	}
	return nil
}

// read hears that a read ended.
func (c *httpClient) read(at stamp.Arrival) { c.note.read(at) }

// verdict judges an answer by how its reading ended and what it said.
func (c *httpClient) verdict(err error) error {
	switch {
	case err != nil && c.count.finish == finished:
		return nil // what goes wrong behind the finish reason harms nothing
	case err != nil:
		return err
	case !c.p.Stream:
		if err := c.p.whole(&c.account, c.answer); err != nil {
			return err
		}
	case c.messages == 0:
		return errNoStream
	}
	return c.count.verdict()
}
