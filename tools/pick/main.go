// Pick writes rows and columns of any tool's rows, chosen by name.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

// manual is what --help says of the tool.
const manual = `Reads rows of any kind, with a header, from the given files or standard input:
those of serve-launch, loadgen, collect, compare-runs, find-capacity, workload
describe and others. It writes the rows that meet every --where, as they arrive, with
the columns of --columns in that order, or all. label=file replaces the run of that
file's rows. A column that is not there is an error, as is a line that has not as
many cells as the header; so is it if no row meets the conditions.

Examples:

  loadgen --num-clients 8 < server.csv | pick --columns request,latency_s,status
  pick --columns url --no-header server.csv
  collect rows.csv | pick --digits 3 --columns num_clients,throughput_rps,latency_mean_s | column -s, -t
  pick --where status=failed --where num_clients=8,32 results/*/*.csv > failed.csv`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "pick", Summary: "picks rows and columns by name",
		Manual: manual, Operands: "[[label=]file.csv ...]",
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "columns", Usage: "write the columns `NAMES` alone, in that order"},
			&cli.StringSliceFlag{Name: "where", Usage: "write only the rows that have one of these values in a column: `NAME=VALUE,VALUE`"},
			&cli.IntFlag{Name: "digits", Usage: "round fractions to `N` significant digits, to be read by people"},
			&cli.BoolFlag{Name: "no-header", Usage: "write rows alone"},
		},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			conditions, err := parseConditions(c.StringSlice("where"))
			if err != nil {
				return err
			}
			if c.Int("digits") < 0 {
				return cmdline.Usagef("--digits %d is below 0", c.Int("digits"))
			}
			p := &picker{columns: cmdline.Words(c.StringSlice("columns")), where: conditions, digits: c.Int("digits"), headed: c.Bool("no-header"), out: std.Out}
			return p.run(c.Args().Slice(), std)
		},
	}
}
