package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
)

// condition is what a row must have in one column to be written.
type condition struct {
	column string
	values []string
}

func parseConditions(args []string) ([]condition, error) {
	var all []condition
	for _, arg := range args {
		name, values, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, cmdline.Usagef("--where: %q is not NAME=VALUE", arg)
		}
		all = append(all, condition{name, strings.Split(values, ",")})
	}
	return all, nil
}

// picker writes the chosen columns of the rows that meet all conditions.
type picker struct {
	columns []string // all when empty
	where   []condition
	digits  int  // significant ones of a fraction; 0: as it stands
	headed  bool // whether the header is written, or unwanted
	out     io.Writer
}

// run reads to the end of its input, as collect does: an interrupt must not stop it
// before the rows that the tools in front of it are still writing.
func (p *picker) run(operands []string, std *cmdline.Std) error {
	if len(operands) == 0 && cmdline.IsTerminal(std.In) {
		std.Notef("reading rows from the terminal; Ctrl-D ends them")
	}
	in := csvio.NewTable(operands, std.In)
	read, written := 0, 0
	for in.Scan() {
		read++
		met, err := p.pass(in)
		if err != nil {
			return err
		}
		if met {
			written++
		}
	}
	switch {
	case in.Err() != nil:
		return in.Err()
	case read == 0:
		return fmt.Errorf("a header and no rows")
	case written == 0:
		return fmt.Errorf("none of %d rows meets --where", read)
	}
	return nil
}

// pass writes the row if it meets all conditions.
func (p *picker) pass(in *csvio.Table) (met bool, err error) {
	for _, c := range p.where {
		at, err := in.Column(c.column)
		if err != nil {
			return false, fmt.Errorf("--where: %s: %w", in.Place(), err)
		}
		if !slices.Contains(c.values, in.Cells()[at]) {
			return false, nil
		}
	}
	return true, p.write(in)
}

func (p *picker) write(in *csvio.Table) error {
	if len(p.columns) == 0 { // those of the first input, whatever the order of the others
		p.columns = in.Names()
	}
	cells := make([]string, len(p.columns))
	for i, name := range p.columns {
		at, err := in.Column(name)
		if err != nil {
			return fmt.Errorf("--columns: %s: %w", in.Place(), err)
		}
		cells[i] = round(in.Cells()[at], p.digits)
	}
	if !p.headed {
		p.headed = true
		if err := p.line(p.columns); err != nil {
			return err
		}
	}
	return p.line(cells)
}

func (p *picker) line(cells []string) error {
	if _, err := io.WriteString(p.out, strings.Join(cells, ",")+"\n"); err != nil {
		return fmt.Errorf("writing rows: %w", err)
	}
	return nil
}

// round gives a fraction fewer digits. Other cells, whole numbers among them, stay as
// they are.
func round(cell string, digits int) string {
	if digits == 0 || !strings.Contains(cell, ".") {
		return cell
	}
	exact, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(exact, 'g', digits, 64), 64)
	if err != nil {
		return cell
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}
