// Package join compares what a client reports with what the server logged: the
// same requests, event by event.
package join

import (
	"errors"
	"fmt"
	"io"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// Event is one streamed message as the server sent it.
type Event struct {
	// Tokens is how many it brought.
	Tokens int
	// DueNS and SentNS are nanoseconds of the real-time clock.
	DueNS, SentNS int64
}

// Sent is one request as the server saw it.
type Sent struct {
	// ArrivedNS is when the kernel received the request, nanoseconds of the
	// real-time clock.
	ArrivedNS int64
	Events    []Event
}

// Truth is every request by its X-Request-Id.
type Truth map[string]*Sent

// line is what is read of a line of the truth log.
type line struct {
	Request   record.Text `csv:"request_id"`
	ArrivedNS int         `csv:"arrived_ns"`
	Tokens    int         `csv:"tokens"`
	DueNS     int         `csv:"due_ns"`
	SentNS    int         `csv:"sent_ns"`
}

// Validate accepts every line.
func (line) Validate() error { return nil }

// ReadTruth reads sim-engine's truth logs in files, "-" for stdin.
func ReadTruth(files []string, stdin io.Reader) (Truth, error) {
	var bad error
	lines := csvio.NewReader[line](files, stdin, func(reason string) {
		if bad == nil {
			bad = errors.New(reason)
		}
	})
	truth := Truth{}
	for lines.Scan() {
		truth.add(lines.Row())
	}
	if err := errors.Join(bad, lines.Err()); err != nil {
		return nil, fmt.Errorf("the truth log: %w", err)
	}
	return truth, nil
}

func (t Truth) add(l line) {
	sent := t[string(l.Request)]
	if sent == nil {
		sent = &Sent{ArrivedNS: int64(l.ArrivedNS)}
		t[string(l.Request)] = sent
	}
	sent.Events = append(sent.Events, Event{Tokens: l.Tokens, DueNS: int64(l.DueNS), SentNS: int64(l.SentNS)})
}
