// Bench-accuracy measures the errors of loadgen's figures. It runs loadgen against
// sim-engine at a constant pace, which logs when it sent each token, and joins both,
// request by request and token by token.
package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/bench-accuracy/internal/trial"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
)

const manual = `Writes one row per number of streams to stdout: the errors of loadgen's TTFT and
of its gaps between tokens compared with sim-engine's log, how late sim-engine itself
sent, and loadgen's cost. Sender and client run on separate cores if there are two;
the column pinned says so. With --floor, a reader that only counts bytes runs on the
same streams, to compare the cost. With --peer, other clients run, each against a fresh
sender, and are judged by the mean and the percentile that they report. A client's
cost excludes what it takes for a single request. One that has not ended after five
minutes more than its tokens take is ended.

Errors are absolute values, in wall seconds. A request's true TTFT lasts from its
arrival in the sender's kernel to just before the write of its first token, so the time
of the loopback interface counts as error.

Example:
  bench-accuracy --num-clients 1,100,1000 | column -s, -t`

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "bench-accuracy", Summary: "measures the errors of loadgen's figures",
		Manual: manual, Run: run,
		Flags: []cli.Flag{
			&cli.StringSliceFlag{Name: "num-clients", Value: cli.NewStringSlice("1", "10", "100", "1000", "5000", "10000"), Usage: "measure `N` streams at once; several values allowed"},
			&cli.Float64Flag{Name: "max-rate", Value: 100, Usage: "at most `TOKENS` per second and stream"},
			&cli.Float64Flag{Name: "total-rate", Value: 100000, Usage: "at most `TOKENS` per second over all streams"},
			&cli.IntFlag{Name: "tokens-per-chunk", Value: 1, Usage: "`N` tokens per message, 1 to 8"},
			&cli.IntFlag{Name: "max-new-tokens", Usage: "`N` tokens per answer; by default as many as come in 3 s, and at least 30"},
			&cli.BoolFlag{Name: "burst", Usage: "send the tokens of all streams together, as an engine's step does; by default they are spread over time"},
			&cli.BoolFlag{Name: "tls", Usage: "use TLS; only loadgen is measured"},
			&cli.IntFlag{Name: "senders", Value: 1, Usage: "send from `N` processes on one port, if one cannot send enough"},
			&cli.IntFlag{Name: "runs", Value: 1, Usage: "repeat all measurements `N` times"},
			&cli.StringFlag{Name: "sender-cores", Usage: "run the sender on `CORES`, in taskset's notation (0 if there are two cores)"},
			&cli.StringFlag{Name: "client-cores", Usage: "run clients on `CORES` (1 if there are two cores)"},
			&cli.StringFlag{Name: "bin-dir", Usage: "find sim-engine and loadgen in `FOLDER`; by default this program's"},
			&cli.StringFlag{Name: "floor", Usage: "run `PROGRAM`, scripts/bench/epoll_reader.c, on the same streams"},
			&cli.StringSliceFlag{Name: "peer", Usage: "also run `PEER`: vllm-bench, vllm-rs, sglang-rs, guidellm, aiperf, inference-perf; several values allowed"},
			&cli.StringFlag{Name: "peers-dir", Value: ".engines", Usage: "find the peers' environments in `FOLDER`"},
			&cli.StringFlag{Name: "tokenizer", Value: ".engines/vllm/model", Usage: "tokenizer for peers that need one, in `FOLDER`"},
			&cli.StringFlag{Name: "keep-dir", Usage: "keep logs and rows in `FOLDER`"},
		},
	}
}

func main() { cmdline.Main(tool()) }

// clientLimit is how long a client may take beside the time of its tokens. Those in
// Python start for up to a minute, and some have been seen to wait for ever.
const clientLimit = 5 * time.Minute

func run(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	b, err := readBench(c)
	if err != nil {
		return err
	}
	if b.keep == "" {
		if b.keep, err = os.MkdirTemp("", "bench-accuracy"); err != nil {
			return err
		}
		defer os.RemoveAll(b.keep)
	}
	if c.Bool("tls") {
		if err := os.MkdirAll(b.keep, 0o755); err != nil {
			return err
		}
		if b.cert, err = newCertificate(b.keep); err != nil {
			return err
		}
	}
	b.out, b.note, b.warn = csvio.NewWriter[Row](std.Out).Write, std.Notef, std.Warnf
	failed, err := b.measure(ctx)
	if err == nil && failed > 0 {
		err = cmdline.Partialf("%d runs failed", failed)
	}
	return err
}

// readBench checks the options.
func readBench(c *cli.Context) (*bench, error) {
	b := &bench{
		maxRate: c.Float64("max-rate"), totalRate: c.Float64("total-rate"), chunk: c.Int("tokens-per-chunk"), tokens: c.Int("max-new-tokens"),
		burst: c.Bool("burst"), runs: c.Int("runs"), senders: c.Int("senders"), cores: trial.Apart(),
		bin: c.String("bin-dir"), floor: c.String("floor"), keep: c.String("keep-dir"), names: cmdline.Words(c.StringSlice("peer")),
		patience: clientLimit,
	}
	if c.IsSet("sender-cores") || c.IsSet("client-cores") {
		b.cores = trial.Cores{Sender: c.String("sender-cores"), Client: c.String("client-cores")}
	}
	var err error
	for _, name := range b.names {
		if !slices.ContainsFunc(peers, func(q peer) bool { return q.name == name }) {
			return nil, cmdline.Usagef("--peer %q is not one of vllm-bench, vllm-rs, sglang-rs, guidellm, aiperf, inference-perf", name)
		}
	}
	if b.peers, err = filepath.Abs(c.String("peers-dir")); err != nil {
		return nil, err
	}
	if b.tokenizer, err = filepath.Abs(c.String("tokenizer")); err != nil {
		return nil, err
	}
	if b.numClients, err = cmdline.Ints(c.StringSlice("num-clients")); err != nil {
		return nil, cmdline.Usagef("--num-clients: %v", err)
	}
	for _, n := range b.numClients {
		if n < 1 {
			return nil, cmdline.Usagef("--num-clients %d is below 1", n)
		}
	}
	if !(b.maxRate > 0) || !(b.totalRate > 0) {
		return nil, cmdline.Usagef("--max-rate and --total-rate must be above 0")
	}
	if c.Bool("tls") && len(b.names) > 0 {
		return nil, cmdline.Usagef("--tls measures loadgen alone, without --peer")
	}
	if b.senders < 1 {
		return nil, cmdline.Usagef("--senders %d is below 1", b.senders)
	}
	if b.runs < 1 {
		return nil, cmdline.Usagef("--runs %d is below 1", b.runs)
	}
	if b.chunk < 1 || b.chunk > 8 {
		return nil, cmdline.Usagef("--tokens-per-chunk %d is not 1 to 8", b.chunk)
	}
	if c.IsSet("max-new-tokens") && b.tokens < 2 {
		return nil, cmdline.Usagef("--max-new-tokens %d is below 2", b.tokens)
	}
	if b.bin == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		b.bin = filepath.Dir(self)
	}
	return b, nil
}
