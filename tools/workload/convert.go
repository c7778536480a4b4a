package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/workload/internal/source"
)

const convertManual = `Reads a public trace from the given file or from standard input, and writes it as
a workload. It recognizes the format by the first line; if it cannot, give --from.
%s
Timestamps count from the first. A conversation becomes a session: each turn adds
the user's message, and the server's own answers come in between. The turns of
a trace with lengths only repeat its lengths and hash ids.

A record that cannot be replayed, such as a failed request, is reported as
file:line: reason, counted and skipped. Memory does not grow with the trace,
except for one entry per session.

Examples:

  workload convert AzureLLMInferenceTrace_code.csv > code.jsonl
  workload convert --from sharegpt --bytes-per-token 4 < ShareGPT_V3.json | head -100 > chats.jsonl
  workload convert BurstGPT_3.csv | workload describe`

func convertTool() cmdline.Tool {
	return cmdline.Tool{
		Name: "convert", Summary: "converts a public trace into a workload",
		Manual: fmt.Sprintf(convertManual, formats()), Operands: "[file]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "the trace has the `FORMAT`: " + source.Names()},
			&cli.Float64Flag{Name: "bytes-per-token", Usage: "estimate output lengths from recorded answers, at `N` bytes per token; by default loadgen decides"},
		},
		Run: func(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
			path, err := oneFile(c.Args().Slice())
			if err != nil {
				return err
			}
			o := source.Options{BytesPerToken: c.Float64("bytes-per-token")}
			if c.IsSet("bytes-per-token") && !(o.BytesPerToken >= 0.1 && o.BytesPerToken <= 100) {
				return cmdline.Usagef("--bytes-per-token %g is not between 0.1 and 100", o.BytesPerToken)
			}
			if name := c.String("from"); name != "" {
				if _, err := source.Find(name); err != nil {
					return cmdline.Usagef("--from %v", err)
				}
			}
			return convert(ctx, std, path, c.String("from"), o)
		},
	}
}

// formats lists the formats for the manual.
func formats() string {
	var text strings.Builder
	for _, f := range source.Formats {
		fmt.Fprintf(&text, "\n  %-16s %s", f.Name, f.Holds)
	}
	return text.String() + "\n"
}

// oneFile is the operand, or standard input.
func oneFile(operands []string) (string, error) {
	switch len(operands) {
	case 0:
		return "-", nil
	case 1:
		return operands[0], nil
	}
	return "", cmdline.WithHint(cmdline.Usagef("%d files: one is read at a time", len(operands)),
		"each set has a clock of its own; convert them one by one")
}

func convert(ctx context.Context, std *cmdline.Std, path, format string, o source.Options) error {
	in, err := open(path, std)
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing can be lost
	set, f, err := openSet(in, format, std)
	if err != nil {
		return fmt.Errorf("reading %s: %w", in.name, err)
	}
	warned := warnings{std: std}
	o.Name, o.Warn = in.name, warned.add
	out := newOutput(ctx, std)
	tally, err := f.Read(set, o, out.put)
	err = out.close(err)
	warned.close()
	for _, remark := range tally.Remarks {
		std.Warnf("%s", remark)
	}
	if err == nil && f.BlockSize > 0 && tally.Requests > 0 {
		std.Notef("a hash id stands for %d tokens: give --block-size %d to workload describe and loadgen", f.BlockSize, f.BlockSize)
	}
	return conclude(err, tally.Requests, tally.Skipped)
}

// openSet begins to read a set and finds out what it is, unless that is known.
func openSet(in input, format string, std *cmdline.Std) (*bufio.Reader, source.Format, error) {
	if format == "" {
		set, f, err := source.Open(in)
		if err == nil {
			std.Notef("%s is read as %s", in.name, f.Name)
		}
		return set, f, err
	}
	f, err := source.Find(format)
	if err != nil {
		return nil, f, err
	}
	set, err := source.Buffer(in)
	return set, f, err
}

// conclude is the error of a work that used so many records and skipped others.
func conclude(err error, used, skipped int) error {
	switch {
	case err != nil:
		return err
	case used == 0 && skipped == 0:
		return errors.New("the input has no requests")
	case used == 0:
		return fmt.Errorf("none of %d records could be used", skipped)
	case skipped > 0:
		return cmdline.Partialf("partly done: %d of %d records could not be used", skipped, used+skipped)
	}
	return nil
}
