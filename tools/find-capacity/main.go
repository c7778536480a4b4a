// Find-capacity finds the most load under which a server keeps a service level.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

// manual is what --help says of the tool.
const manual = `It reads one server row from standard input, as serve-launch writes it (the
command may have --url instead), and measures one load after the other with the
command behind --, which is loadgen or ends in it: the load, the number of
requests, the seed and the run are added to it. It doubles the rate, or with --by
clients the number of clients, until a load fails, and bisects until the border is
known within --precision.

  serve-launch --backend sim-vllm | find-capacity --slo "ttft:1000 tpot:100" -- loadgen --stream > rows.csv
  find-capacity --slo e2el:10000 --by clients -- loadgen --url http://localhost:8000 < /dev/null | collect

A load passes when the share of requests that keep the level is above --attainment
with a confidence of 95 % (Wilson's interval), and fails when it is below. Where
neither is clear, or where the load was not steady, more requests are measured,
as a run of its own with draws of its own. After three runs (four in virtual time)
the share decides, which the answer tells, and a load that was not steady fails. One
that was client-limited decides nothing and ends the search. The loads on both sides
of the border are measured twice at least.

Request rows go to standard output, for collect and all that follows. The answer
goes to stderr in words, and with --answer FILE as a row (docs/format.md). With
--out-dir the rows of each run are kept in a folder of their own as well, and a
search that was broken off, or one for another level, does not measure them again.

Exit status 3 says that the border was not found: even the smallest load fails, the
largest passes, the probes ran out, or the client was the limit. On Ctrl-C the load
drains and its rows are passed on.`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "find-capacity", Summary: "finds the most load under which a server keeps a service level",
		Manual: manual, Operands: "-- command ...", Guarded: true, Flags: flags(),
		Run: func(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
			o, err := readOptions(c)
			if err != nil {
				return err
			}
			return o.find(ctx, std)
		},
	}
}
