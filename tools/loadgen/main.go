// Loadgen puts a server under load and writes one row per request, as soon as
// the request has ended.
package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/stamp"
)

// manual is what --help says of the tool.
const manual = `It reads one server row from standard input, as serve-launch writes it, or
is told with --url about somebody else's server; then it does not look at
its input. Each of --num-clients clients asks again when it was answered, the
original suite's load; with --rate, --stages or --schedule requests are sent
when they are due, whatever became of the others. Lists make a sweep, a point
after the other: 1,2,4 or the flag repeated.

  serve-launch --backend sim-fastgen | loadgen --num-clients 1,2,4 --stream | collect
  loadgen --url http://localhost:8000 --num-clients 8 --stream < /dev/null | collect
  loadgen --url http://localhost:8000 --rate 1,2,5 --duration 60 --stream > rows.csv
  loadgen --url http://localhost:8000 --turns 5 --think-time 10 --num-clients 8 --chat --stream > rows.csv
  loadgen --url http://localhost:8000 --schedule trace.jsonl --stream > rows.csv

Requests share nothing unless they are to: sessions of --turns, prompts with a
common prefix (--prefix-length), or the workload of a file (--schedule), in
which lines of one session are turns and equal hash ids equal tokens. Lines
that cannot be sent are named, passed over, and make exit status 3.

Rows go to standard output or, with --out-dir, to a file a point and nowhere
else. Files that exist are points that are done; a point that was cut short
leaves its rows in FILE.part, and is measured anew by the next call.

--repeat 5 measures the sweep five times, each time with other draws: the runs
are NAME.1 to NAME.5 by --run NAME. --early-stop-latency 10 leaves out loads that
are larger than one whose mean latency was above 10 seconds.

Of a simulated server times are virtual seconds. They are wall seconds times
its speed, or its own where it goes in lockstep: then the client's machine
cannot move a figure, limits and pauses are virtual, and the same command gives
the same rows.

Ctrl-C sends nothing new, waits --grace for what is under way and writes
those rows. A failed request is a row with an error; exit status 3 says that
there are such rows, 1 that a point has no other.

The API key comes from $OPENAI_API_KEY or --api-key-file, and goes nowhere
but to the server.`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "loadgen", Summary: "puts a server under load and writes one row per request",
		Manual: manual, Flags: flags(), Run: run,
	}
}

func run(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readOptions(c)
	if err != nil {
		return err
	}
	if o.pending {
		return o.printPending(std)
	}
	defer calmCollector()()
	cmdline.GrowDescriptors()
	server, err := o.findServer(ctx, std, time.Now())
	if err != nil {
		return err
	}
	if err := o.fitSchedule(server.context, std); err != nil {
		return err
	}
	if o.repeat > 1 && o.schedule != nil && server.lockstep != nil {
		std.Warnf("of a simulated server in lockstep, all runs of one schedule are the same")
	}
	points, err := o.points(server.row.ServerKey)
	if err != nil {
		return err
	}
	left, err := o.left(points, std)
	if err != nil || len(left) == 0 {
		return err
	}
	loops, err := stamp.NewLoops()
	if err != nil {
		return err
	}
	defer loops.Close()
	all, err := newSweep(ctx, o, server, len(points), loops, std)
	if err != nil {
		return err
	}
	return all.run(ctx, left)
}
