package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// fold is what the commands differ in, beside the columns that they need.
type fold[R any] interface {
	Add(record.Request)
	Rows() []R
	Troubles() []metrics.Trouble
}

// input is what every fold into rows is asked for: the files to read, the
// conditions that their rows must meet, and the columns to write, all when there
// are none.
type input struct{ operands, where, columns []string }

func inputOf(c *cli.Context) input {
	return input{c.Args().Slice(), c.StringSlice("where"), cmdline.Words(c.StringSlice("columns"))}
}

// collect reads all request rows, aggregates them and writes the result. It
// takes no context: an interrupt must not stop it in front of the rows that the
// tools before it are still bringing home.
func collect[R any](in input, std *cmdline.Std, f fold[R], needed ...string) error {
	if len(in.operands) == 0 && cmdline.IsTerminal(std.In) {
		std.Notef("reading request rows from the terminal; Ctrl-D ends them")
	}
	out := csvio.NewWriter[R](std.Out)
	if err := out.Select(in.columns...); err != nil {
		return cmdline.Usagef("--columns: %v", err)
	}
	skipped, err := in.read(std, f.Add, needed...)
	if err != nil {
		return err
	}
	doubtful := report(std, f.Troubles())
	if err := write(out, f.Rows()); err != nil {
		return err
	}
	return partial(skipped, doubtful)
}

// read hands the rows of the operands that meet the conditions to add and returns
// how many rows could not be read. No row at all is an error.
func (i input) read(std *cmdline.Std, add func(record.Request), needed ...string) (skipped int, err error) {
	in := csvio.NewReader[record.Request](i.operands, std.In, func(reason string) { std.Warnf("%s", reason) })
	in.Need(needed...)
	if err := only(in, i.where); err != nil {
		return 0, cmdline.Usagef("--where: %v", err)
	}
	rows := 0
	for in.Scan() {
		add(in.Row())
		rows++
	}
	switch {
	case in.Err() != nil:
		return 0, in.Err()
	case rows == 0 && in.Others() > 0:
		return 0, fmt.Errorf("none of %d rows meets --where: nothing to sum up", in.Others())
	case rows == 0 && in.Skipped() > 0:
		return 0, fmt.Errorf("none of %d rows could be read: nothing to summarize", in.Skipped())
	case rows == 0:
		return 0, fmt.Errorf("a header and no request rows: nothing to summarize")
	}
	return in.Skipped(), nil
}

// report prints the first troubles, each hint once, and reports whether requests
// were left out of figures or may have counted twice. The rest are counted: the
// column doubt has them.
func report(std *cmdline.Std, troubles []metrics.Trouble) (doubtful bool) {
	const many = 20
	printed := map[string]bool{"": true}
	for i, t := range troubles {
		doubtful = doubtful || t.Partial
		if i >= many {
			continue
		}
		std.Warnf("%s: %s", t.Point, t.What)
		if !printed[t.Hint] {
			printed[t.Hint] = true
			std.Hintf("%s", t.Hint)
		}
	}
	if more := len(troubles) - many; more > 0 {
		std.Warnf("and %d more warnings", more)
	}
	return doubtful
}

// columnsFlag is for people: what it writes is not a row for other tools.
func columnsFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "columns", Usage: "write the columns `NAMES` alone, in that order"}
}

// rowFlags are the flags of every fold into rows.
func rowFlags() []cli.Flag { return []cli.Flag{whereFlag(), columnsFlag()} }

func write[R any](out *csvio.Writer[R], rows []R) error {
	for _, row := range rows {
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing rows: %w", err)
		}
	}
	return nil
}

// partial is the error of a result that does not have all its rows.
func partial(skipped int, doubtful bool) error {
	switch {
	case skipped > 0:
		return cmdline.Partialf("partly done: rows that could not be read: %d", skipped)
	case doubtful:
		return cmdline.Partialf("partly done: requests were left out of figures or are duplicates")
	}
	return nil
}
