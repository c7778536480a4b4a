package dialect

import (
	"context"
	"errors"
	"sync"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// mii speaks to the load balancer of a DeepSpeed-MII deployment by gRPC. A
// server that does not like an option says nothing at all to a stream: only
// the timeout, or the limit to silence, ends that. It goes on generating for a
// stream that was given up.
type mii struct {
	Options
	to      *transport.Endpoint
	usual   ending     // the same for every server: the last reply, then gRPC's status
	scratch *sync.Pool // requests on their way out
}

func newMII(o Options) (Server, error) {
	o.Transport.Key = "" // it knows no keys
	to, err := transport.NewEndpoint(o.Transport)
	if err != nil {
		return nil, err
	}
	usual := ending{finish: stream.Finished, last: true}
	return &mii{Options: o, to: to, usual: usual, scratch: &sync.Pool{New: func() any { return new([]byte) }}}, nil
}

// Ready asks for one token.
func (p *mii) Ready(ctx context.Context) error {
	_, err := p.Count(ctx, "a")
	return err
}

// Identify knows the model alone: MII does not say what it is.
func (p *mii) Identify(context.Context) (Identity, error) {
	return Identity{Engine: "deepspeed-mii", Speed: 1, Model: p.Model}, nil
}

// Learn sees whether the server answers. Unlike a stream, a single answer tells
// what the server does not like.
func (p *mii) Learn(ctx context.Context, _ func(string)) error {
	for _, streamed := range []bool{false, p.Stream} {
		c := p.client(streamed)
		o, err := try(ctx, c, Ask{Prompt: learnPrompt(), MaxNewTokens: learnTokens})
		c.Close()
		if err != nil {
			return unanswered(ctx, o, err)
		}
	}
	return nil
}

// TokenIDs is nil: MII takes text.
func (*mii) TokenIDs(context.Context) []int { return nil }

// Chats reports that there are no chats.
func (*mii) Chats() bool { return false }

// Count has one token generated, since the answer says how long the prompt was.
func (p *mii) Count(ctx context.Context, text string) (int, error) {
	c := p.client(false)
	defer c.Close()
	o, err := try(ctx, c, Ask{Prompt: prompt.Prompt{Text: text}, MaxNewTokens: 1})
	if err != nil {
		return 0, unanswered(ctx, o, err)
	}
	return o.Prompt.Int(), nil
}

// Client returns a client of its own connection.
func (p *mii) Client() Client { return p.client(p.Stream) }

func (p *mii) client(streamed bool) *miiClient {
	return &miiClient{mii: p, connection: p.to.GRPC(), answer: answer{stall: p.Stall, streamed: streamed, by: byTokens}}
}

// miiClient is the listener of its own answers.
type miiClient struct {
	*mii
	answer     answer
	connection *transport.GRPC
	room       int
}

// Close gives the connection up.
func (c *miiClient) Close() { c.connection.Close() }

// Generate asks once.
func (c *miiClient) Generate(ctx context.Context, ask Ask) record.Outcome {
	o, _ := c.generate(ctx, ask)
	return o
}

func (c *miiClient) generate(ctx context.Context, ask Ask) (record.Outcome, error) {
	call := transport.Call{Method: stream.MIIUnary, ID: ask.ID}
	c.room = 0
	if c.answer.streamed {
		call.Method, c.room = stream.MIIStream, min(ask.MaxNewTokens+1, 4<<10)
	}
	out := c.scratch.Get().(*[]byte)
	defer c.scratch.Put(out)
	*out = stream.AppendMIIRequest((*out)[:0], ask.Prompt.Text, ask.MaxNewTokens, c.answer.streamed)
	call.Message = *out
	c.Begin(time.Now())
	sent, err := c.connection.Exchange(ctx, call, c.Timeout, ask.Hold, c)
	if sent.Attempts == 0 {
		return unsent(err, c.to.Redact), err
	}
	c.answer.end.last = err == nil
	o, err := c.answer.outcome(sent, err, c.usual)
	judge(&o, err, c.Timeout, c.to.Redact)
	return o, err
}

// Begin forgets the answer before: the request is about to be sent.
func (c *miiClient) Begin(start time.Time) { c.answer.begin(start, c.room) }

var errMIIToken = errors.New("MII sent a token where the whole answer was requested")

// Warm does nothing: no loop reads gRPC.
func (c *miiClient) Warm() int { return 0 }

// Body takes a message. One that stands for a token brings it; the last one
// brings none but, not streamed, all of them. Of a stream only the first count
// of the prompt is right, and none of the generation: the prompt of a request
// that was evicted grows, and its count begins anew.
func (c *miiClient) Body(message []byte, at stamp.Arrival) error {
	e, err := stream.MII(message)
	a := &c.answer
	if err != nil || a.end.finish != stream.Unfinished {
		return err
	}
	if a.usage.Prompt.Known() {
		e.Usage.Prompt = stream.Count{}
	}
	if a.streamed {
		e.Usage.Completion = stream.Count{}
		a.add(e, at)
		return nil
	}
	if e.Finish == stream.Unfinished {
		return errMIIToken
	}
	a.arrived(at)
	a.whole(e)
	return nil
}
