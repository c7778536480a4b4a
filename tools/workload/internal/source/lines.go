package source

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/workload"
)

// eachLine hands each line that is not blank to parse, whose error is the
// line's.
func (in *input) eachLine(parse func(line []byte) error) error {
	lines := workload.NewLines(in.from)
	for lines.Scan() {
		line, err := lines.Bytes()
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err == nil {
			err = parse(line)
		}
		switch {
		case in.failed != nil:
			return in.failed
		case err != nil:
			in.skip(fmt.Sprintf("%s:%d", in.Name, lines.Number()), err)
		}
	}
	return lines.Err()
}

// eachRow hands the cells of the named columns to parse, whose error is the
// row's. A column whose name ends in ? may be missing, and then its cells are
// empty. Header lines in the middle, as cat leaves them, are skipped.
func (in *input) eachRow(columns []string, parse func(cells []string) error) error {
	var header string
	var width int
	var place, cells = make([]int, len(columns)), make([]string, len(columns))
	var missing error
	err := in.eachLine(func(line []byte) error {
		text := string(bytes.TrimSpace(line))
		switch {
		case missing != nil || text == header:
			return nil
		case header == "":
			header = text
			width, missing = locate(columns, split(text), place)
			return nil
		}
		all := split(text)
		if len(all) != width {
			return fmt.Errorf("%d cells where the header has %d", len(all), width)
		}
		for i, at := range place {
			if cells[i] = ""; at >= 0 {
				cells[i] = all[at]
			}
		}
		return parse(cells)
	})
	if missing != nil {
		return missing
	}
	return err
}

// locate finds the columns in a header, -1 for those that do not.
func locate(columns, header []string, place []int) (width int, err error) {
	for i, column := range columns {
		name, optional := strings.CutSuffix(column, "?")
		place[i] = -1
		for j, cell := range header {
			if strings.EqualFold(cell, name) {
				place[i] = j
			}
		}
		if place[i] < 0 && !optional {
			return 0, fmt.Errorf("column %s is missing: the header is %.100q", name, strings.Join(header, ","))
		}
	}
	return len(header), nil
}

// split cuts a line at its commas. None of the sets has commas inside of cells;
// quotes around them, as spreadsheets write them, go.
func split(line string) []string {
	cells := strings.Split(strings.TrimRight(line, "\r"), ",")
	for i, cell := range cells {
		cells[i] = strings.Trim(strings.TrimSpace(cell), `"`)
	}
	return cells
}

// tokens reads a count, as 37 or as other programs write it, 37.0.
func tokens(column, cell string) (int, error) {
	n, err := strconv.ParseFloat(cell, 64)
	switch {
	case err != nil || !(n >= 1) || n != math.Trunc(n):
		return 0, fmt.Errorf("%s %.40q is not a whole number above 0", column, cell)
	case n > workload.MaxTokens:
		return 0, fmt.Errorf("%s %.40s is too large: the maximum is %d", column, cell, workload.MaxTokens)
	}
	return int(n), nil
}

// seconds reads a time.
func seconds(column, cell string) (float64, error) {
	s, err := strconv.ParseFloat(cell, 64)
	if err != nil || !(s >= 0) || math.IsInf(s, 1) {
		return 0, fmt.Errorf("%s %.40q is not a number of seconds", column, cell)
	}
	return s, nil
}
