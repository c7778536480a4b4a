package protocol

import (
	"errors"

	"fastgenbench/tools/internal/record"
)

// counting is how the tokens of a chunk are known.
type counting uint8

const (
	// byChunk takes each chunk for one token: only the total is known, or not even that.
	byChunk counting = iota
	// byUsage takes the differences of running usage (vLLM, SGLang, TensorRT-LLM).
	byUsage
	// byIDs takes the number of token ids (vLLM, SGLang).
	byIDs
	// byTimings takes the differences of llama-server's running count.
	byTimings
	// byMessage is left to a protocol whose messages say what they are.
	byMessage
)

func (c counting) String() string {
	return [...]string{"chunks", "running usage", "token ids", "running timings", "messages"}[c]
}

// tally counts the tokens of one answer.
type tally struct {
	by      counting
	running int // tokens so far
	final   event
	finish  finish
	// silent reports whether the last chunk finished without text. It may have
	// been a token (an end-of-text token shows nothing) or an empty farewell.
	silent bool
	// blind says that nobody counted: the row has no number of tokens.
	blind bool
	// length is that of the text so far, where only text comes.
	length int
	// offers are the ways to count that the answer would have allowed.
	offers [byTimings + 1]int
}

// add returns how many tokens a chunk brought.
func (t *tally) add(e event) int {
	t.see(e)
	if e.counted {
		t.final = e
	}
	if e.finish != unfinished {
		t.finish = e.finish
	}
	if !e.choice {
		return 0
	}
	n := t.tokens(e)
	t.running += n
	return n
}

func (t *tally) tokens(e event) int {
	switch t.by {
	case byUsage:
		if e.counted {
			return max(0, e.completion-t.running)
		}
		return 0
	case byIDs:
		return max(0, e.ids)
	case byTimings:
		return max(0, e.predicted-t.running)
	}
	t.silent = !e.text && e.finish != unfinished
	if e.text || e.finish == unfinished && !e.role {
		return 1
	}
	return 0
}

// see notes which ways to count a chunk in the middle of the answer offers.
func (t *tally) see(e event) {
	if !e.choice || e.finish != unfinished || e.role && !e.text {
		return
	}
	t.offers[byChunk]++
	if e.counted {
		t.offers[byUsage]++
	}
	if e.ids > 0 {
		t.offers[byIDs]++
	}
	if e.predicted > 0 {
		t.offers[byTimings]++
	}
}

// farewell reports whether the silent last chunk was a token after all: the
// total says that one is missing.
func (t *tally) farewell() bool {
	return t.silent && t.final.counted && t.running < t.final.completion
}

var (
	errUnfinished = errors.New("the answer ended without a finish reason")
	errAborted    = errors.New("the server aborted the request")
	errNoStream   = errors.New("the server answered without a single event: it does not stream")
)

// verdict judges an answer that came to its end.
func (t *tally) verdict() error {
	switch t.finish {
	case unfinished:
		return errUnfinished
	case aborted:
		return errAborted
	}
	return nil
}

// fill writes the counts into the row.
func (t *tally) fill(row *record.Request) {
	row.PromptTokens, row.CachedTokens = record.NoCount, record.NoCount
	row.GeneratedTokens = record.Count(t.running)
	if t.blind {
		row.GeneratedTokens = record.NoCount
	}
	if t.final.counted {
		row.PromptTokens = record.Count(t.final.prompt)
		row.GeneratedTokens = record.Count(t.final.completion)
		row.CachedTokens = record.Count(t.final.cached)
	}
}
