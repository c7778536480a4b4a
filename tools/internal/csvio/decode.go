package csvio

import (
	"encoding/csv"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"fastgenbench/tools/internal/record"
)

// decoder has gocsv set a row's fields from the cells of one line. To gocsv it is
// the CSVReader of a file without a header: it puts the cells in the order of the
// fields itself, once per header, since gocsv would look up each column again for
// each line, and an input may have several headers.
type decoder struct {
	names []string   // of the header in force
	field []int      // for each of them, the field that it fills, -1 for none
	plain []bool     // for each field, whether it is an int
	cells []string   // for each field, its cell; "" where the header has none
	file  [][]string // cells as the only line of a file
}

// newDecoder reads rows of T under a header with these names.
func newDecoder[T any](names []string) *decoder {
	columns := Columns[T]()
	d := &decoder{names: names, plain: make([]bool, len(columns)), cells: make([]string, len(columns))}
	for _, name := range names {
		d.field = append(d.field, slices.Index(columns, name))
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		if i := slices.Index(columns, field.Tag.Get("csv")); i >= 0 {
			d.plain[i] = field.Type.Kind() == reflect.Int && field.Type.PkgPath() == ""
		}
	}
	d.file = [][]string{d.cells}
	return d
}

// ReadAll hands gocsv the line that was split.
func (d *decoder) ReadAll() ([][]string, error) { return d.file, nil }

// Read is the other half of gocsv's CSVReader, which a single row has no use for.
func (d *decoder) Read() ([]string, error) { return nil, errors.ErrUnsupported }

// decode fills the row to which rows, a *[1]T, points.
func (d *decoder) decode(line string, rows any) error {
	line, err := unquote(line)
	if err != nil {
		return err
	}
	if n := strings.Count(line, ",") + 1; n != len(d.names) {
		return fmt.Errorf("%d cells where the header has %d; is the line truncated?", n, len(d.names))
	}
	d.split(line)
	if err := gocsv.UnmarshalCSVWithoutHeaders(d, rows); err != nil {
		return d.explain(err, line)
	}
	return nil
}

func (d *decoder) split(line string) {
	for _, field := range d.field {
		end := strings.IndexByte(line, ',')
		if end < 0 {
			end = len(line)
		}
		if field >= 0 {
			d.cells[field] = line[:end]
			if d.plain[field] {
				d.cells[field] = plainNumber(line[:end])
			}
		}
		line = line[min(end+1, len(line)):]
	}
}

// plainNumber is a whole number as gocsv reads one into an int: it would take an
// empty cell for 0, 1.5 for 1 and 010 for 8.
func plainNumber(cell string) string {
	n, err := record.ParseWhole(cell)
	if err != nil {
		return "not a number"
	}
	return strconv.Itoa(n)
}

// explain names the column of the cell that gocsv could not set.
func (d *decoder) explain(err error, line string) error {
	var bad *csv.ParseError
	if !errors.As(err, &bad) {
		return err
	}
	at := slices.Index(d.field, bad.Column-1)
	if at < 0 {
		return bad.Err
	}
	if d.plain[bad.Column-1] {
		_, err = record.ParseWhole(strings.Split(line, ",")[at])
		return fmt.Errorf("column %s: %w", d.names[at], err)
	}
	return fmt.Errorf("column %s: %w", d.names[at], bad.Err)
}
