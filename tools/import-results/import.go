package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/exchange"
	"fastgenbench/tools/internal/record"
)

// run reads all files before it writes: what is written is one kind of rows.
func (o options) run(std *cmdline.Std) error {
	if len(o.files) == 0 {
		o.files = []string{"-"}
		if cmdline.IsTerminal(std.In) {
			std.Notef("reading a result file from the terminal; Ctrl-D ends it")
		}
	}
	var points []imported
	dropped := 0
	for _, operand := range o.files {
		more, n, err := o.read(operand, std)
		if err != nil {
			return err
		}
		points = append(points, more...)
		dropped += n
	}
	if len(points) == 0 {
		return errors.New("nothing could be imported")
	}
	if err := o.write(points, std); err != nil {
		return err
	}
	if dropped > 0 {
		return cmdline.Partialf("partly done: invalid documents and requests: %d", dropped)
	}
	return nil
}

// imported is a point and the file that it comes from.
type imported struct {
	file string
	exchange.Point
}

// read takes one operand. A file that cannot be opened, or holds no JSON, ends
// the work.
func (o options) read(operand string, std *cmdline.Std) (points []imported, dropped int, err error) {
	label, path := csvio.Source(operand)
	asked, name, in := o.asked, "stdin", io.Reader(std.In)
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, 0, err
		}
		defer file.Close() // read only: nothing can be lost
		name, in = path, file
	}
	if label != "" {
		asked.Key.Run = record.Text(record.Clean(label))
	}
	faults := 0
	read, dropped, err := exchange.Read(in, asked, func(reason string) {
		if faults++; faults <= manyFaults {
			std.Warnf("%s: %s", name, reason)
		}
	})
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	if faults > manyFaults {
		std.Warnf("%s: and %d more", name, faults-manyFaults)
	}
	notes := map[string]bool{}
	for _, p := range read {
		points = append(points, imported{name, p})
		for _, note := range p.Notes {
			if !notes[note] {
				notes[note] = true
				std.Warnf("%s: %s", name, note)
			}
		}
	}
	return points, dropped, nil
}

// manyFaults is how many faults of a file are printed; the rest are counted.
const manyFaults = 20

// write puts out the requests of all points, or with --summary, and where no
// point has any, their figures.
func (o options) write(points []imported, std *cmdline.Std) error {
	without := slices.IndexFunc(points, func(p imported) bool { return len(p.Requests) == 0 })
	with := slices.IndexFunc(points, func(p imported) bool { return len(p.Requests) > 0 })
	unstated := slices.IndexFunc(points, func(p imported) bool { return !p.Stated })
	switch summary := o.summary || with < 0; {
	case summary && unstated >= 0:
		return cmdline.WithHint(fmt.Errorf("%s states no figures, only requests", points[unstated].file), "leave out --summary, and sum them up with collect")
	case summary:
		return writeSummaries(points, std)
	case without >= 0:
		return cmdline.WithHint(fmt.Errorf("%s has requests and %s only figures: their rows cannot be in one output", points[with].file, points[without].file),
			"import them apart, or with --summary take the figures of both")
	}
	return writeRequests(points, std)
}

func writeSummaries(points []imported, std *cmdline.Std) error {
	out := csvio.NewWriter[record.Summary](std.Out)
	for _, p := range points {
		if err := out.Write(p.Summary); err != nil {
			return fmt.Errorf("writing rows: %w", err)
		}
	}
	return nil
}

func writeRequests(points []imported, std *cmdline.Std) error {
	out := csvio.NewWriter[record.Request](std.Out)
	for _, p := range points {
		for _, r := range p.Requests {
			if err := out.Write(r); err != nil {
				return fmt.Errorf("writing rows: %w", err)
			}
		}
	}
	return nil
}
