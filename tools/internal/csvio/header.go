package csvio

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// kind is what is known of the rows that travel between the tools.
type kind struct {
	rows, tool string // for messages
	columns    []string
	// required are the columns without which a row is none: its key and what its
	// Validate asks for.
	required []string
}

var kinds = []kind{
	{"server rows", "serve-launch", Columns[record.Server](), append(Columns[record.ServerKey](), "url", "status")},
	{"request rows", "loadgen", Columns[record.Request](), append(key(), "start_s", "latency_s", "status")},
	{"summary rows", "collect", Columns[record.Summary](), append(key(), "status")},
	{"goodput rows", "collect goodput", Columns[record.Goodput](), append(key(), "status")},
	{"capacity rows", "find-capacity", Columns[record.Capacity](), append(key(), "status")},
	{"comparison rows", "compare-runs", Columns[record.Comparison](), append(key(), "status")},
	{"gap rows", "collect gaps", Columns[record.Gaps](), append(key(), "status")},
	{"turn rows", "collect turns", Columns[record.Turns](), append(key(), "status")},
}

// key is the key's columns but workload, which rows of older versions lack.
func key() []string {
	return slices.DeleteFunc(Columns[record.Key](), func(column string) bool { return column == "workload" })
}

func (k kind) String() string { return k.rows + " of " + k.tool }

// kindOf finds the rows that have these columns.
func kindOf(columns []string) kind {
	for _, k := range kinds {
		if slices.Equal(k.columns, columns) {
			return k
		}
	}
	return kind{"rows", "this kind", columns, columns}
}

// own is how many of the header's columns only such rows have, not the key.
func (k kind) own(header []string) int {
	n := 0
	for _, column := range k.columns {
		if slices.Contains(header, column) && !slices.Contains(k.required, column) {
			n++
		}
	}
	return n
}

// describe names the rows that a header belongs to better than to the wanted
// ones, "" when there are none.
func describe(wanted kind, header []string) string {
	best, name := wanted.own(header), ""
	for _, k := range kinds {
		if n := k.own(header); n > best && len(missing(k.required, header)) == 0 {
			best, name = n, k.String()
		}
	}
	return name
}

// missing lists the wanted columns that header does not have.
func missing(wanted, header []string) []string {
	var absent []string
	for _, column := range wanted {
		if !slices.Contains(header, column) {
			absent = append(absent, column)
		}
	}
	return absent
}

// check explains why rows under header cannot be read as rows of this kind with
// the needed columns, nil when they can.
func (k kind) check(header, needed []string) error {
	if twice := duplicate(header); twice != "" {
		return fmt.Errorf("column %s occurs twice in the header", twice)
	}
	absent := missing(k.required, header)
	if got := describe(k, header); got != "" {
		return fmt.Errorf("these are %s, not %s", got, k)
	}
	if len(absent) == len(k.required) {
		return fmt.Errorf("no header of %s: the line is %.60q", k, strings.Join(header, ","))
	}
	if absent = append(absent, missing(needed, header)...); len(absent) > 0 {
		return fmt.Errorf("column %s is missing; %s writes it into its %s", absent[0], k.tool, k.rows)
	}
	return nil
}

func duplicate(header []string) string {
	seen := make(map[string]bool, len(header))
	for _, column := range header {
		if seen[column] {
			return column
		}
		seen[column] = true
	}
	return ""
}

// splitHeader is the columns of a header line.
func splitHeader(line string) ([]string, error) {
	switch {
	case strings.HasPrefix(line, "\xff\xfe"), strings.HasPrefix(line, "\xfe\xff"):
		return nil, errors.New("the text is UTF-16; save it as UTF-8")
	case strings.IndexByte(line, 0) >= 0:
		return nil, errors.New("this is not text")
	case strings.HasPrefix(line, "{"), strings.HasPrefix(line, "["):
		return nil, errors.New("this is JSON; import-results makes rows of the results of other programs")
	}
	line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), byteOrderMark)
	if name := separator(line); name != "" {
		return nil, fmt.Errorf("the header is separated by %s; write it with commas, and numbers with points: %.60q", name, line)
	}
	line, err := unquote(line)
	return strings.Split(line, ","), err
}

// separator names what separates a header's cells, "" for commas.
func separator(header string) string {
	for _, s := range []struct{ mark, name string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "vertical bars"}} {
		if strings.Count(header, s.mark) > max(1, strings.Count(header, ",")) {
			return s.name
		}
	}
	return ""
}

const byteOrderMark = "\ufeff"

// unquote takes off quotes around plain cells, as some programs write them.
func unquote(line string) (string, error) {
	if strings.IndexByte(line, '"') < 0 {
		return line, nil
	}
	cells := strings.Split(line, ",")
	for i, cell := range cells {
		inner := strings.TrimSuffix(strings.TrimPrefix(cell, `"`), `"`)
		if strings.IndexByte(inner, '"') >= 0 || len(cell)-len(inner) == 1 {
			return "", errors.New("a cell has quotes around a comma or a quote, which no row of these tools needs; save it without them")
		}
		cells[i] = inner
	}
	return strings.Join(cells, ","), nil
}
