package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// finding is a row of detect.
type finding struct {
	Backend  record.Text `csv:"backend"`
	RunsHere record.Text `csv:"runs_here"`
	Lacks    record.Text `csv:"lacks"`
	Cure     record.Text `csv:"cure"`
}

func detect(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	settings, err := readSettings(c)
	if err != nil {
		return err
	}
	names := c.Args().Slice()
	if len(names) == 0 {
		names = backend.Names()
	}
	var found []finding
	cannot := 0
	for _, name := range names {
		b, err := backend.Lookup(name)
		if err != nil {
			return cmdline.Usagef("%v", err)
		}
		row := finding{Backend: record.Text(name), RunsHere: "yes"}
		if needs := b.Needs(settings); len(needs) > 0 {
			row = finding{record.Text(name), "no", record.Text(needs[0].Lacks), record.Text(needs[0].Cure)}
			cannot++
		}
		found = append(found, row)
	}
	w := csvio.NewWriter[finding](std.Out)
	for _, row := range found {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	if c.Args().Present() && cannot > 0 {
		return &cmdline.ExitError{Status: 1}
	}
	return nil
}
