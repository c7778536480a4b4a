package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/record"
)

// finding is a row of detect: a backend that runs here, or one thing that
// another one lacks.
type finding struct {
	Backend  record.Text `csv:"backend"`
	RunsHere record.Text `csv:"runs_here"`
	Missing  record.Text `csv:"lacks"`
	Hint     record.Text `csv:"cure"`
}

func detect(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	names := c.Args().Slice()
	if len(names) == 0 {
		names = backend.Names()
	}
	var found []finding
	cannot := false
	for _, name := range names {
		b, err := backend.Lookup(name)
		if err != nil {
			return cmdline.Usagef("%v", err)
		}
		settings, err := readSettings(c, b)
		if err != nil {
			return err
		}
		settings.HasKey = reach.Reach{}.Key(b.KeyVariable) != ""
		needs := b.Needs(settings)
		cannot = cannot || len(needs) > 0
		found = append(found, findings(name, needs)...)
	}
	if err := writeFindings(std, found); err != nil {
		return err
	}
	if c.Args().Present() && cannot {
		return &cmdline.ExitError{Status: 1}
	}
	return nil
}

func findings(name string, needs []backend.Need) []finding {
	if len(needs) == 0 {
		return []finding{{Backend: record.Text(name), RunsHere: "yes"}}
	}
	var found []finding
	for _, need := range needs {
		found = append(found, finding{record.Text(name), "no", record.Text(need.Missing), record.Text(need.Hint)})
	}
	return found
}

func writeFindings(std *cmdline.Std, found []finding) error {
	w := csvio.NewWriter[finding](std.Out)
	for _, row := range found {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
