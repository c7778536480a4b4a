package dialect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/stamp"
	"fastgenbench/tools/internal/stream"
	"fastgenbench/tools/internal/transport"
)

// outcome is what became of a request, from what was sent, what came, and the
// error of the exchange. usual is how the server's first answer ended.
func (a *answer) outcome(sent transport.Sent, err error, usual ending) (record.Outcome, error) {
	if a.start.Before(sent.Start) { // no connection was made, so it did not begin
		a.start = sent.Start
	}
	a.exact = a.settle()
	chunks, last := a.chunks()
	generated := a.generated(chunks)
	err = a.end.verdict(err, usual, a.usage.Completion.Known())
	if err == nil && len(chunks) == 0 && (a.streamed || !a.text && generated.Int() == 0) {
		err = errNoToken
	}
	o := record.Outcome{
		Start: sent.Start, Attempts: sent.Attempts, Chunks: chunks,
		Generated: generated, Prompt: countOf(a.usage.Prompt), Cached: countOf(a.usage.Cached), Reasoning: countOf(a.usage.Reasoning),
		Visible: a.visible(), Clock: a.clock(), ServerQueue: secondsOf(a.serverQueue), ServerTTFT: secondsOf(a.serverTTFT),
	}
	if !a.streamed {
		last = a.last
	}
	if err != nil {
		last = a.failed()
	}
	o.Latency = inSeconds(max(0, last))
	if !sent.End.IsZero() {
		o.End = inSeconds(max(last, sent.End.Sub(a.start)))
	}
	if sent.Connected {
		o.Connect = inSeconds(sent.Connect)
	}
	if sent.Resent {
		o.Retry = inSeconds(sent.Retry)
	}
	if a.clocks[stamp.Kernel] > 0 {
		o.Lag, o.Blurred = inSeconds(a.lag), record.CountOf(a.blurred())
	}
	return o, err
}

// failed is how long it took to the failure: until now, or in virtual time until
// what came last. The load knows better there.
func (a *answer) failed() time.Duration {
	if a.clocks[stamp.Virtual] > 0 {
		return a.last
	}
	return time.Since(a.start)
}

func inSeconds(d time.Duration) record.Seconds { return record.InSeconds(d.Seconds()) }

// clock names what the arrival times come from.
func (a *answer) clock() record.Text {
	switch kernel, user := a.clocks[stamp.Kernel], a.clocks[stamp.User]; {
	case a.clocks[stamp.Virtual] > 0:
		return "virtual"
	case a.clocks[stamp.Stepped] > 0:
		return "stepped"
	case kernel > 0 && user > 0:
		return "mixed"
	case kernel > 0:
		return "kernel"
	case user > 0:
		return "user"
	}
	return ""
}

// judge sets an outcome's status and its error, in words for people: one line,
// without secrets, which a server may have repeated.
func judge(o *record.Outcome, err error, limit time.Duration, redact func(string) string) {
	if err == nil {
		o.Status = record.OK
		return
	}
	var words string
	o.Status, words = explain(err, len(o.Chunks), limit)
	o.Error = record.Text(record.Clean(redact(words)))
	status := (*transport.StatusError)(nil)
	if errors.As(err, &status) {
		o.RetryAfter = status.RetryAfter
	}
}

func explain(err error, chunks int, limit time.Duration) (record.Status, string) {
	prefix := ""
	connect := (*transport.ConnectError)(nil)
	if errors.As(err, &connect) {
		prefix = "connecting: "
	}
	errno, silent := syscall.Errno(0), transport.SilenceError(0)
	switch {
	case errors.As(err, &silent):
		return record.Timeout, fmt.Sprintf("%v; %s came", silent, tokens(chunks))
	case errors.Is(err, context.Canceled):
		return record.Cancelled, "interrupted after " + tokens(chunks)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return record.Timeout, fmt.Sprintf("no end within %v; %s came", limit, tokens(chunks))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return record.Failed, prefix + "the server closed the connection after " + tokens(chunks)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return record.Failed, prefix + "the server reset the connection after " + tokens(chunks)
	case errors.Is(err, errUnfinished), errors.Is(err, errCut), errors.Is(err, errAborted):
		return record.Failed, err.Error() + " after " + tokens(chunks)
	case errors.As(err, &errno):
		return record.Failed, prefix + errno.Error()
	}
	return record.Failed, inWords(err)
}

// inWords is an error in the words that the server found for it.
func inWords(err error) string {
	status := (*transport.StatusError)(nil)
	if errors.As(err, &status) {
		return status.With(stream.ErrorText(status.Body))
	}
	return err.Error()
}

// unsent is the outcome of a request that was called off before it was sent.
func unsent(err error, redact func(string) string) record.Outcome {
	o := record.Outcome{Start: time.Now(), Status: record.Cancelled}
	if err != nil {
		o.Error = record.Text(record.Clean(redact(err.Error())))
	}
	return o
}

// whole takes an answer that was not streamed. It is complete, whether it says
// so or not.
func (a *answer) whole(e stream.Event) {
	a.counts(e)
	a.text = e.Text || e.Reasoning
	a.end = ending{finish: e.Finish, last: true}
	if e.Finish == stream.Unfinished {
		a.end.finish = stream.Finished
	}
}
