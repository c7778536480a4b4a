// Package wire puts generated tokens into the bytes that vLLM would send: the
// events of a stream, the JSON of a whole answer, and the socket behind them.
package wire

import (
	"encoding/json"
	"strconv"

	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim-engine/internal/vocab"
)

// Answer is what stays the same over one answer.
type Answer struct {
	ID      string
	Model   string
	Created int64
	Chat    bool
	// Usage asks for a last chunk with the totals, Continuous for running
	// totals in each chunk, TokenIDs for the ids beside the text.
	Usage, Continuous, TokenIDs bool
	// PromptTokens is the length of each prompt; choice i answers prompt i.
	PromptTokens []int
	// Cached is how much of each prompt came out of the prefix cache, to be set
	// before the first event of its choice; nil is not to say it.
	Cached []int
	// Prompts are the ids of each prompt, needed only with TokenIDs or for Text.
	Prompts [][]int
	Words   vocab.Words
	// Seed chooses the words.
	Seed uint64

	head   []byte // of every chunk, up to the choices
	stamp  []byte // in front of every event; empty is none
	events int    // that were stamped
}

// Event is what one chunk brings.
type Event struct {
	// Choice is which of the answer's choices it belongs to, from 0.
	Choice int
	// First is the index of its first token, from 0; Tokens how many there are.
	First, Tokens int
	// Finish is the finish reason on the last event of a choice, else "".
	Finish string
}

// Prepare builds what all chunks share; the Append methods need it.
func (a *Answer) Prepare() {
	object := "text_completion"
	if a.Chat {
		object = "chat.completion.chunk"
	}
	a.head = append(append(a.head[:0], "data: "...), a.opening(object)...)
}

// SetTime puts a comment line with a virtual time, in seconds, in front of each
// event from now on. Clients that do not look for it pass it over.
func (a *Answer) SetTime(t float64) {
	a.stamp = strconv.AppendFloat(append(a.stamp[:0], openai.LockstepStamp...), t, 'f', -1, 64)
	a.stamp = append(a.stamp, '\n')
}

// AppendStamp begins an event with the comment line that SetTime asked for.
func (a *Answer) AppendStamp(dst []byte) []byte {
	if len(a.stamp) > 0 {
		a.events++
	}
	return append(dst, a.stamp...)
}

// Stamped is how many events have been stamped since it was last asked.
func (a *Answer) Stamped() int {
	n := a.events
	a.events = 0
	return n
}

// appendHead begins the event of a chunk.
func (a *Answer) appendHead(dst []byte) []byte { return append(a.AppendStamp(dst), a.head...) }

// opening is the JSON of an answer up to the list of choices.
func (a *Answer) opening(object string) string {
	return `{"id":` + quote(a.ID) + `,"object":"` + object + `","created":` + strconv.FormatInt(a.Created, 10) +
		`,"model":` + quote(a.Model) + `,"choices":[`
}

func quote(s string) string {
	text, _ := json.Marshal(s) // a string cannot fail
	return string(text)
}

// AppendEvent appends the chunk of e. A chat's first chunk of a choice brings
// the role, and nothing else, in an event of its own.
func (a *Answer) AppendEvent(dst []byte, e Event) []byte {
	if a.Chat {
		return a.appendChat(dst, e)
	}
	dst = a.appendHead(dst)
	dst = append(dst, `{"index":`...)
	dst = strconv.AppendInt(dst, int64(e.Choice), 10)
	dst = append(dst, `,"text":"`...)
	dst = a.appendText(dst, e)
	dst = append(dst, `","logprobs":null,"finish_reason":`...)
	dst = appendReason(dst, e.Finish)
	dst = append(dst, `,"stop_reason":null,"prompt_token_ids":`...)
	if e.First == 0 {
		dst = a.appendPrompt(dst, e.Choice)
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"token_ids":`...)
	dst = a.appendIDs(dst, e)
	dst = append(dst, "}]"...)
	return a.closeChunk(dst, e.Choice, e.First+e.Tokens)
}

func (a *Answer) appendChat(dst []byte, e Event) []byte {
	if e.First == 0 {
		dst = a.appendHead(dst)
		dst = append(dst, `{"index":`...)
		dst = strconv.AppendInt(dst, int64(e.Choice), 10)
		dst = append(dst, `,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":`...)
		dst = a.appendPrompt(dst, e.Choice)
		dst = a.closeChunk(dst, e.Choice, 0)
	}
	dst = a.appendHead(dst)
	dst = append(dst, `{"index":`...)
	dst = strconv.AppendInt(dst, int64(e.Choice), 10)
	dst = append(dst, `,"delta":{"content":"`...)
	dst = a.appendText(dst, e)
	dst = append(dst, `"},"logprobs":null,"finish_reason":`...)
	dst = appendReason(dst, e.Finish)
	if e.Finish != "" {
		dst = append(dst, `,"stop_reason":null`...)
	}
	dst = append(dst, `,"token_ids":`...)
	dst = a.appendIDs(dst, e)
	dst = append(dst, "}]"...)
	return a.closeChunk(dst, e.Choice, e.First+e.Tokens)
}

// closeChunk ends a chunk after its choices, with running totals if asked.
func (a *Answer) closeChunk(dst []byte, choice, generated int) []byte {
	if a.Continuous {
		dst = append(dst, ',')
		dst = appendUsage(dst, a.PromptTokens[choice], generated)
	}
	return append(dst, "}\n\n"...)
}

// AppendTail appends what follows the last chunk: the totals if asked, given
// the number of tokens generated over all choices, and the end mark if wanted.
func (a *Answer) AppendTail(dst []byte, generated int, done bool) []byte {
	if a.Usage {
		dst = a.appendHead(dst)
		dst = append(dst, "],"...)
		dst = a.appendTotals(dst, generated)
		dst = append(dst, "}\n\n"...)
	}
	if done {
		dst = append(a.AppendStamp(dst), "data: "+openai.Done+"\n\n"...)
	}
	return dst
}

// appendTotals appends the usage of the whole answer. vLLM's cached tokens are
// those of one prompt where a request has several; these are those of all.
func (a *Answer) appendTotals(dst []byte, generated int) []byte {
	dst = appendUsage(dst, sum(a.PromptTokens), generated)
	if a.Cached == nil {
		return dst
	}
	dst = append(dst[:len(dst)-1], `,"prompt_tokens_details":{"cached_tokens":`...)
	dst = strconv.AppendInt(dst, int64(sum(a.Cached)), 10)
	return append(dst, "}}"...)
}

func sum(counts []int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

func appendUsage(dst []byte, prompt, generated int) []byte {
	dst = append(dst, `"usage":{"prompt_tokens":`...)
	dst = strconv.AppendInt(dst, int64(prompt), 10)
	dst = append(dst, `,"total_tokens":`...)
	dst = strconv.AppendInt(dst, int64(prompt+generated), 10)
	dst = append(dst, `,"completion_tokens":`...)
	dst = strconv.AppendInt(dst, int64(generated), 10)
	return append(dst, '}')
}

func appendReason(dst []byte, reason string) []byte {
	if reason == "" {
		return append(dst, "null"...)
	}
	dst = append(append(dst, '"'), reason...)
	return append(dst, '"')
}

func (a *Answer) appendText(dst []byte, e Event) []byte {
	for i := e.First; i < e.First+e.Tokens; i++ {
		dst = append(dst, a.token(e.Choice, i).Text...)
	}
	return dst
}

func (a *Answer) appendIDs(dst []byte, e Event) []byte {
	if !a.TokenIDs {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i := e.First; i < e.First+e.Tokens; i++ {
		if i > e.First {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(a.token(e.Choice, i).ID), 10)
	}
	return append(dst, ']')
}

func (a *Answer) appendPrompt(dst []byte, choice int) []byte {
	if !a.TokenIDs {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i, id := range a.Prompts[choice] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(id), 10)
	}
	return append(dst, ']')
}

// Text is what a choice's prompt and answer are made of, by place from 0.
func (a *Answer) Text(choice int) func(i int) int {
	prompt := a.Prompts[choice]
	return func(i int) int {
		if i < len(prompt) {
			return prompt[i]
		}
		return a.token(choice, i-len(prompt)).ID
	}
}

// token is token i of a choice.
func (a *Answer) token(choice, i int) vocab.Token {
	return a.Words.At(a.Seed+uint64(choice)<<32, i)
}
