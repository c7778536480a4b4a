package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"fastgenbench/tools/internal/record"
)

// Row is what a Reader reads.
type Row interface{ Validate() error }

// ErrNoInput is the error of an input without a single line.
var ErrNoInput = errors.New("the input is empty: not even a header")

// Reader reads rows of one type in the manner of bufio.Scanner. A row that
// does not parse is reported, counted and passed over; everything that makes
// the input as a whole unreadable ends the reading with Err.
type Reader[T Row] struct {
	in      operands
	warn    func(string)
	columns []string
	names   []string // of the header in force
	header  []byte
	cells   []cell // of row, in the header's order
	row     T
	skipped int
	err     error
	any     bool
}

// NewReader reads the operands one after the other: files, "-" for stdin, and
// "label=path", whose label replaces the rows' run. Without operands it reads
// stdin. Each row that is passed over is told to warn as "file:line: reason".
func NewReader[T Row](names []string, stdin io.Reader, warn func(string)) *Reader[T] {
	if len(names) == 0 {
		names = []string{"-"}
	}
	return &Reader[T]{in: operands{names: names, stdin: stdin}, warn: warn, columns: Columns[T]()}
}

// Row is the row that the last Scan read.
func (r *Reader[T]) Row() T { return r.row }

// Skipped is the number of rows passed over so far.
func (r *Reader[T]) Skipped() int { return r.skipped }

// Err is what ended the reading early, nil at a regular end.
func (r *Reader[T]) Err() error { return r.err }

// Scan reads the next row and returns as soon as its line is there.
func (r *Reader[T]) Scan() bool {
	for r.err == nil {
		line, err := r.nextLine()
		if err == io.EOF {
			if !r.any {
				r.err = ErrNoInput
			}
			return false
		}
		if err != nil {
			r.err = err
			return false
		}
		if len(line) == 0 || bytes.Equal(line, r.header) {
			continue
		}
		if err := r.parse(line); err != nil {
			r.skipped++
			r.warn(fmt.Sprintf("%s:%d: %v", r.in.name, r.in.line, err))
			continue
		}
		return true
	}
	return false
}

// nextLine returns the next line that is not a new header.
func (r *Reader[T]) nextLine() ([]byte, error) {
	for {
		if !r.in.opened {
			if err := r.in.next(); err != nil {
				return nil, err
			}
			r.header = nil
		}
		line, err := r.in.readLine()
		if err == io.EOF {
			if r.in.line == 0 && (r.any || len(r.in.names) > 0) {
				r.warn(r.in.name + ": empty, not even a header")
			}
			r.in.close()
			continue
		}
		if err != nil {
			return nil, err
		}
		r.any = true
		if r.header != nil && !r.isHeader(line) {
			return line, nil
		}
		if err := r.takeHeader(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", r.in.name, r.in.line, err)
		}
	}
}

// isHeader recognises the header of a file that cat appended: the first and
// the last column's names cannot both be data.
func (r *Reader[T]) isHeader(line []byte) bool {
	first, last := r.columns[0], r.columns[len(r.columns)-1]
	return bytes.HasPrefix(line, []byte(first+",")) && bytes.HasSuffix(line, []byte(","+last)) &&
		!bytes.Equal(line, r.header)
}

func (r *Reader[T]) takeHeader(line []byte) error {
	r.names = splitHeader(string(line))
	if err := checkHeader(r.columns, r.names); err != nil {
		return err
	}
	r.header = append([]byte(nil), line...)
	var err error
	r.cells, err = bind(&r.row, r.names)
	return err
}

func (r *Reader[T]) parse(line []byte) error {
	if err := decode(string(line), r.names, r.cells); err != nil {
		return err
	}
	if r.in.label != "" {
		if keyed, ok := any(&r.row).(interface{ SetRun(record.Text) }); ok {
			keyed.SetRun(record.Text(record.Clean(r.in.label)))
		}
	}
	return r.row.Validate()
}
