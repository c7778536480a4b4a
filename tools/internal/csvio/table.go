package csvio

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// Table reads rows of any kind as text, in the manner of bufio.Scanner. Each input
// has a header; a repeated header is skipped. A line with another number of cells
// ends the reading with Err.
type Table struct {
	in     operands
	header []byte
	names  []string
	cells  []string
	err    error
}

// NewTable reads the operands as NewReader does.
func NewTable(names []string, stdin io.Reader) *Table {
	if len(names) == 0 {
		names = []string{"-"}
	}
	return &Table{in: operands{names: expand(names), stdin: stdin}}
}

// Names is the header of the row that the last Scan read.
func (t *Table) Names() []string { return t.names }

// Cells are the row's cells in the order of Names.
func (t *Table) Cells() []string { return t.cells }

// Place is the row's file and line, for messages.
func (t *Table) Place() string { return fmt.Sprintf("%s:%d", t.in.name, t.in.line) }

// Column is the position of a name in the header; a name that is not there is an error.
func (t *Table) Column(name string) (int, error) {
	if at := slices.Index(t.names, name); at >= 0 {
		return at, nil
	}
	return 0, unknownColumn(name, t.names)
}

// Err is what ended the reading early, nil at a regular end.
func (t *Table) Err() error { return t.err }

// Scan reads the next row and returns as soon as its line is there.
func (t *Table) Scan() bool {
	for t.err == nil {
		if !t.in.opened {
			if t.err = t.in.next(); t.err != nil {
				break
			}
			t.header = nil
		}
		line, err := t.in.readLine()
		switch {
		case err == io.EOF:
			t.in.close()
		case err != nil:
			t.err = err
		case t.header == nil:
			t.err = t.takeHeader(line)
		case len(line) > 0 && !bytes.Equal(line, t.header):
			t.err = t.takeRow(string(line))
			return t.err == nil
		}
	}
	if t.err == io.EOF {
		t.err = nil
		if t.names == nil {
			t.err = ErrNoInput
		}
	}
	return false
}

func (t *Table) takeHeader(line []byte) error {
	names, err := splitHeader(string(line))
	if err != nil {
		return fmt.Errorf("%s: %w", t.Place(), err)
	}
	t.header, t.names = bytes.Clone(line), names
	return nil
}

// takeRow splits a line. The label of an operand replaces the run.
func (t *Table) takeRow(line string) error {
	line, err := unquote(line)
	if err != nil {
		return fmt.Errorf("%s: %w", t.Place(), err)
	}
	t.cells = strings.Split(line, ",")
	if len(t.cells) != len(t.names) {
		return fmt.Errorf("%s: %d cells where the header has %d; is the line truncated?", t.Place(), len(t.cells), len(t.names))
	}
	if at := slices.Index(t.names, "run"); at >= 0 && t.in.label != "" {
		t.cells[at] = record.Clean(t.in.label)
	}
	return nil
}
