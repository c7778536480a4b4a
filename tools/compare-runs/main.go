// Compare-runs says whether a server has become worse: it compares the request
// rows of two sides and gives a verdict on each figure of each point.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

// manual is what --help says of the tool.
const manual = `Operands are label=file, and the first label is what the other one is compared
with. A side may have several files: several operands of one label, or a
pattern such as before='old/*.csv'. The rows' run tells the runs of a side
apart (loadgen --repeat). A point is the rest of the key; the engine's version may
differ, and --ignore names further columns that may.

For each point and figure it writes the ratio after / before, the ratio's
confidence interval and a verdict: worse or better where the interval lies on
one side of 1 and the ratio reaches --threshold; same where the interval lies
within the threshold; else unclear. Three runs a side or more are needed to see
how runs differ. With one run a side the interval comes from within that run,
from blocks of its requests, and does not know what differs from start to
start; with two it is so wide that it seldom decides. A point that is partial
or client-limited is unclear.

Throughput (wall_rps, of a closed loop), mean TTFT, mean TPOT and with --slo the
goodput (effective_rps) decide the verdict on the whole, the mean latency where
answers were not streamed, or what --decide names. The others are reported. All
intervals that decide hold together with --confidence, so that equal servers are
called worse in 1 of 100 comparisons at most. docs/method.md says how often it errs.

It writes a table to a terminal, and CSV into a pipe (docs/format.md). Exit
status: 0 same or better, 10 worse, 11 unclear; and 3 where it is not worse but
rows could not be read, or points are on one side only.

Examples:

  compare-runs before=old.csv after=new.csv
  compare-runs --threshold 0.1 --ignore hardware --format csv before='old/*.csv' after='new/*.csv' > verdict.csv
  loadgen --url http://host:8000 --num-clients 8 --stream < /dev/null | compare-runs before=old.csv after=-`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "compare-runs", Summary: "says whether a server has become worse, from the request rows of two sides",
		Manual: manual, Operands: "before=file.csv ... after=file.csv ...",
		Flags: []cli.Flag{
			&cli.Float64Flag{Name: "threshold", Value: 0.05, Usage: "`SHARE` from which on a difference matters: 0.05 is 5 %"},
			&cli.Float64Flag{Name: "confidence", Value: 0.98, Usage: "`SHARE` of comparisons in which all intervals that decide hold"},
			&cli.StringSliceFlag{Name: "ignore", Usage: "`COLUMNS` of the server's key that may differ, such as hardware or backend,engine"},
			&cli.StringSliceFlag{Name: "decide", Usage: "`FIGURES` that decide the verdict on the whole"},
			&cli.StringFlag{Name: "slo", Usage: "compare the goodput under this `LEVEL`, too: \"ttft:200 tpot:50 itl_p99:100 e2el:5000\" in milliseconds"},
			&cli.StringFlag{Name: "format", Usage: "`FORMAT` table or csv, whatever reads it"},
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
	matched.tell(std)
	result := o.compare(matched.pairs)
	if err := o.write(result, std); err != nil {
		return err
	}
	return o.exit(result, skipped+len(matched.single), std)
}
