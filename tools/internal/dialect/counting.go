package dialect

import (
	"errors"
	"fmt"

	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// counting is how the tokens of a message are known.
type counting uint8

const (
	// byText takes each message with text for one token: the server gives the
	// total alone, or not even that.
	byText counting = iota
	// byUsage takes the differences of running usage (vLLM, SGLang, TensorRT-LLM).
	byUsage
	// byTokens takes the tokens that a message itself counts: token ids (vLLM,
	// SGLang), or one, where each message stands for a token (MII, TGI).
	byTokens
	// byRunning takes the differences of llama-server's running count.
	byRunning
)

func (c counting) String() string {
	return [...]string{"messages with text", "running usage", "token ids", "running timings"}[c]
}

// maxTokens bounds the tokens of one answer: what is beyond was miscounted. No
// chunk of a row can have more.
const maxTokens = 1 << 20

// count is what an event says by this counting.
func (c counting) count(e stream.Event) int32 {
	var said stream.Count
	switch c {
	case byUsage:
		said = e.Usage.Completion
	case byTokens:
		said = e.Tokens
	case byRunning:
		said = e.Running
	}
	if !said.Known() || said.Int() > maxTokens {
		return uncounted
	}
	return int32(said.Int())
}

// ending is what an answer has shown of its end.
type ending struct {
	finish stream.Finish
	// void reports that text followed a finish reason, which then means nothing.
	void bool
	// last reports that the message came after which none follows.
	last bool
	// totals reports that a message of usage alone came.
	totals bool
}

// bare reports that an answer with all of its marks cannot be distinguished from one
// that was cut between two messages.
func (n ending) bare() bool { return n.void && !n.last && !n.totals }

func (n *ending) add(e stream.Event) {
	if n.finish == stream.Finished && (e.Text || e.Reasoning) {
		n.finish, n.void = stream.Unfinished, true
	}
	if e.Finish != stream.Unfinished {
		n.finish = e.Finish
	}
	n.last = n.last || e.Last
	n.totals = n.totals || !e.Choice && e.Usage.Completion.Known()
}

var (
	errUnfinished = errors.New("the answer ended without a finish reason")
	errCut        = errors.New("the answer ended without its end mark")
	errAborted    = errors.New("the server aborted the request")
	errNoToken    = errors.New("the answer had no token")
	errNoStream   = errors.New("the server answered without a single event: it does not stream")
)

// verdict judges an answer by how its reading ended and by what it showed of
// its end. usual is what the server's first answer showed: a stream that lacks
// one of those marks was cut.
func (n ending) verdict(err error, usual ending, totals bool) error {
	server := (*stream.ServerError)(nil)
	closed := n.finish == stream.Finished && !usual.void
	switch {
	case errors.As(err, &server) || isRefusal(err):
		return err
	case n.finish == stream.Aborted:
		return errAborted
	case err != nil && !n.last && !(closed && !usual.last):
		return err
	case usual.last && !n.last:
		return errCut
	case closed || n.last && (totals || n.finish == stream.Finished || usual.finish != stream.Finished):
		return nil
	case usual.void && !usual.last && n.finish == stream.Finished && (n.totals || !usual.totals):
		return nil // it ended properly, and the usual answer shows no more than that
	}
	return errUnfinished
}

// isRefusal reports whether an answer was no success from its status on.
func isRefusal(err error) bool {
	status := (*transport.StatusError)(nil)
	return errors.As(err, &status)
}

// tokens counts messages in words.
func tokens(messages int) string {
	switch messages {
	case 0:
		return "no token"
	case 1:
		return "1 chunk of tokens"
	}
	return fmt.Sprintf("%d chunks of tokens", messages)
}
