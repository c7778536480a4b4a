// Package join compares what a client reports with what the server logged: the
// same requests, event by event.
package join

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
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

// columns of the truth log that are read, in the order of fields below.
var columns = []string{"request_id", "arrived_ns", "tokens", "due_ns", "sent_ns"}

// ReadTruth reads sim-engine's truth log.
func ReadTruth(r io.Reader) (Truth, error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("the truth log has no header: %w", err)
	}
	places := make([]int, len(columns))
	for i, name := range columns {
		if places[i] = slices.Index(header, name); places[i] < 0 {
			return nil, fmt.Errorf("the truth log has no column %s", name)
		}
	}
	truth := Truth{}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return truth, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the truth log: %w", err)
		}
		if err := truth.add(row, places); err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("the truth log, line %d: %w", line, err)
		}
	}
}

func (t Truth) add(row []string, places []int) error {
	var values [4]int64
	for i := range values {
		v, err := strconv.ParseInt(row[places[i+1]], 10, 64)
		if err != nil {
			return err
		}
		values[i] = v
	}
	id := row[places[0]]
	sent := t[id]
	if sent == nil {
		sent = &Sent{ArrivedNS: values[0]}
		t[string([]byte(id))] = sent // the row's memory is used again
	}
	sent.Events = append(sent.Events, Event{Tokens: int(values[1]), DueNS: values[2], SentNS: values[3]})
	return nil
}
