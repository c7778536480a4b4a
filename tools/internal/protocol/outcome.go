package protocol

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"fastgenbench/tools/internal/record"
)

// account is what is noted and counted of one request, whatever the protocol.
type account struct {
	note  recording
	count tally
	known familiar
	limit time.Duration
	key   string
}

func newAccount(o Options) account {
	return account{note: recording{stall: o.Stall}, limit: o.Timeout, key: o.Key}
}

// begin forgets the request before; room is for so many chunks.
func (a *account) begin(start time.Time, room int, by counting) {
	a.note.begin(start, room)
	a.count = tally{by: by}
}

// row says what became of a request that was sent.
func (a *account) row(sent sending, err error) record.Request {
	if a.count.farewell() {
		a.note.chunk(1, a.note.farewell)
	}
	row := record.Request{Attempts: sent.attempts, ConnectS: record.NoSeconds(), RetryS: record.NoSeconds(), DueS: record.NoSeconds()}
	if sent.retry >= 0 {
		row.RetryS = record.Seconds(sent.retry.Seconds())
	}
	if sent.connect >= 0 {
		row.ConnectS = record.Seconds(sent.connect.Seconds())
	}
	a.note.fill(&row, err == nil)
	row.EndS = max(row.LatencyS, record.Seconds(sent.end.Sub(a.note.start).Seconds()))
	a.count.fill(&row)
	row.Status, row.Error = judge(err, len(a.note.chunks), a.limit, a.key)
	return row
}

func unsent(err error) record.Request {
	row := record.Request{DueS: record.NoSeconds(), ConnectS: record.NoSeconds(), RetryS: record.NoSeconds(), LagS: record.NoSeconds(), EndS: record.NoSeconds(),
		PromptTokens: record.NoCount, GeneratedTokens: record.NoCount, CachedTokens: record.NoCount, MergedReads: record.NoCount, BlurredChunks: record.NoCount,
		Status: record.Cancelled}
	if err != nil {
		row.Error = record.Text(err.Error())
	}
	return row
}

// judge turns an error into a status and into words for people: one line, and
// without the key, which a server may have repeated.
func judge(err error, chunks int, limit time.Duration, key string) (record.Status, record.Text) {
	if err == nil {
		return record.OK, ""
	}
	status, words := record.Failed, explain(err, chunks)
	silent := silenceError(0)
	switch {
	case errors.As(err, &silent):
		status, words = record.Timeout, fmt.Sprintf("%v; %s came", silent, tokens(chunks))
	case errors.Is(err, context.Canceled):
		status, words = record.Cancelled, fmt.Sprintf("interrupted after %s", tokens(chunks))
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		status, words = record.Timeout, fmt.Sprintf("no end within %v; %s came", limit, tokens(chunks))
	}
	if key != "" {
		words = strings.ReplaceAll(words, key, "***")
	}
	return status, record.Text(record.Clean(words))
}

func explain(err error, chunks int) string {
	prefix := ""
	if strings.HasPrefix(err.Error(), "connecting: ") {
		prefix = "connecting: "
	}
	errno := syscall.Errno(0)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return prefix + "the server closed the connection after " + tokens(chunks)
	case errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		return prefix + "the server reset the connection after " + tokens(chunks)
	case errors.Is(err, errUnfinished) || errors.Is(err, errAborted):
		return err.Error() + " after " + tokens(chunks)
	case errors.As(err, &errno):
		return prefix + errno.Error()
	}
	return err.Error()
}

// tokens counts chunks in words.
func tokens(chunks int) string {
	switch chunks {
	case 0:
		return "no token"
	case 1:
		return "1 chunk of tokens"
	}
	return fmt.Sprintf("%d chunks of tokens", chunks)
}
