package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/verdict"
)

// options are what the command line asks for.
type options struct {
	labels         [2]string // of the two sides, the one compared with first
	rule           verdict.Rule
	ignore, decide []string
	slo            []metrics.SLO // none or one
	table          bool
}

// optionsOf reads and checks all that the command line says, before any work.
func optionsOf(c *cli.Context, std *cmdline.Std) (o options, err error) {
	o.rule = verdict.Rule{Threshold: c.Float64("threshold"), Confidence: c.Float64("confidence")}
	o.ignore, o.decide = cmdline.Words(c.StringSlice("ignore")), cmdline.Words(c.StringSlice("decide"))
	switch {
	case !(o.rule.Threshold >= 0 && o.rule.Threshold < 1):
		return o, cmdline.Usagef("--threshold %v: it is a share from 0 to 1, 0.05 for 5 %%", o.rule.Threshold)
	case !(o.rule.Confidence > 0 && o.rule.Confidence < 1):
		return o, cmdline.Usagef("--confidence %v: it is a share between 0 and 1, such as 0.98", o.rule.Confidence)
	}
	if err := known("ignore", o.ignore, mayDiffer()); err != nil {
		return o, err
	}
	if err := known("decide", o.decide, figureNames()); err != nil {
		return o, err
	}
	if o.table, err = isTable(c.String("format"), std); err != nil {
		return o, err
	}
	if c.IsSet("slo") {
		level, err := metrics.ParseSLO(c.String("slo"))
		if err != nil {
			return o, cmdline.Usagef("--slo: %v", err)
		}
		o.slo = []metrics.SLO{level}
	}
	if len(o.slo) == 0 && slices.Contains(o.decide, "effective_rps") {
		return o, cmdline.Usagef("--decide effective_rps is goodput, which needs --slo")
	}
	o.labels, err = labels(c.Args().Slice())
	return o, err
}

func isTable(format string, std *cmdline.Std) (bool, error) {
	switch format {
	case "":
		return cmdline.IsTerminal(std.Out), nil
	case "table", "csv":
		return format == "table", nil
	}
	return false, cmdline.Usagef("--format %s: it is table or csv", format)
}

func known(flag string, words, all []string) error {
	for _, word := range words {
		if !slices.Contains(all, word) {
			return cmdline.Usagef("--%s %s: it is one of %s", flag, word, strings.Join(all, ", "))
		}
	}
	return nil
}

const sidesHint = "such as compare-runs before=old.csv after=new.csv"

// labels are the two that the operands have.
func labels(operands []string) (two [2]string, err error) {
	var found []string
	inputs := 0
	for _, operand := range operands {
		label, _ := csvio.Source(operand)
		if label == "" {
			return two, cmdline.WithHint(cmdline.Usagef("%s: which side is it? write label=file", operand), sidesHint)
		}
		if !slices.Contains(found, label) {
			found = append(found, label)
		}
		if fromStdin(operand) {
			inputs++
		}
	}
	switch {
	case len(found) != 2:
		return two, cmdline.WithHint(cmdline.Usagef("two sides are compared, and the operands have labels of %d", len(found)), sidesHint)
	case inputs > 1:
		return two, cmdline.Usagef("standard input can be read once, not as %d operands", inputs)
	case found[0] == "after" && found[1] == "before":
		slices.Reverse(found)
	}
	return [2]string(found), nil
}

func fromStdin(operand string) bool {
	_, path := csvio.Source(operand)
	return path == "-"
}
