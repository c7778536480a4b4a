package plan

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/workload"
)

// Content is what the prompt of a planned request is made of. A request without
// one has a prompt of its own that shares nothing.
type Content struct {
	// Prefix is a beginning that other prompts share.
	Prefix prompt.Part
	// Line is the request's line in a workload, nil where it was drawn.
	Line *workload.Request
	// BlockSize is the number of tokens per hash id of the line.
	BlockSize int
	// Talk is the session's conversation, nil where there is no session.
	Talk *Talk
}

// Parts are the parts of a whole prompt of so many tokens: the blocks that hash
// ids name, or the shared prefix, and then tokens of the session's own, so that a
// turn's prompt begins with the one before it, or of the request's own.
func (c *Content) Parts(tokens int) []prompt.Part {
	var parts []prompt.Part
	if c.Prefix.Tokens > 0 {
		parts, tokens = append(parts, c.Prefix), tokens-c.Prefix.Tokens
	}
	if c.Line != nil {
		for _, id := range c.Line.HashIDs {
			n := min(tokens, c.BlockSize)
			parts, tokens = append(parts, prompt.Part{Name: "block/" + strconv.FormatUint(id, 10), Tokens: n}), tokens-n
		}
	}
	if tokens > 0 {
		parts = append(parts, prompt.Part{Name: c.own(), Tokens: tokens})
	}
	return parts
}

func (c *Content) own() string {
	if c.Talk == nil {
		return ""
	}
	return "session/" + c.Talk.Session
}

// Grows reports whether the prompt is the conversation so far, with the server's
// own answers, and what the turn adds to it: chats that are neither whole lists of
// messages nor made of blocks.
func (c *Content) Grows() bool {
	switch {
	case c.Talk == nil:
		return false
	case c.Line == nil:
		return true
	}
	return c.Line.Delta || c.Line.InputLength > 0 && len(c.Line.HashIDs) == 0
}

// Added are the parts of what a turn adds to a conversation, so that its whole
// prompt has so many tokens.
func (c *Content) Added(tokens int) []prompt.Part {
	if c.Talk.Tokens() == 0 {
		return c.Parts(tokens)
	}
	return []prompt.Part{{Tokens: max(1, tokens-c.Talk.Tokens())}}
}

// Talk is a conversation as it grows.
type Talk struct {
	Session string

	mu       sync.Mutex
	messages []byte // elements of a JSON list, with commas between them
	tokens   int
}

// With is the JSON list of the messages so far and of more, which are a JSON list.
func (t *Talk) With(more json.RawMessage) json.RawMessage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(append([]byte{'['}, joined(t.messages, more)...), ']')
}

// Answered keeps the messages of a turn, and the text with which the server
// answered them. tokens is how many the conversation then has, 0 where that is not
// known.
func (t *Talk) Answered(more json.RawMessage, text string, tokens int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	answer, _ := json.Marshal([]message{{"assistant", text}}) // texts have a JSON form
	t.messages, t.tokens = joined(joined(t.messages, more), answer), tokens
}

// Tokens is how many tokens the conversation has.
func (t *Talk) Tokens() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tokens
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// UserMessage is the JSON list of one message of a user.
func UserMessage(text string) json.RawMessage {
	list, _ := json.Marshal([]message{{"user", text}}) // likewise
	return list
}

// joined appends the elements of a JSON list to others.
func joined(elements []byte, list json.RawMessage) []byte {
	list = bytes.TrimSpace(list)
	inner := bytes.TrimSpace(list[1 : len(list)-1])
	if len(elements) > 0 && len(inner) > 0 {
		elements = append(elements[:len(elements):len(elements)], ',')
	}
	return append(elements[:len(elements):len(elements)], inner...)
}
