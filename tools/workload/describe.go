package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/chart"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/workload"
	"fastgenbench/tools/workload/internal/digest"
)

const describeManual = `Reads workloads from the given files or from standard input, and reports for each
its rate, lengths, sessions, and the share of its prompts that an unlimited prefix
cache would hold. The output is a table on a terminal and CSV in a pipe, one row
per file; docs/format.md defines the columns.

--figure draws the rate over time, the distribution of lengths, and the cached
share over time, as far as the workload has them.

A line whose hash ids do not match --block-size is bad. Bad lines are reported as
file:line: reason, counted and skipped. Memory grows with the different blocks
(some 50 bytes each), sessions and lengths, not with the requests.

Examples:

  workload make --num-sessions 500 --prefix-length 1024 --rate 5 | workload describe
  workload describe --block-size 16 --figure chat.svg chat.jsonl`

// mostDrawn is how many workloads are drawn on one sheet.
const mostDrawn = 4

func describeTool() cmdline.Tool {
	return cmdline.Tool{
		Name: "describe", Summary: "describes a workload", Manual: describeManual, Operands: "[file.jsonl ...]",
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "block-size", Value: 512, Usage: "`TOKENS` per hash id: 512 in Mooncake's traces, 16 in Bailian's"},
			&cli.StringFlag{Name: "figure", Usage: "draw figures into `FILE`, .png or .svg"},
		},
		Run: func(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
			paths, figure, size := c.Args().Slice(), c.String("figure"), c.Int("block-size")
			if len(paths) == 0 {
				paths = []string{"-"}
			}
			switch extension := filepath.Ext(figure); {
			case size < 1 || size > workload.MaxTokens:
				return cmdline.Usagef("--block-size %d is not between 1 and %d", size, workload.MaxTokens)
			case figure != "" && len(paths) > mostDrawn:
				return cmdline.Usagef("--figure: %d files; one sheet takes %d", len(paths), mostDrawn)
			case figure != "" && extension != ".png" && extension != ".svg":
				return cmdline.Usagef("--figure %s ends neither in .png nor in .svg", figure)
			}
			return describe(ctx, std, paths, figure, size)
		},
	}
}

func describe(ctx context.Context, std *cmdline.Std, paths []string, figure string, size int) error {
	warned := warnings{std: std}
	all := found{size: size}
	for _, path := range paths {
		if err := all.add(ctx, std, path, warned.add); err != nil {
			return err
		}
	}
	warned.close()
	if len(all.rows) > 0 {
		if err := write(std, all.rows); err != nil {
			return err
		}
		if err := draw(figure, all.figures); err != nil {
			return err
		}
	}
	return all.conclude()
}

// found is what is in the workloads.
type found struct {
	size          int
	rows          []digest.Row
	figures       chart.Sheet
	used, skipped int // lines
	unusable      int // files
}

// add sums up one workload.
func (f *found) add(ctx context.Context, std *cmdline.Std, path string, warn func(string)) error {
	in, err := open(path, std)
	if err != nil {
		return err
	}
	defer in.Close() // read only: nothing can be lost
	d := digest.New(f.size)
	lines := workload.NewReader(in, in.name, f.size, warn)
	for lines.Scan() {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.Add(lines.Request())
	}
	row := d.Row(in.name)
	f.used, f.skipped = f.used+row.Requests, f.skipped+lines.Skipped()
	switch {
	case lines.Err() != nil:
		return lines.Err()
	case row.Requests == 0:
		f.unusable++
		warn(in.name + ": no line could be used")
	default:
		f.rows, f.figures = append(f.rows, row), append(f.figures, d.Figures(filepath.Base(in.name))...)
	}
	return nil
}

func (f *found) conclude() error {
	err := conclude(nil, f.used, f.skipped)
	if err == nil && f.unusable > 0 {
		err = cmdline.Partialf("partly done: of %d of %d files no line could be used", f.unusable, f.unusable+len(f.rows))
	}
	return err
}

// write prints a table for people, and rows for programs.
func write(std *cmdline.Std, rows []digest.Row) error {
	var text bytes.Buffer
	to := csvio.NewWriter[digest.Row](&text)
	for _, row := range rows {
		if err := to.Write(row); err != nil {
			return fmt.Errorf("writing rows: %w", err)
		}
	}
	if cmdline.IsTerminal(std.Out) {
		text = *bytes.NewBufferString(table(text.String()))
	}
	_, err := std.Out.Write(text.Bytes())
	return err
}

// table turns rows around: a line for each column that one of them has.
func table(rows string) string {
	lines := strings.Split(strings.TrimSpace(rows), "\n")
	var text strings.Builder
	to := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for i, name := range strings.Split(lines[0], ",") {
		cells := ""
		for _, line := range lines[1:] {
			cells += "\t" + short(strings.Split(line, ",")[i])
		}
		if strings.TrimSpace(cells) != "" {
			fmt.Fprintf(to, "%s%s\n", name, cells)
		}
	}
	to.Flush() // to a builder, which takes everything
	return text.String()
}

// short is a number without zeros at its end.
func short(cell string) string {
	if strings.Contains(cell, ".") {
		cell = strings.TrimRight(strings.TrimRight(cell, "0"), ".")
	}
	return cell
}

// draw lets the figures' file appear at once, whole or not at all.
func draw(path string, figures chart.Sheet) error {
	if path == "" {
		return nil
	}
	if len(figures) == 0 {
		return errors.New("there is nothing to draw: neither timestamps nor lengths")
	}
	var drawn bytes.Buffer
	err := figures.SVG(&drawn)
	if filepath.Ext(path) == ".png" {
		drawn.Reset()
		err = figures.PNG(&drawn)
	}
	if err != nil {
		return fmt.Errorf("drawing: %w", err)
	}
	if err := os.WriteFile(path+".part", drawn.Bytes(), 0o644); err != nil {
		os.Remove(path + ".part") // of a full disk: what is there is of no use
		return err
	}
	return os.Rename(path+".part", path)
}
