package csvio

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/gocarina/gocsv"

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
	feed    feeder
	rows    *gocsv.Unmarshaller
	ints    []int // columns that gocsv would read as 0 when empty
	keys    keyCache
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
	r.feed.set([]byte(strings.Join(r.names, ",")))
	cells := csv.NewReader(&r.feed)
	cells.ReuseRecord = true
	cells.FieldsPerRecord = -1
	var zero T
	rows, err := gocsv.NewUnmarshaller(cells, zero)
	if err != nil {
		return err
	}
	r.rows = rows
	r.ints = intColumns(reflect.TypeOf(zero), r.names)
	return r.keys.take(r.names, zero)
}

func (r *Reader[T]) parse(line []byte) error {
	if err := r.checkCells(line); err != nil {
		return err
	}
	value, err := r.unmarshal(line)
	if err != nil {
		return shorter(err)
	}
	r.row = value.(T)
	key, keyed := any(&r.row).(keyedRow)
	if keyed && r.keys.known(line) {
		key.SetPointKey(r.keys.key)
	} else if keyed {
		r.keys.remember(line, key.PointKey())
	}
	if run, ok := any(&r.row).(interface{ SetRun(record.Text) }); ok && r.in.label != "" {
		run.SetRun(record.Text(record.Clean(r.in.label)))
	}
	return r.row.Validate()
}

// unmarshal reads the line's cells, without the key when that is known.
func (r *Reader[T]) unmarshal(line []byte) (any, error) {
	if r.keys.known(line) {
		return r.keys.read(line)
	}
	r.feed.set(line)
	return r.rows.Read()
}

// checkCells finds what gocsv would let pass: too few or too many cells, and
// an empty cell or a fraction where a whole number must stand.
func (r *Reader[T]) checkCells(line []byte) error {
	if bytes.IndexByte(line, '"') >= 0 {
		return errors.New("a cell has quotes, which no row of these tools needs")
	}
	if n := bytes.Count(line, comma) + 1; n != len(r.names) {
		return fmt.Errorf("%d cells where the header has %d; is the line cut short?", n, len(r.names))
	}
	column := 0
	for _, want := range r.ints {
		for ; column < want; column++ {
			line = line[bytes.IndexByte(line, ',')+1:]
		}
		cell, _, _ := bytes.Cut(line, comma)
		if !isWhole(cell) {
			return fmt.Errorf("column %s: %q is not a whole number", r.names[want], cell)
		}
	}
	return nil
}

var comma = []byte{','}

func isWhole(cell []byte) bool {
	for i, c := range cell {
		if (c < '0' || c > '9') && !(c == '-' && i == 0 && len(cell) > 1) {
			return false
		}
	}
	return len(cell) > 0
}

// shorter drops gocsv's talk of index chains.
func shorter(err error) error {
	text := err.Error()
	if i := strings.LastIndex(text, "]: "); i >= 0 {
		return errors.New(text[i+len("]: "):])
	}
	return err
}

// intColumns lists the positions in names of row's plain int fields, rising.
func intColumns(row reflect.Type, names []string) []int {
	plain := map[string]bool{}
	for _, field := range reflect.VisibleFields(row) {
		if field.Type == reflect.TypeFor[int]() {
			plain[field.Tag.Get("csv")] = true
		}
	}
	var at []int
	for i, name := range names {
		if plain[name] {
			at = append(at, i)
		}
	}
	return at
}

// feeder gives the csv.Reader one line at a time, so that a row is parsed the
// moment its line is there and an error belongs to one line.
type feeder struct{ line, rest []byte }

func (f *feeder) set(line []byte) {
	f.line = append(append(f.line[:0], line...), '\n')
	f.rest = f.line
}

func (f *feeder) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}
