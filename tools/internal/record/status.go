package record

import (
	"fmt"
	"slices"
)

// Status is the last cell of every row. No value is a prefix of another, so
// a line that was cut short cannot pass for a whole one.
type Status string

// MarshalCSV prints the word.
func (s Status) MarshalCSV() (string, error) { return string(s), nil }

// UnmarshalCSV takes the cell as it is; a row's Validate judges it.
func (s *Status) UnmarshalCSV(cell string) error {
	*s = Status(cell)
	return nil
}

// The statuses of a Request.
const (
	OK        Status = "ok"
	Failed    Status = "failed"
	Timeout   Status = "timeout"
	Cancelled Status = "cancelled"
)

// The statuses of a point (Summary, Goodput, Gaps).
const (
	// Complete: every request of the point ended ok.
	Complete Status = "complete"
	// Partial: a request failed, timed out or was cancelled.
	Partial Status = "partial"
	// ClientLimited: the client's own lag is too large for the point to be trusted.
	ClientLimited Status = "client-limited"
)

// Ready is the status of a Server that answered a request.
const Ready Status = "ready"

func validatePoint(k Key, s Status) error {
	return validate(k.Validate(), s, Complete, Partial, ClientLimited)
}

func validate(key error, s Status, allowed ...Status) error {
	if key != nil {
		return key
	}
	if !slices.Contains(allowed, s) {
		return fmt.Errorf("status %q is not one of %q; is the line truncated?", s, allowed)
	}
	return nil
}
