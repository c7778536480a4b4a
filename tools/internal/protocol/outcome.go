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

// verdict judges an answer by how its reading ended and what it said.
func (c *openAIClient) verdict(err error) error {
	switch {
	case err != nil && c.count.finish == finished:
		return nil // what goes wrong behind the finish reason harms nothing
	case err != nil:
		return err
	case !c.p.Stream:
		if err := c.takeWhole(); err != nil {
			return err
		}
	case c.events == 0:
		return errNoStream
	}
	return c.count.verdict()
}

// row says what became of a request that was sent.
func (c *openAIClient) row(sent sending, err error) record.Request {
	if c.count.farewell() {
		c.note.chunk(1, c.note.farewell)
	}
	row := record.Request{Attempts: sent.attempts, ConnectS: record.NoSeconds(), DueS: record.NoSeconds()}
	if sent.connect >= 0 {
		row.ConnectS = record.Seconds(sent.connect.Seconds())
	}
	c.note.fill(&row, err == nil)
	c.count.fill(&row)
	row.Status, row.Error = judge(err, len(c.note.chunks), c.p.Timeout, c.p.Key)
	return row
}

var errNoStream = errors.New("the server answered without a single event: it does not stream")

// takeWhole reads an answer that was not streamed.
func (c *openAIClient) takeWhole() error {
	e, err := decodeEvent(c.whole)
	if err != nil {
		return err
	}
	c.count.add(e)
	return nil
}

func unsent(err error) record.Request {
	row := record.Request{DueS: record.NoSeconds(), ConnectS: record.NoSeconds(), LagS: record.NoSeconds(),
		PromptTokens: record.NoCount, GeneratedTokens: record.NoCount, CachedTokens: record.NoCount, MergedReads: record.NoCount,
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
	switch {
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
