package workload

import (
	"bytes"
	"fmt"
	"io"
)

// Reader reads the requests of a workload in the manner of bufio.Scanner and
// keeps none of them. A line that does not parse is reported, counted and passed
// over.
type Reader struct {
	lines     *Lines
	name      string
	blockSize int
	warn      func(string)
	parser    parser
	one       Request
	skipped   int
}

// NewReader reads a workload that messages call name. A blockSize above 0 is the
// number of tokens per hash id, and lines whose ids do not fit it
// are bad ones; 0 checks nothing. Each line that is skipped is reported to warn as
// "name:line: reason".
func NewReader(from io.Reader, name string, blockSize int, warn func(string)) *Reader {
	return &Reader{lines: NewLines(from), name: name, blockSize: blockSize, warn: warn}
}

// Scan reads the next request.
func (r *Reader) Scan() bool {
	for r.lines.Scan() {
		line, err := r.lines.Bytes()
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err == nil {
			r.one, err = r.parser.parse(line)
		}
		if err == nil && r.blockSize > 0 {
			err = r.one.CheckBlocks(r.blockSize)
		}
		if err == nil {
			return true
		}
		r.skipped++
		r.warn(fmt.Sprintf("%s:%d: %v", r.name, r.lines.Number(), err))
	}
	return false
}

// Request is what the last Scan read; it stays valid.
func (r *Reader) Request() Request { return r.one }

// Line is the number of the request's line, from 1.
func (r *Reader) Line() int { return r.lines.Number() }

// Skipped is the number of lines skipped so far, blank ones not counted.
func (r *Reader) Skipped() int { return r.skipped }

// Err is what ended the reading early, nil at a regular end.
func (r *Reader) Err() error {
	if err := r.lines.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", r.name, err)
	}
	return nil
}
