// Package csvio carries rows as CSV streams between tools: header first, one
// line per row, each row flushed, so that the next tool can act on it at once.
//
// It is the only user of gocsv, whose tags name the columns and which writes
// them. Rows are read here without it: reading is three times as fast, and a
// line that cannot be read, a header in the middle of a file and a column that
// is missing are told in our own words.
package csvio

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gocarina/gocsv"
)

// Writer writes rows of one type. It is not safe for concurrent use.
type Writer[T any] struct {
	out    io.Writer
	headed bool
	line   bytes.Buffer
	pick   []int                // columns to write, all when nil
	cells  *gocsv.SafeCSVWriter // to line; a new one per row would be half of a request's garbage
}

// NewWriter returns a Writer to out. Nothing is written before the first row
// or Header.
func NewWriter[T any](out io.Writer) *Writer[T] {
	w := &Writer[T]{out: out}
	w.cells = gocsv.NewSafeCSVWriter(csv.NewWriter(&w.line))
	return w
}

// Select has the writer write the named columns alone, in that order. Its error
// names one that T has not. It must be called before anything is written.
func (w *Writer[T]) Select(names ...string) error {
	all := Columns[T]()
	for _, name := range names {
		i := slices.Index(all, name)
		if i < 0 {
			return fmt.Errorf("no column %s; there are %s", name, strings.Join(all, ", "))
		}
		w.pick = append(w.pick, i)
	}
	return nil
}

// Header writes the header line unless it was written.
func (w *Writer[T]) Header() error {
	if w.headed {
		return nil
	}
	w.headed = true
	w.line.Reset()
	if err := gocsv.Marshal([]T{}, &w.line); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	return w.flush()
}

// Write writes one row as one line in one call of the underlying Write, the
// header before the first.
func (w *Writer[T]) Write(row T) error {
	if err := w.Header(); err != nil {
		return err
	}
	w.line.Reset()
	if err := gocsv.MarshalCSVWithoutHeaders([]T{row}, w.cells); err != nil {
		return fmt.Errorf("row: %w", err)
	}
	return w.flush()
}

func (w *Writer[T]) flush() error {
	if w.pick != nil { // no cell has quotes
		cells := strings.Split(strings.TrimSuffix(w.line.String(), "\n"), ",")
		w.line.Reset()
		for i, from := range w.pick {
			if i > 0 {
				w.line.WriteByte(',')
			}
			w.line.WriteString(cells[from])
		}
		w.line.WriteByte('\n')
	}
	_, err := w.out.Write(w.line.Bytes())
	return err
}

// Columns is the header of T's rows.
func Columns[T any]() []string {
	var line bytes.Buffer
	if err := gocsv.Marshal([]T{}, &line); err != nil {
		panic(err) // T is no row type: a mistake in the program, not in its input
	}
	return strings.Split(strings.TrimSpace(line.String()), ",")
}
