package csvio

import (
	"fmt"
	"reflect"
	"strings"

	"fastgenbench/tools/internal/record"
)

// cell is one field of a row as the text of its column sets it.
type cell interface{ UnmarshalCSV(string) error }

// bind returns, for each column of a header, the field of row that it fills, nil
// for a column that row has not. It is done once per header, since reflection for
// each cell would take most of the reading's time.
func bind(row any, names []string) ([]cell, error) {
	value := reflect.ValueOf(row).Elem()
	fields := map[string]reflect.Value{}
	for _, field := range reflect.VisibleFields(value.Type()) {
		if name := field.Tag.Get("csv"); name != "" {
			fields[name] = value.FieldByIndex(field.Index)
		}
	}
	cells := make([]cell, len(names))
	for i, name := range names {
		field, known := fields[name]
		if !known {
			continue
		}
		switch to := field.Addr().Interface().(type) {
		case cell:
			cells[i] = to
		case *int:
			cells[i] = whole{to}
		default:
			if field.Kind() != reflect.String {
				return nil, fmt.Errorf("column %s: a %s cannot be read", name, field.Type())
			}
			cells[i] = words{field.Addr().Convert(reflect.TypeFor[*string]()).Interface().(*string)}
		}
	}
	return cells, nil
}

// whole is a number that must be there.
type whole struct{ to *int }

func (w whole) UnmarshalCSV(cell string) (err error) {
	*w.to, err = record.ParseWhole(cell)
	return err
}

type words struct{ to *string }

func (w words) UnmarshalCSV(cell string) error {
	*w.to = cell
	return nil
}

// decode sets the fields from the cells of one line.
func decode(line string, names []string, cells []cell) error {
	line, err := unquote(line)
	if err != nil {
		return err
	}
	if n := strings.Count(line, ",") + 1; n != len(cells) {
		return fmt.Errorf("%d cells where the header has %d; is the line cut short?", n, len(cells))
	}
	for i, field := range cells {
		end := strings.IndexByte(line, ',')
		if end < 0 {
			end = len(line)
		}
		if field != nil {
			if err := field.UnmarshalCSV(line[:end]); err != nil {
				return fmt.Errorf("column %s: %w", names[i], err)
			}
		}
		line = line[min(end+1, len(line)):]
	}
	return nil
}
