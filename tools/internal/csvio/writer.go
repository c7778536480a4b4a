// Package csvio carries rows as CSV streams between tools: header first, one
// line a row, each row flushed, so that the next tool can act on it at once.
//
// It is the only user of gocsv, whose tags name the columns and which writes
// them. Rows are read here without it: it takes a missing column and an empty
// number for 0, and by reflection anew for each cell reads a third as fast.
package csvio

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"

	"github.com/gocarina/gocsv"
)

// Writer writes rows of one type. It is not safe for concurrent use.
type Writer[T any] struct {
	out    io.Writer
	headed bool
	line   bytes.Buffer
	cells  *gocsv.SafeCSVWriter // to line; a new one a row would be half of a request's garbage
}

// NewWriter returns a Writer to out. Nothing is written before the first row
// or Header.
func NewWriter[T any](out io.Writer) *Writer[T] {
	w := &Writer[T]{out: out}
	w.cells = gocsv.NewSafeCSVWriter(csv.NewWriter(&w.line))
	return w
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
	_, err := w.out.Write(w.line.Bytes())
	return err
}

// Columns is the header of T's rows.
func Columns[T any]() []string {
	var line bytes.Buffer
	if err := gocsv.Marshal([]T{}, &line); err != nil {
		panic(err) // T is no row type: a mistake in the program, not in its input
	}
	return splitHeader(line.String())
}
