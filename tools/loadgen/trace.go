package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"fastgenbench/tools/internal/prompt"
)

// traced is one request of a schedule.
type traced struct {
	due float64
	prompt.Size
}

// maxTraced bounds a schedule's requests: this many take 200 MB.
const maxTraced = 5_000_000

// readTrace reads a schedule and sorts it by due time.
func readTrace(path string) ([]traced, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the schedule: %w", err)
	}
	defer file.Close() // read only: nothing can be lost
	trace, err := parseTrace(file, maxTraced)
	if err != nil {
		return nil, fmt.Errorf("the schedule %s: %w", path, err)
	}
	return trace, nil
}

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

// means are the mean lengths of a schedule and its mean rate.
func means(trace []traced) (prompt, news int, rate float64) {
	for _, one := range trace {
		prompt += one.Prompt
		news += one.New
	}
	n := len(trace)
	if span := trace[n-1].due - trace[0].due; span > 0 {
		rate = float64(n-1) / span
	} else {
		rate = float64(n) // all at once
	}
	return prompt / n, news / n, rate
}
