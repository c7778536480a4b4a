package stream

import (
	"math"
	"strconv"
	"strings"
)

// Event is what a client wants to know of one message.
type Event struct {
	Choice    bool   // the message belongs to the generation, even if it adds nothing
	Text      bool   // it brings visible text: an answer, a refusal, arguments for a tool
	Reasoning bool   // it brings reasoning text
	Role      bool   // it names who speaks, as the first chunk of a chat does
	Last      bool   // no message of the stream follows; an answer not streamed need not say so
	Finish    Finish // whether and how the generation ended with it
	Tokens    Count  // tokens that it carries itself: token ids, a TGI token, an MII token
	Running   Count  // llama-server's number of tokens so far
	Usage     Usage  // counts so far, or the final ones
	QueueS    Span   // the server's own queue time
	TTFTS     Span   // the server's own time to first token; llama-server's is that of the prompt
}

// Finish says whether and how a generation ended.
type Finish uint8

const (
	Unfinished Finish = iota
	Finished
	Aborted // the server gave the request up
)

// finishOf reads a finish reason. Some servers write "no reason" as text.
func finishOf(reason string) Finish {
	reason = strings.ToLower(reason)
	switch reason {
	case "", "null", "none":
		return Unfinished
	}
	for _, word := range abortWords {
		if strings.Contains(reason, word) {
			return Aborted
		}
	}
	return Finished
}

var abortWords = [...]string{"abort", "error", "cancel", "failed"}

// Usage holds what a server says of the tokens of one request.
type Usage struct {
	Prompt     Count // of the prompt, cached ones included
	Completion Count // generated, reasoning included
	Cached     Count // of the prompt, found in the prefix cache
	Reasoning  Count // generated for reasoning
}

// Merge takes over the counts that a newer usage says. A count that it does not
// say stays, and a 0 does not replace a positive count. A prompt has at least
// one token, so a prompt of 0 is not said either.
func (u *Usage) Merge(newer Usage) {
	if newer.Prompt.Int() > 0 {
		u.Prompt = newer.Prompt
	}
	u.Completion.merge(newer.Completion)
	u.Cached.merge(newer.Cached)
	u.Reasoning.merge(newer.Reasoning)
}

// Count is a number of tokens that a server may have said. The zero value is
// "not said".
type Count struct{ next int } // the number plus one

// maxCount bounds a Count: sums of counts must not overflow.
const maxCount = 1 << 40

// CountOf returns n as a Count. A negative or an absurd n is not said.
func CountOf(n int) Count {
	if n < 0 || n > maxCount {
		return Count{}
	}
	return Count{n + 1}
}

// Known reports whether the count was said.
func (c Count) Known() bool { return c.next > 0 }

// Int returns the count, 0 when it is not known.
func (c Count) Int() int { return max(0, c.next-1) }

func (c *Count) merge(newer Count) {
	if newer.Int() > 0 || !c.Known() {
		*c = newer
	}
}

// add adds a count to one that may not be said yet.
func (c *Count) add(n int) { *c = CountOf(c.Int() + n) }

// Span is a duration in seconds that a server may have said. The zero value is
// "not said".
type Span struct {
	seconds float64
	known   bool
}

// spanOf returns milliseconds as a Span. A negative duration is not said.
func spanOf(ms float64) Span {
	if ms < 0 || math.IsInf(ms, 0) || math.IsNaN(ms) {
		return Span{}
	}
	return Span{ms / 1000, true}
}

// secondsOf reads seconds as a Span. What is not a number of seconds is not said.
func secondsOf(text []byte) Span {
	seconds, err := strconv.ParseFloat(string(text), 64)
	if !(seconds >= 0) || seconds > maxSeconds || err != nil {
		return Span{}
	}
	return Span{seconds, true}
}

// maxSeconds bounds an instant, to which nanoseconds since 1970 must reach.
const maxSeconds = 1e9

// Known reports whether the duration was said.
func (s Span) Known() bool { return s.known }

// Float returns the duration in seconds, 0 when it is not known.
func (s Span) Float() float64 { return s.seconds }
