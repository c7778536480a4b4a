// Compare-runs decides whether a server has become worse: it compares the request
// rows of two sides and gives a verdict on each figure of each point.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

// manual is what --help says of the tool.
const manual = `Operands are label=file. The first label is the baseline for the other one. A side
may have several files: several operands with one label, or a pattern such as
before='old/*.csv'. The column run separates the runs of a side (loadgen --repeat).
The rest of the key is the point; the engine's version may differ, and so may the
columns that --ignore names.

For each point and figure it writes the ratio after / before, its confidence
interval and a verdict: worse or better if the interval lies on one side of 1 and the
ratio reaches --threshold; same if the interval lies within the threshold; else
unclear. At least three runs per side are needed to see how runs differ. With one
run per side the interval comes from blocks of its requests, and lacks differences
between starts of the server; with two it is so wide that it seldom decides. A point
that is partial or client-limited is unclear.

These figures decide the overall verdict: throughput (wall_rps) in a closed loop,
mean TTFT, mean TPOT, and with --slo goodput (effective_rps); the mean latency if
answers were not streamed; or those that --decide names. Others are only reported.
All deciding intervals hold together with --confidence, so that equal servers are
called worse in at most 1 of 100 comparisons. docs/method.md says how often it errs.

It writes a table to a terminal, and CSV to a pipe (docs/format.md). Exit status: 0
same or better, 10 worse, 11 unclear; 3 if it is not worse but rows could not be
read, or points exist on one side only.

Examples:

  compare-runs before=old.csv after=new.csv
  compare-runs --threshold 0.1 --ignore hardware --format csv before='old/*.csv' after='new/*.csv' > verdict.csv
  loadgen --url http://host:8000 --num-clients 8 --stream < /dev/null | compare-runs before=old.csv after=-`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "compare-runs", Summary: "decides whether a server has become worse, from the request rows of two sides",
		Manual: manual, Operands: "before=file.csv ... after=file.csv ...",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "threshold", Value: 0.05, Usage: "ignore differences below this `SHARE`: 0.05 is 5 %"},
			&cli.Float64Flag{Name: "confidence", Value: 0.98, Usage: "`SHARE` of comparisons in which all deciding intervals hold"},
			&cli.StringSliceFlag{Name: "ignore", Usage: "`COLUMNS` of the server's key that may differ, such as hardware or backend,engine"},
			&cli.StringSliceFlag{Name: "decide", Usage: "`FIGURES` that decide the overall verdict"},
			&cli.StringFlag{Name: "slo", Usage: "also compare the goodput under this `LEVEL`: \"ttft:200 tpot:50 itl_p99:100 e2el:5000\" in milliseconds"},
			&cli.StringFlag{Name: "format", Usage: "always write `FORMAT`, table or csv"},
		},
		Run: run,
	}
}

// run takes no context: an interrupt must not stop it in front of the rows that
// the tools before it are still bringing home.
func run(_ context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := optionsOf(c, std)
	if err != nil {
		return err
	}
	sides, skipped, err := o.read(c.Args().Slice(), std)
	if err != nil {
		return err
	}
	matched, err := o.match(sides)
	if err != nil {
		return err
	}
	matched.report(std)
	result := o.compare(matched.pairs)
	if err := o.write(result, std); err != nil {
		return err
	}
	return o.exit(result, skipped+len(matched.single), std)
}
