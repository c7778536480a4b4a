package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
)

// OpenAI speaks the OpenAI completions protocol with the extensions of vLLM
// and its relatives, as far as the server takes them: Learn finds out.
type OpenAI struct {
	Options
	at    *endpoint
	route string
	can   abilities
	// buffers hold bodies on their way out; a prompt of thousands of tokens
	// need not be kept by every client.
	buffers sync.Pool
}

// abilities are what a server takes beyond the protocol's core.
type abilities struct {
	// ignoreEOS and min_tokens make a generation exactly as long as asked.
	ignoreEOS bool
	// totals asks for usage at the end of a stream, running for usage all along.
	totals, running bool
	// returnIDs asks for token ids, timings for llama-server's counts.
	returnIDs, timings bool
	// by is how tokens are then counted.
	by counting
}

// NewOpenAI returns the protocol for one server. Without Learn it sends nothing
// that OpenAI's own servers would not take.
func NewOpenAI(o Options) (*OpenAI, error) {
	at, err := newEndpoint(o.URL, o.Key)
	if err != nil {
		return nil, err
	}
	p := &OpenAI{Options: o, at: at, route: openai.PathCompletions, can: abilities{totals: true}}
	if o.Chat {
		p.route = openai.PathChatCompletions
	}
	p.buffers.New = func() any { return new(bytes.Buffer) }
	return p, nil
}

// Client returns a client of its own connection, which it makes when needed.
func (p *OpenAI) Client() Client { return p.client() }

func (p *OpenAI) client() *openAIClient {
	c := &openAIClient{p: p, wire: wire{at: p.at}}
	c.note.stall = p.Stall
	return c
}

// openAIClient is the listener of its own answers.
type openAIClient struct {
	p      *OpenAI
	wire   wire
	split  splitter
	whole  []byte // an answer that is not streamed
	note   recording
	count  tally
	room   int  // for so many chunks
	events int  // of the stream so far
	ended  bool // [DONE] came
}

// Close gives the connection up.
func (c *openAIClient) Close() { c.wire.close() }

// Generate asks once.
func (c *openAIClient) Generate(ctx context.Context, ask Ask) (time.Time, record.Request) {
	start, row, _ := c.generate(ctx, ask)
	return start, row
}

// generate is Generate with the error as it came.
func (c *openAIClient) generate(ctx context.Context, ask Ask) (time.Time, record.Request, error) {
	c.room = 0
	if c.p.Stream {
		c.room = min(ask.MaxNewTokens+2, 4<<10)
	}
	buffer := c.p.buffers.Get().(*bytes.Buffer)
	defer c.p.buffers.Put(buffer)
	if err := c.p.compose(buffer, ask); err != nil {
		return time.Now(), unsent(err), err
	}
	c.begin(time.Now()) // nothing of the request before counts, even if this one is not sent
	sent, err := c.wire.exchange(ctx, buffer.Bytes(), c.p.Timeout, ask.Hold, c)
	if sent.attempts == 0 {
		return time.Now(), unsent(err), err
	}
	err = c.verdict(err)
	return sent.start, c.row(sent, err), err
}

// compose writes the whole request into buffer.
func (p *OpenAI) compose(buffer *bytes.Buffer, ask Ask) error {
	body, err := p.body(ask)
	if err != nil {
		return err
	}
	buffer.Reset()
	fields := openai.HeaderRequestID + ": " + oneLine(ask.ID) + "\r\n"
	buffer.Write(p.at.post(buffer.AvailableBuffer(), p.route, fields, body))
	return nil
}

// body is the request's JSON. The prompt is put in by hand: a list of
// thousands of ids is most of the work, and needs no reflection.
func (p *OpenAI) body(ask Ask) ([]byte, error) {
	frame, hole, err := p.frame(ask.MaxNewTokens)
	if err != nil {
		return nil, err
	}
	before, after, _ := bytes.Cut(frame, []byte(hole))
	body := make([]byte, 0, len(frame)+len(ask.Prompt.Text)+8*len(ask.Prompt.IDs)+64)
	body = append(body, before...)
	if body, err = appendPrompt(body, ask.Prompt, p.Chat); err != nil {
		return nil, err
	}
	body = append(body, after...)
	if p.Stream && p.can.timings { // llama-server's own
		body = append(body[:len(body)-1], `,"timings_per_token":true}`...)
	}
	return body, nil
}

// frame is the request's JSON with a hole where the prompt belongs.
func (p *OpenAI) frame(newTokens int) (frame []byte, hole string, err error) {
	sampling := openai.Sampling{IgnoreEOS: p.can.ignoreEOS}
	if p.can.ignoreEOS {
		sampling.MinTokens = newTokens
	}
	if p.Chat {
		frame, err = json.Marshal(openai.ChatRequest{Model: p.Model, MaxTokens: &newTokens, Sampling: sampling, Streaming: p.streaming()})
		return frame, `"messages":null`, err
	}
	frame, err = json.Marshal(openai.CompletionRequest{Model: p.Model, MaxTokens: &newTokens, Sampling: sampling, Streaming: p.streaming()})
	return frame, `"prompt":null`, err
}

func (p *OpenAI) streaming() openai.Streaming {
	if !p.Stream {
		return openai.Streaming{}
	}
	s := openai.Streaming{Stream: true, ReturnTokenIDs: p.can.returnIDs}
	if p.can.totals {
		s.StreamOptions = &openai.StreamOptions{IncludeUsage: true, ContinuousUsageStats: p.can.running}
	}
	return s
}

func appendPrompt(dst []byte, what prompt.Prompt, chat bool) ([]byte, error) {
	if len(what.IDs) > 0 && !chat {
		dst = append(dst, `"prompt":[`...)
		for i, id := range what.IDs {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendInt(dst, int64(id), 10)
		}
		return append(dst, ']'), nil
	}
	text, err := json.Marshal(what.Text)
	if err != nil {
		return nil, err
	}
	if chat {
		return append(append(append(dst, `"messages":[{"role":"user","content":`...), text...), `}]`...), nil
	}
	return append(append(dst, `"prompt":`...), text...), nil
}

// begin hears that the request is about to be sent.
func (c *openAIClient) begin(start time.Time) {
	c.note.begin(start, c.room)
	c.count = tally{by: c.p.can.by}
	c.split.reset()
	c.whole = c.whole[:0]
	c.events, c.ended = 0, false
}

// body hears part of the answer.
func (c *openAIClient) body(p []byte, at stamp.Arrival) error {
	if !c.p.Stream {
		c.note.whole(at)
		c.whole = append(c.whole, p...)
		return nil
	}
	for len(p) > 0 {
		data, rest, ok, err := c.split.next(p)
		if err != nil {
			return err
		}
		if ok {
			if err := c.event(data, at); err != nil {
				return err
			}
		}
		p = rest
	}
	return nil
}

func (c *openAIClient) read(at stamp.Arrival) { c.note.read(at) }

func (c *openAIClient) event(data []byte, at stamp.Arrival) error {
	c.events++
	if string(data) == openai.Done {
		c.ended = true
	}
	if c.ended {
		return nil
	}
	e, ok := scanEvent(data)
	if !ok {
		var err error
		if e, err = decodeEvent(data); err != nil {
			return err
		}
	}
	if n := c.count.add(e); n > 0 {
		c.note.chunk(n, at)
	} else if c.count.silent {
		c.note.farewell = at
	}
	return nil
}
