package plot

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// Tool makes a tool that draws figures of kind k of a name, a summary and a
// manual.
func (k Kind[T, D]) Tool(name, summary, manual string) cmdline.Tool {
	return cmdline.Tool{
		Name: name, Summary: summary, Manual: manual, Operands: "[[label=]file.csv ...]",
		Flags: append(flags(k.Curve), k.Flags...), Answers: k.answers(name), Run: k.run,
	}
}

// run does the tool's work. An interrupt does not end the reading: the tools
// in front end their streams themselves, and what came is drawn.
func (k Kind[T, D]) run(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := optionsOf(c, k.Curve, std)
	if err != nil {
		return err
	}
	if k.Check != nil {
		if err := k.Check(c); err != nil {
			return err
		}
	}
	in := csvio.NewReader[T](c.Args().Slice(), std.In, func(reason string) { std.Warnf("%s", reason) })
	in.Need(k.Needs...)
	rows, err := k.read(in)
	if err != nil {
		return err
	}
	if err := o.namesOneModel(len(k.models(rows))); err != nil {
		return err
	}
	remarks := new(remarks)
	figures := k.figures(rows, o, remarks)
	if err := o.fits(figures); err != nil {
		return err
	}
	remarks.report(std.Warnf)
	if len(figures) == 0 {
		return errors.New("nothing to draw")
	}
	if err := o.write(figures, std); err != nil {
		return err
	}
	if n := in.Skipped(); n > 0 {
		return cmdline.Partialf("%d rows were skipped", n)
	}
	return nil
}

// read takes all rows that are wanted.
func (k Kind[T, D]) read(in *csvio.Reader[T]) ([]T, error) {
	var rows []T
	came := 0
	for in.Scan() {
		came++
		if row := in.Row(); k.Wanted == nil || k.Wanted(row) {
			rows = append(rows, row)
		}
	}
	switch {
	case in.Err() != nil:
		return nil, in.Err()
	case came == 0:
		return nil, errors.New("no rows: nothing to draw")
	case len(rows) == 0:
		return nil, fmt.Errorf("none of %d rows matches the flags: nothing to draw", came)
	}
	return rows, nil
}

func (k Kind[T, D]) models(rows []T) map[record.Text]bool {
	all := make(map[record.Text]bool)
	for _, row := range rows {
		all[k.Key(row).Model] = true
	}
	return all
}
