package plan

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"fastgenbench/tools/internal/prompt"
)

// traced is one request of a schedule in CSV.
type traced struct {
	due  float64
	line int
	prompt.Size
}

// maxTraced bounds the requests of a schedule in CSV, which may have any
// order: this many take 200 MB.
const maxTraced = 5_000_000

// parseTrace reads a schedule of at most so many requests.
func parseTrace(from io.Reader, most int) ([]traced, error) {
	rows, err := newTraceReader(from)
	if err != nil {
		return nil, err
	}
	var trace []traced
	for {
		one, err := rows.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(trace) == most {
			return nil, fmt.Errorf("it has more than %d requests: split it", most)
		}
		trace = append(trace, one)
	}
	if len(trace) == 0 {
		return nil, errors.New("it has no request")
	}
	slices.SortStableFunc(trace, func(a, b traced) int { return cmp.Compare(a.due, b.due) })
	return trace, checkStart(trace)
}

// checkStart refuses due times that nobody wants to wait for: those since 1970,
// and others that begin later than a day.
func checkStart(trace []traced) error {
	const (
		day   = 24 * 60 * 60
		epoch = 1e9 // seconds since 1970 in 2001; milliseconds and smaller units are larger
	)
	first, last := trace[0].due, trace[len(trace)-1].due
	switch {
	case last >= epoch:
		return fmt.Errorf("due_s of %.0f looks like a time since 1970: due_s counts from the point's start, in seconds; subtract the first from all", last)
	case first > day:
		return fmt.Errorf("its first request is due after %.0f s, more than a day: due_s counts from the point's start, in seconds; subtract the first from all", first)
	}
	return nil
}
