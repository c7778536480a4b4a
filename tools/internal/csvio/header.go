package csvio

import (
	"fmt"
	"slices"
	"strings"

	"fastgenbench/tools/internal/record"
)

// origins tells whose rows a header belongs to, for messages.
var origins = []struct {
	rows    string
	columns []string
}{
	{"server rows of serve-launch", Columns[record.Server]()},
	{"request rows of loadgen", Columns[record.Request]()},
	{"summary rows of collect", Columns[record.Summary]()},
	{"goodput rows of collect goodput", Columns[record.Goodput]()},
	{"gap rows of collect gaps", Columns[record.Gaps]()},
}

func splitHeader(line string) []string {
	line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "\ufeff")
	return strings.Split(line, ",")
}

// describe names the rows that a header belongs to, "" when nobody's.
func describe(header []string) string {
	for _, o := range origins {
		if len(missing(o.columns, header)) == 0 {
			return o.rows
		}
	}
	return ""
}

// missing lists the wanted columns that header has not.
func missing(wanted, header []string) []string {
	var absent []string
	for _, column := range wanted {
		if !slices.Contains(header, column) {
			absent = append(absent, column)
		}
	}
	return absent
}

// checkHeader explains why rows under header cannot be read as rows with the
// wanted columns, nil when they can.
func checkHeader(wanted, header []string) error {
	if twice := duplicate(header); twice != "" {
		return fmt.Errorf("column %s stands twice in the header", twice)
	}
	absent := missing(wanted, header)
	if len(absent) == 0 {
		return nil
	}
	want := describe(wanted)
	if got := describe(header); got != "" {
		return fmt.Errorf("these are %s, not %s", got, want)
	}
	if len(absent) == len(wanted) {
		return fmt.Errorf("no header of %s", want)
	}
	return fmt.Errorf("column %s is missing; it belongs to the %s", absent[0], want)
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
