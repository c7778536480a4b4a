package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/verdict"
)

// The statuses that say a verdict. They are none of those that the tools share,
// and below those of a shell and of signals.
const (
	statusWorse   = 10
	statusUnclear = 11
)

// write puts the rows out, as a table or as CSV.
func (o options) write(rows []record.Comparison, std *cmdline.Std) error {
	if o.table {
		_, err := io.WriteString(std.Out, o.tableOf(rows))
		return err
	}
	out := csvio.NewWriter[record.Comparison](std.Out)
	for _, row := range rows {
		if err := out.Write(row); err != nil {
			return fmt.Errorf("writing rows: %w", err)
		}
	}
	return nil
}

// overall is the verdict of the figures that decide, and which of them say it.
func overall(rows []record.Comparison) (verdict.Verdict, []record.Comparison) {
	var words []verdict.Verdict
	for _, row := range rows {
		if row.Decides == "yes" {
			words = append(words, verdict.Verdict(row.Verdict))
		}
	}
	word := verdict.Overall(words)
	var why []record.Comparison
	for _, row := range rows {
		if row.Decides == "yes" && verdict.Verdict(row.Verdict) == word {
			why = append(why, row)
		}
	}
	return word, why
}

// conclusion says the overall verdict and what it rests on.
func conclusion(rows []record.Comparison) string {
	word, why := overall(rows)
	var parts []string
	for _, row := range why[:min(3, len(why))] {
		part := fmt.Sprintf("%s at %s", row.Figure, load(row.LoadKey))
		if row.Ratio.Known() {
			part += fmt.Sprintf(" is %.3g times as large", row.Ratio.Float())
		}
		parts = append(parts, part)
	}
	if more := len(why) - len(parts); more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s: %s", word, strings.Join(parts, ", "))
}

// exit turns the verdict into the exit status. A figure that is worse is worse
// whatever was left out.
func (o options) exit(rows []record.Comparison, left int, std *cmdline.Std) error {
	word, _ := overall(rows)
	switch {
	case word == verdict.Worse:
		return &cmdline.ExitError{Status: statusWorse, Message: conclusion(rows)}
	case left > 0:
		return cmdline.Partialf("partly done: rows that could not be read and points of only one side: %d; of the rest: %s", left, conclusion(rows))
	case word == verdict.Unclear:
		return &cmdline.ExitError{Status: statusUnclear, Message: conclusion(rows)}
	}
	std.Notef("%s", conclusion(rows))
	return nil
}

// tableOf is the rows as people read them: a paragraph a point. Verdicts that
// decide nothing are in parentheses.
func (o options) tableOf(rows []record.Comparison) string {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for i, row := range rows {
		if i == 0 || row.Key != rows[i-1].Key {
			columns.Flush() // a strings.Builder takes everything
			o.heading(&text, row)
			fmt.Fprintf(columns, "  figure\t%s\t%s\tratio\t%.4g %% interval\tverdict\n", o.labels[0], o.labels[1], 100*row.Level.Float())
		}
		word := string(row.Verdict)
		if row.Decides != "yes" {
			word = "(" + word + ")"
		}
		fmt.Fprintf(columns, "  %s\t%s\t%s\t%s\t%s\t%s\n", row.Figure, short(row.Before), short(row.After), short(row.Ratio), between(row.RatioLow, row.RatioHigh), word)
	}
	columns.Flush()
	return text.String()
}

// heading names the point, what its intervals rest on, and what is to be doubted.
func (o options) heading(text *strings.Builder, row record.Comparison) {
	fmt.Fprintf(text, "%s: %d and %d %s\n", describe(row.Key), row.BeforeValues.Int(), row.AfterValues.Int(), row.Basis)
	for _, line := range []struct{ what, value string }{{"unlike", string(row.Unlike)}, {"status", string(row.Status)}, {"doubt", string(row.Doubt)}} {
		if line.value != "" && line.value != string(record.Complete) {
			fmt.Fprintf(text, "  %s: %s\n", line.what, line.value)
		}
	}
}

// short is a number with the four digits that people compare.
func short(v record.Rate) string {
	if !v.Known() {
		return "-"
	}
	return fmt.Sprintf("%.4g", v.Float())
}

func between(low, high record.Rate) string {
	if !low.Known() {
		return "-"
	}
	return fmt.Sprintf("%.4g to %.4g", low.Float(), high.Float())
}
