package serve

import (
	"encoding/json"
	"time"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/truth"
	"fastgenbench/tools/simulator/sim-engine/internal/wire"
)

// emitter is what all streams share on the driver's thread, or what those of a
// load in lockstep share.
type emitter struct {
	frame wire.Frame
	clock drive.Clock
	truth *truth.Log
}

// answer is one request's answer in the making. Its sinks are called on the
// driver's thread; the handler looks at it after done was closed.
type answer struct {
	wire.Answer
	emitter  *emitter
	turn     *turn      // in a load in lockstep; nil is real time
	conn     *wire.Conn // nil when the answer is not streamed
	named    string     // X-Request-Id
	name     string     // the same, for the truth log
	arrived  int64      // by the driver's clock
	held     []byte     // in lockstep: not yet written
	interval int        // tokens a chunk
	fault    Fault
	faultAt  int // tokens of all choices at which the fault strikes

	choices   []choice
	left      int // choices that have not ended
	generated int // tokens of all choices
	struck    bool
	over      bool // nothing more is sent
	err       error
	finished  bool
	done      chan struct{}
}

// choice is the sink of one sequence.
type choice struct {
	answer *answer
	index  int
	held   drive.Event // waits for more tokens to go into one chunk
	job    drive.Job
}

// Send puts events on the wire, all of them in one write.
func (c *choice) Send(events []drive.Event) {
	a := c.answer
	if a.over {
		return
	}
	if a.Cached != nil {
		a.Cached[c.index] = c.job.CachedTokens
	}
	frame := a.begin()
	for i, e := range events {
		c.add(frame, e)
		if a.fault != "" && !a.struck && a.generated >= a.faultAt {
			a.strike(frame)
		}
		if a.over {
			events = events[:i+1]
			break
		}
	}
	if events[len(events)-1].Last && !a.over {
		if a.left--; a.left == 0 {
			frame.Body = a.AppendTail(frame.Body, a.generated, a.fault != NoDone)
			a.over = true
		}
	}
	a.write(c.index, frame.Bytes(), events)
	if a.over && !(a.struck && a.fault == Hang) {
		a.finish()
	}
}

// begin starts a write, whose events get the present instant of a lockstep.
func (a *answer) begin() *wire.Frame {
	a.emitter.frame.Begin()
	if a.turn != nil {
		a.SetTime(a.turn.request.Now())
	}
	return &a.emitter.frame
}

// finish lets the handler end the answer.
func (a *answer) finish() {
	if a.finished {
		return
	}
	a.finished = true
	if a.turn != nil {
		a.turn.end()
	}
	close(a.done)
}

// add appends an event's chunk, or holds it back for a fuller one.
func (c *choice) add(frame *wire.Frame, e drive.Event) {
	c.answer.generated += e.Tokens
	if c.held.Tokens > 0 {
		e.First, e.Tokens = c.held.First, c.held.Tokens+e.Tokens
	}
	if e.First > 0 && !e.Last && e.Tokens < c.answer.interval {
		c.held = e
		return
	}
	c.held.Tokens = 0
	if c.answer.conn == nil {
		return
	}
	chunk := wire.Event{Choice: c.index, First: e.First, Tokens: e.Tokens}
	if e.Last {
		chunk.Finish = openai.FinishLength
	}
	frame.Body = c.answer.AppendEvent(frame.Body, chunk)
}

// write sends what was framed and logs when. Errors need no care here: the
// handler sees them when it drains, or its context end when the client left.
func (a *answer) write(choice int, bytes []byte, events []drive.Event) {
	var sent int64
	switch {
	case a.turn != nil:
		sent = a.turn.request.Nanoseconds()
	case a.emitter.truth != nil:
		sent = time.Now().UnixNano()
	}
	a.send(bytes)
	if a.emitter.truth == nil {
		return
	}
	for _, e := range events {
		a.emitter.truth.Add(truth.Row{
			RequestID: a.name, Choice: choice, ArrivedNS: a.emitter.clock.Unix(a.arrived),
			Token: e.First, Tokens: e.Tokens, DueNS: a.emitter.clock.Unix(e.Due), SentNS: sent, WriteBytes: len(bytes),
		})
	}
}

// mostHeld is how much of a stream in lockstep is held back, in bytes.
const mostHeld = 16 << 10

// send puts bytes on the wire: at once, or in lockstep when they are many, when
// the answer ends, or when the load asks for them. A write per token would cost
// more than all that the engine computes.
func (a *answer) send(bytes []byte) {
	switch {
	case a.conn == nil:
	case a.turn == nil:
		if len(bytes) > 0 {
			_ = a.conn.Send(bytes)
		}
	default:
		if a.held = append(a.held, bytes...); a.over || a.struck || len(a.held) > mostHeld {
			a.flush()
		}
	}
}

// flush puts on the wire what waits for it.
func (a *answer) flush() {
	if len(a.held) > 0 {
		a.turn.request.Wrote(a.Stamped())
		_ = a.conn.Send(a.held)
		a.held = a.held[:0]
	}
}

// Reject ends the answer with the engine's error.
func (c *choice) Reject(err error) {
	a := c.answer
	if a.over {
		return
	}
	a.over, a.err = true, err
	if a.conn != nil {
		frame := a.begin()
		frame.Body = a.appendError(frame.Body, err)
		a.write(0, frame.Bytes(), nil)
	}
	a.finish()
}

// strike makes the answer go wrong.
func (a *answer) strike(frame *wire.Frame) {
	a.struck = true
	switch a.fault {
	case Die:
		a.over, a.err = true, errDied
	case Hang:
		a.over = true
	case Garbage:
		frame.Body = append(a.AppendStamp(frame.Body), garbage...)
	case ErrorEvent:
		a.over, a.err = true, errInjected
		frame.Body = a.appendError(frame.Body, errInjected)
	}
}

// appendError appends the two events of a stream that fails.
func (a *answer) appendError(dst []byte, err error) []byte {
	body, _ := json.Marshal(openai.ErrorResponse{Error: *internal(err)}) // texts and a number: always JSON
	dst = append(append(a.AppendStamp(dst), "data: "...), body...)
	return append(a.AppendStamp(append(dst, "\n\n"...)), "data: "+openai.Done+"\n\n"...)
}
