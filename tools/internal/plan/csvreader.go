package plan

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// traceColumns are what a schedule must have; others are skipped.
var traceColumns = [...]string{"due_s", "prompt_tokens", "max_new_tokens"}

const (
	// maxTracedTokens bounds a prompt and a generation: no model takes more.
	maxTracedTokens = 10_000_000
	// maxTraceLine bounds the bytes of a line.
	maxTraceLine = 1 << 20
)

// traceReader reads a schedule's requests in their order.
type traceReader struct {
	in      *csv.Reader
	bytes   *rationed
	columns [len(traceColumns)]int
}

// newTraceReader reads the header.
func newTraceReader(from io.Reader) (*traceReader, error) {
	bytes := &rationed{from: from, left: maxTraceLine}
	text := bufio.NewReader(bytes)
	if err := skipMark(text); err != nil {
		return nil, err
	}
	r := &traceReader{in: csv.NewReader(text), bytes: bytes}
	r.in.ReuseRecord = true
	header, err := r.in.Read()
	if err == io.EOF {
		return nil, errors.New("it is empty")
	}
	if err != nil {
		return nil, err
	}
	for i, cell := range header {
		header[i] = strings.TrimSpace(cell)
	}
	for i, name := range traceColumns {
		if r.columns[i] = slices.Index(header, name); r.columns[i] < 0 {
			return nil, missingColumn(name, header)
		}
	}
	return r, nil
}

// skipMark passes over a byte order mark of UTF-8, which spreadsheets write,
// and refuses UTF-16.
func skipMark(text *bufio.Reader) error {
	begin, err := text.Peek(3)
	if err != nil && err != io.EOF {
		return err
	}
	switch {
	case string(begin) == "\xEF\xBB\xBF":
		_, err = text.Discard(len(begin))
		return err
	case strings.HasPrefix(string(begin), "\xFF\xFE"), strings.HasPrefix(string(begin), "\xFE\xFF"):
		return errors.New("it is UTF-16: save it as UTF-8")
	}
	return nil
}

func missingColumn(name string, header []string) error {
	text := strings.Join(header, ",")
	for _, separator := range []rune{';', '\t', '|'} {
		if strings.ContainsRune(text, separator) {
			return fmt.Errorf("its columns are separated by %q: save it with commas, and decimal points", separator)
		}
	}
	return fmt.Errorf("column %s is missing: the header is %.100q", name, text)
}

// read returns the next request, io.EOF after the last.
func (r *traceReader) read() (one traced, err error) {
	r.bytes.left = maxTraceLine
	cells, err := r.in.Read()
	if err != nil {
		return one, err
	}
	one, err = r.parse(cells)
	if one.line, _ = r.in.FieldPos(0); err != nil {
		return one, fmt.Errorf("line %d: %w", one.line, err)
	}
	return one, nil
}

func (r *traceReader) parse(cells []string) (one traced, err error) {
	cell := strings.TrimSpace(cells[r.columns[0]])
	if one.due, err = strconv.ParseFloat(cell, 64); err != nil || !(one.due >= 0) || math.IsInf(one.due, 1) {
		return one, fmt.Errorf("due_s %q is not a number of seconds", cell)
	}
	for i, to := range []*int{&one.Prompt, &one.New} {
		name := traceColumns[i+1]
		if *to, err = parseTokens(name, strings.TrimSpace(cells[r.columns[i+1]])); err != nil {
			return one, err
		}
	}
	return one, nil
}

// parseTokens reads a count, as 37 or as other programs write it, 37.0.
func parseTokens(name, cell string) (int, error) {
	n, err := strconv.ParseFloat(cell, 64)
	switch {
	case err != nil || !(n >= 1) || n != math.Trunc(n):
		return 0, fmt.Errorf("%s %q is not a whole number above 0", name, cell)
	case n > maxTracedTokens:
		return 0, fmt.Errorf("%s %s is too large: the maximum is %d", name, cell, maxTracedTokens)
	}
	return int(n), nil
}

// rationed fails when more is read than is left, so that a line without an end
// does not take all memory.
type rationed struct {
	from io.Reader
	left int
}

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, fmt.Errorf("a line is longer than %d bytes", maxTraceLine)
	}
	n, err := r.from.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}
