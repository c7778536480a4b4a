package protocol

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// fastGen speaks to the load balancer of a DeepSpeed-MII deployment. A server
// that does not like an option says nothing at all to a stream: only the
// timeout, or the limit to silence, ends that. A stream that is given up goes on generating there.
type fastGen struct {
	Options
	at      *endpoint
	scratch *sync.Pool // requests on their way out
}

func newFastGen(o Options) (*fastGen, error) {
	at, err := newEndpoint(o.URL, "") // it knows no keys
	if err != nil {
		return nil, err
	}
	return &fastGen{Options: o, at: at, scratch: &sync.Pool{New: func() any { return new([]byte) }}}, nil
}

// Learn sees whether the server answers. Unlike a stream, a single answer tells
// what the server does not like.
func (p *fastGen) Learn(ctx context.Context, _ func(string)) error {
	for _, stream := range []bool{false, p.Stream} {
		c := p.client(stream)
		defer c.Close()
		row, err := try(ctx, c, learnPrompt(), learnTokens)
		if err != nil {
			return unanswered(ctx, row, err)
		}
	}
	return nil
}

// TokenIDs is nil: MII takes text.
func (p *fastGen) TokenIDs(context.Context) []int { return nil }

// Count has one token generated, since the answer says how long the prompt was.
func (p *fastGen) Count(ctx context.Context, text string) (int, error) {
	c := p.client(false)
	defer c.Close()
	row, err := try(ctx, c, prompt.Prompt{Text: text}, 1)
	if err != nil {
		return 0, unanswered(ctx, row, err)
	}
	return int(row.PromptTokens), nil
}

// Client returns a client of its own connection.
func (p *fastGen) Client() Client { return p.client(p.Stream) }

func (p *fastGen) client(stream bool) *fastGenClient {
	c := &fastGenClient{p: p, stream: stream, account: newAccount(p.Options), method: miiUnary}
	if stream {
		c.method = miiStream
	}
	c.wire = newGRPCWire(p.at, p.Silence, c)
	return c
}

// fastGenClient is the listener of its own answers.
type fastGenClient struct {
	account
	p      *fastGen
	stream bool
	method string
	wire   *grpcWire
	room   int
	// prompted is the first message's count of the prompt: that of a request
	// which was evicted grows.
	prompted int
	ended    bool
}

// Close gives the connection up.
func (c *fastGenClient) Close() { c.wire.close() }

// Generate asks once.
func (c *fastGenClient) Generate(ctx context.Context, ask Ask) (time.Time, record.Request) {
	start, row, _ := c.generate(ctx, ask)
	return start, row
}

func (c *fastGenClient) generate(ctx context.Context, ask Ask) (time.Time, record.Request, error) {
	c.room = 0
	if c.stream {
		c.room = min(ask.MaxNewTokens+1, 4<<10)
	}
	out := c.p.scratch.Get().(*[]byte)
	defer c.p.scratch.Put(out)
	*out = appendMIIRequest((*out)[:0], ask.Prompt, ask.MaxNewTokens, c.stream)
	c.begin(time.Now())
	sent, err := c.wire.exchange(ctx, grpcCall{c.method, ask.ID, *out}, c.p.Timeout, ask.Hold)
	if sent.attempts == 0 {
		return time.Now(), unsent(err), err
	}
	if err == nil {
		err = c.count.verdict()
	}
	return sent.start, c.row(sent, err), err
}

func (c *fastGenClient) begin(start time.Time) {
	c.account.begin(start, c.room, byMessage)
	c.prompted, c.ended = 0, false
}

// message takes a message. A token's says none for a reason; the last one
// brings no token but, not streamed, all of them.
func (c *fastGenClient) message(data []byte, at stamp.Arrival) error {
	reply, err := parseMII(data)
	if err != nil || c.ended {
		return err
	}
	if c.prompted == 0 {
		c.prompted = reply.prompt
	}
	switch {
	case reply.token && !c.stream:
		return fmt.Errorf("%w: a token, where the whole answer was asked for", errMII)
	case reply.token:
		c.count.running++
		c.note.chunk(1, at)
	case c.stream:
		c.end(c.count.running) // the server's count begins anew with an eviction
	default:
		c.note.whole(at)
		c.end(reply.generated)
	}
	return nil
}

func (c *fastGenClient) end(generated int) {
	c.ended = true
	c.count.finish = finished
	c.count.final = event{counted: true, prompt: c.prompted, completion: generated, cached: -1}
}

// read hears that a read ended.
func (c *fastGenClient) read(at stamp.Arrival) { c.note.read(at) }
