// Collect aggregates the request rows of loadgen into one row per measured point.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// manual is what --help says of the tool.
const manual = `It reads request rows from the given files or from standard input, in any order:
a row's point is its whole key. label=file replaces the run of that file's rows, to
distinguish runs in figures. It writes summary rows: counts, rates and lengths,
then mean and percentiles of latency, time to first token, time per output token and
inter-token latency. docs/format.md defines each column. Percentiles are exact, so
the samples stay in memory until the input ends, two to three bytes per input byte.

A row that cannot be read is reported as file:line: reason and skipped. Reasons to
doubt the figures are reported, too, and repeated in short in the column doubt:
failed requests, clients without a request in flight, answers of another length than
requested, a buffering proxy, a client that was the limit. On Ctrl-C collect reads
to the end of its input and summarizes what arrived.

Examples:

  serve-launch --backend sim-fastgen | loadgen --num-clients 1,2,4 --stream | collect | plot-th-lat > th-lat.png
  collect before=old.csv after=new.csv > summary.csv
  collect --where mean_prompt_length=2600 --where num_clients=8,32 results/*/*.csv > long.csv
  collect --columns backend,num_clients,throughput_rps,latency_mean_s results/*/*.csv | column -s, -t`

const operands = "[[label=]file.csv ...]"

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "collect", Summary: "aggregates the request rows of loadgen into one row per measured point",
		Manual: manual, Operands: operands, Flags: rowFlags(),
		Commands: []cmdline.Tool{goodput(), gaps(), turns(), jsonTool()},
		Answers:  []cmdline.Answer{{Word: "--input_path", Why: "files are operands", Instead: "collect results/fastgen/*.csv"}},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			return collect[record.Summary](inputOf(c), std, &metrics.Summary{})
		},
	}
}
