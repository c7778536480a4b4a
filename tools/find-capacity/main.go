// Find-capacity finds the largest load that keeps a service level.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

// manual is what --help says of the tool.
const manual = `It reads one server row from standard input, as serve-launch writes it, unless the
command has --url. It measures loads one after the other with the command after
"--", which is loadgen or ends in it, and adds the load, the number of requests, the
seed and the run to the command. It doubles the rate, or with --by clients the
number of clients, until a load fails, and then bisects until the border is known
within --precision.

  serve-launch --backend sim-vllm | find-capacity --slo "ttft:1000 tpot:100" -- loadgen --stream > rows.csv
  find-capacity --slo e2el:10000 --by clients -- loadgen --url http://localhost:8000 < /dev/null | collect

A load passes when the share of requests that keep the level is above --attainment
with a confidence of 95 % (Wilson's interval), and fails when it is below. If neither
is certain, or if the load was not steady, more requests are measured in another run
with a new seed. After three runs (four in virtual time) the share decides, which
the answer reports, and a load that was not steady fails. A client-limited load
decides nothing and ends the search. The loads on both sides of the border are
measured at least twice.

Request rows go to standard output, for collect. The answer goes to stderr as text,
and with --answer FILE as a row (docs/format.md). With --out-dir the rows of each run
are also kept in a folder, so that an interrupted search, or one for another level,
does not measure them again.

Exit status 3 means that the border was not found: even the smallest load fails, the
largest passes, the probes ran out, or the client was the limit. On Ctrl-C it waits
for requests in flight and passes on their rows.`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "find-capacity", Summary: "finds the largest load that keeps a service level",
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
