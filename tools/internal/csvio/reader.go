package csvio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"fastgenbench/tools/internal/record"
)

// Row is what a Reader reads.
type Row interface{ Validate() error }

// ErrNoInput is the error of an input without a single line.
var ErrNoInput = errors.New("the input is empty: not even a header")

// Reader reads rows of one type in the manner of bufio.Scanner. A row that
// does not parse is reported, counted and skipped; everything that makes
// the input as a whole unreadable ends the reading with Err.
type Reader[T Row] struct {
	in      operands
	warn    func(string)
	kind    kind
	needed  []string
	names   []string // of the header in force
	header  []byte
	decode  *decoder // for that header
	rows    [1]T     // the row, as gocsv fills it
	skipped int
	untold  int // of the input at hand: skipped without a word
	told    int // and with one
	err     error
	any     bool
	keepRun bool
	only    []condition
	others  int
}

// condition is what a row must have in one column to be read.
type condition struct {
	column string
	at     int // among the columns of the row
	values []string
}

// NewReader reads the operands one after the other: files, "-" for stdin, and
// "label=path", whose label replaces the rows' run; the path may be a pattern such
// as "label=old/*.csv", which a shell leaves as it stands. Without operands it
// reads stdin. A row that is skipped is reported to warn as "file:line: reason"; of an
// input's rows the first ten are, and the rest as a number at its end.
func NewReader[T Row](names []string, stdin io.Reader, warn func(string)) *Reader[T] {
	if len(names) == 0 {
		names = []string{"-"}
	}
	return &Reader[T]{in: operands{names: expand(names), stdin: stdin}, warn: warn, kind: kindOf(Columns[T]())}
}

// Need makes a header without these columns an error. Others may be absent,
// as in rows of older versions, and then so are their values; only the columns
// without which a row is none must be there.
func (r *Reader[T]) Need(columns ...string) { r.needed = append(r.needed, columns...) }

// KeepRun leaves rows their own run where their operand has a label: the label
// is then the reader's to tell.
func (r *Reader[T]) KeepRun() { r.keepRun = true }

// Label is the label of the operand of the row that the last Scan read, "" where
// it has none.
func (r *Reader[T]) Label() string { return r.in.label }

// Only passes over the rows that have none of these values in a column, compared as
// the text of a cell; a label stands for the run. An unknown column is an error.
func (r *Reader[T]) Only(column string, values []string) error {
	at := slices.Index(Columns[T](), column)
	if at < 0 {
		return unknownColumn(column, Columns[T]())
	}
	r.only = append(r.only, condition{column, at, values})
	return nil
}

// Others is the number of rows that Only has passed over so far.
func (r *Reader[T]) Others() int { return r.others }

// wanted reports whether the row that was just parsed meets all conditions.
func (r *Reader[T]) wanted() bool {
	for _, c := range r.only {
		cell := r.decode.cells[c.at]
		if c.column == "run" && r.in.label != "" && !r.keepRun {
			cell = record.Clean(r.in.label)
		}
		if !slices.Contains(c.values, cell) {
			r.others++
			return false
		}
	}
	return true
}

// Row is the row that the last Scan read.
func (r *Reader[T]) Row() T { return r.rows[0] }

// Skipped is the number of rows skipped so far.
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
		reason := r.parse(line)
		switch {
		case reason == nil:
			if r.wanted() {
				return true
			}
		case r.isHeader(line): // only now: no header is a row
			r.err = r.takeHeader(line)
		default:
			r.skip(reason)
		}
	}
	return false
}

// mostTold is the number of skipped rows of an input that are reported one by one.
const mostTold = 10

func (r *Reader[T]) skip(reason error) {
	r.skipped++
	if r.told == mostTold {
		r.untold++
		return
	}
	r.told++
	r.warn(fmt.Sprintf("%s:%d: %v", r.in.name, r.in.line, reason))
}

func (r *Reader[T]) tellRest() {
	if r.untold > 0 {
		r.warn(fmt.Sprintf("%s: %d more rows could not be read", r.in.name, r.untold))
	}
	r.told, r.untold = 0, 0
}

// nextLine returns the next line that is not the first of an input.
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
			r.tellRest()
			r.in.close()
			continue
		}
		if err != nil {
			return nil, err
		}
		r.any = true
		if r.header != nil {
			return line, nil
		}
		if err := r.takeHeader(line); err != nil {
			return nil, err
		}
	}
}

// isHeader recognises the header of a file that cat appended, in whatever order
// its columns stand: a column's name is not data.
func (r *Reader[T]) isHeader(line []byte) bool {
	if !bytes.Contains(line, []byte(keyColumn)) {
		return false
	}
	names, err := splitHeader(string(line))
	return slices.Contains(names, keyColumn) || separator(string(line)) != "" && err != nil
}

// keyColumn is in the header of all rows that the tools exchange.
const keyColumn = "max_ragged_batch_size"

func (r *Reader[T]) takeHeader(line []byte) (err error) {
	r.names, err = splitHeader(string(line))
	if err == nil {
		err = r.kind.check(r.names, r.needed)
	}
	if err != nil {
		return fmt.Errorf("%s:%d: %w", r.in.name, r.in.line, err)
	}
	r.header = bytes.Clone(line)
	r.decode = newDecoder[T](r.names)
	return nil
}

func (r *Reader[T]) parse(line []byte) error {
	if err := r.decode.decode(string(line), &r.rows); err != nil {
		return err
	}
	if r.in.label != "" && !r.keepRun {
		if keyed, ok := any(&r.rows[0]).(interface{ SetRun(record.Text) }); ok {
			keyed.SetRun(record.Text(record.Clean(r.in.label)))
		}
	}
	return r.rows[0].Validate()
}
