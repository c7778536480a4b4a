package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"

	"fastgenbench/tools/internal/prompt"
)

// traced is one request of a schedule.
type traced struct {
	due float64
	prompt.Size
}

// traceColumns are what a schedule must have; others are passed over.
var traceColumns = []string{"due_s", "prompt_tokens", "max_new_tokens"}

// readTrace reads a schedule and sorts it by due time.
func readTrace(path string) ([]traced, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the schedule: %w", err)
	}
	defer file.Close() // read only: nothing can be lost
	trace, err := parseTrace(file)
	if err != nil {
		return nil, fmt.Errorf("the schedule %s: %w", path, err)
	}
	return trace, nil
}

func parseTrace(from io.Reader) ([]traced, error) {
	in := csv.NewReader(from)
	in.ReuseRecord = true
	header, err := in.Read()
	if err != nil {
		return nil, errors.New("it has no header")
	}
	var columns [3]int
	for i, name := range traceColumns {
		if columns[i] = slices.Index(header, name); columns[i] < 0 {
			return nil, fmt.Errorf("column %s is missing", name)
		}
	}
	var trace []traced
	for {
		cells, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		one, err := parseTraced(cells, columns)
		if err != nil {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		trace = append(trace, one)
	}
	if len(trace) == 0 {
		return nil, errors.New("it has no request")
	}
	slices.SortStableFunc(trace, func(a, b traced) int { return cmpFloat(a.due, b.due) })
	return trace, nil
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func parseTraced(cells []string, columns [3]int) (one traced, err error) {
	if one.due, err = strconv.ParseFloat(cells[columns[0]], 64); err != nil || !(one.due >= 0) || math.IsInf(one.due, 1) {
		return one, fmt.Errorf("due_s %q is no time", cells[columns[0]])
	}
	for i, to := range []*int{&one.Prompt, &one.New} {
		cell := cells[columns[i+1]]
		if *to, err = strconv.Atoi(cell); err != nil || *to < 1 {
			return one, fmt.Errorf("%s %q is not a number above 0", traceColumns[i+1], cell)
		}
	}
	return one, nil
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
