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
const manual = `It reads one server row from standard input, as serve-launch writes it. With
--url it measures a server that is already running, and ignores its input. Each
of --num-clients clients sends its next request when the last was answered, the
original suite's closed loop. With --rate, --stages or --schedule requests are
sent when they are due, an open loop. Lists (1,2,4, or the flag repeated) make a
sweep, one point after the other.

  serve-launch --backend sim-fastgen | loadgen --num-clients 1,2,4 --stream | collect
  loadgen --url http://localhost:8000 --num-clients 8 --stream < /dev/null | collect
  loadgen --url http://localhost:8000 --rate 1,2,5 --duration 60 --stream > rows.csv
  loadgen --url http://localhost:8000 --turns 5 --think-time 10 --num-clients 8 --chat --stream > rows.csv
  loadgen --url http://localhost:8000 --schedule trace.jsonl --stream > rows.csv

Prompts share nothing by default. Sessions (--turns), a common prefix
(--prefix-length) or a workload file (--schedule) change that. In a file, lines
of one session are its turns, and equal hash ids are equal tokens. Lines that
cannot be sent are reported and skipped, and the exit status is 3.

Rows go to standard output, or with --out-dir only to one file per point. Points
whose file exists are skipped. An interrupted point leaves its rows in FILE.part,
and the next call measures it again.

--repeat 5 measures the sweep five times with different seeds, as runs NAME.1 to
NAME.5 (--run NAME). --early-stop-latency 10 skips loads above one whose mean
latency exceeded 10 seconds.

For a simulated server, times are virtual seconds: wall seconds times its speed
or, in lockstep, its virtual clock. In lockstep the client's machine cannot
change a figure, limits and pauses are virtual, and the same command gives the
same rows.

On Ctrl-C it sends nothing new, waits --grace for requests in flight, and writes
their rows. A failed request is a row with an error. The exit status is 3 if there
are failed requests, and 1 if all requests of a point failed.

The API key comes from $OPENAI_API_KEY or --api-key-file, and is sent only to the
server.`

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
		std.Warnf("all runs of one schedule are the same with a simulated server in lockstep")
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
