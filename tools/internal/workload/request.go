package workload

import (
	"encoding/json"
	"errors"
	"fmt"

	"fastgenbench/tools/internal/record"
)

const (
	// MaxTokens bounds a prompt and a generation: no model takes more.
	MaxTokens = 10_000_000
	// MaxSession bounds the bytes of a session's name, which every row repeats.
	MaxSession = 200
	// maxSeconds bounds every time: 300 years are a fault.
	maxSeconds = 1e10
)

// Request is one line of a workload. Its prompt has exactly one of three forms:
// a length, a text or messages.
type Request struct {
	// Timestamp is when the request arrived, in seconds on the workload's own
	// clock, which need not begin at 0; absent where the line says nothing.
	Timestamp record.Seconds
	// Session names the conversation of which the request is a turn; its turns
	// follow each other as their lines do. Empty for a request of its own.
	Session string
	// Delay is how long the turn waits after the end of the session's turn before
	// it, in seconds; absent where the line says nothing.
	Delay record.Seconds

	// InputLength is the number of tokens of the whole prompt, with whatever of the
	// conversation it repeats; 0 in the other forms.
	InputLength int
	// HashIDs name the content of the prompt's blocks, in order; equal ids are equal
	// tokens. The last block may be a part of one. Only beside InputLength.
	HashIDs []uint64
	// Text is the whole prompt (text_input).
	Text string
	// Messages is a JSON list of chat messages: the whole conversation, or, with
	// Delta, only what the turn adds to it, the server's answers standing between.
	Messages json.RawMessage
	// Delta is message_mode "delta".
	Delta bool
	// Tools is a JSON list of tool definitions. Only beside Messages.
	Tools json.RawMessage
	// Extra is a JSON object whose keys are added to the body of the request.
	Extra json.RawMessage

	// OutputLength is the number of tokens to generate; 0 leaves it to the caller.
	OutputLength int
}

// Validate reports why the request is invalid, nil if it is valid.
func (r *Request) Validate() error {
	for _, check := range []func() error{r.checkForm, r.checkLengths, r.checkTimes, r.checkMessages, r.checkExtra} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *Request) checkForm() error {
	forms := 0
	for _, given := range []bool{r.InputLength != 0, r.Text != "", r.Messages != nil} {
		if given {
			forms++
		}
	}
	switch {
	case forms == 0:
		return errors.New("it has no prompt: it needs input_length, text_input or messages")
	case forms > 1:
		return errors.New("it has more than one prompt: input_length, text_input and messages exclude each other")
	case r.HashIDs != nil && r.InputLength == 0:
		return errors.New("hash_ids need input_length")
	case r.Messages == nil && r.Tools != nil:
		return errors.New("tools need messages")
	case r.Messages == nil && r.Delta:
		return errors.New(`message_mode "delta" needs messages`)
	}
	return nil
}

func (r *Request) checkLengths() error {
	for _, one := range []struct {
		name   string
		tokens int
	}{{"input_length", r.InputLength}, {"output_length", r.OutputLength}} {
		if one.tokens < 0 || one.tokens > MaxTokens {
			return fmt.Errorf("%s %d is not between 1 and %d tokens", one.name, one.tokens, MaxTokens)
		}
	}
	if len(r.HashIDs) > r.InputLength {
		return fmt.Errorf("%d hash_ids for a prompt of %d tokens", len(r.HashIDs), r.InputLength)
	}
	return nil
}

func (r *Request) checkTimes() error {
	for _, one := range []struct {
		name string
		time record.Seconds
	}{{"timestamp", r.Timestamp}, {"delay", r.Delay}} {
		if s := one.time.Float(); s < 0 || s > maxSeconds {
			return fmt.Errorf("%s %g ms is not between 0 and %g", one.name, s*1e3, maxSeconds*1e3)
		}
	}
	switch {
	case len(r.Session) > MaxSession:
		return fmt.Errorf("session_id has %d bytes: the maximum is %d", len(r.Session), MaxSession)
	case r.Delay.Known() && r.Session == "":
		return errors.New("delay needs session_id: it counts from the end of the session's previous turn")
	}
	return nil
}

func (r *Request) checkMessages() error {
	if r.Messages == nil {
		return nil
	}
	var messages []struct {
		Role string `json:"role"`
	}
	if err := json.Unmarshal(r.Messages, &messages); err != nil {
		return errors.New("messages is not a list of chat messages")
	}
	if len(messages) == 0 {
		return errors.New("messages is empty")
	}
	for i, one := range messages {
		if one.Role == "" {
			return fmt.Errorf("message %d has no role", i+1)
		}
	}
	var tools []struct{}
	if r.Tools != nil && (json.Unmarshal(r.Tools, &tools) != nil || len(tools) == 0) {
		return errors.New("tools is not a list of tool definitions")
	}
	return nil
}

func (r *Request) checkExtra() error {
	if r.Extra == nil {
		return nil
	}
	var extra map[string]json.RawMessage
	if json.Unmarshal(r.Extra, &extra) != nil || extra == nil {
		return errors.New("extra is not an object")
	}
	for _, key := range []string{"messages", "prompt"} {
		if _, set := extra[key]; set {
			return fmt.Errorf("extra sets %q: the line itself has the prompt", key)
		}
	}
	return nil
}

// CheckBlocks reports whether the hash ids fit the prompt's length in blocks of
// so many tokens: one id for each block, the last of which may be a part.
func (r *Request) CheckBlocks(size int) error {
	n := len(r.HashIDs)
	if n == 0 || n == (r.InputLength+size-1)/size {
		return nil
	}
	return fmt.Errorf("%d hash_ids do not fit %d tokens in blocks of %d%s", n, r.InputLength, size, fitting(n, r.InputLength))
}

// fitting says which block sizes would fit.
func fitting(ids, tokens int) string {
	least := (tokens + ids - 1) / ids
	for size := 1; size <= MaxTokens; size *= 2 {
		if size >= least && (tokens+size-1)/size == ids {
			return fmt.Sprintf(": blocks of %d would", size)
		}
	}
	return ""
}
