// Run-benchmark runs a whole sweep with the flags of the original run_benchmark.py.
package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

// manual is what --help says of the tool.
const manual = `For each combination of --tp_size, --max_ragged_batch_size and --num_replicas
it starts a server with serve-launch, drives it with loadgen through each
combination of lengths and clients, and stops it. Rows go to DIR/BACKEND, one
CSV per point. Points that exist are skipped, and servers without points left are
not started. --dry-run prints the commands and starts nothing.

  scripts/run_benchmark.sh --backend sim-fastgen --tp_size 1 2 --stream
  scripts/run_benchmark.sh --backend openai --openai_api_url http://host:8000 --model NAME --stream
  collect results/*/*.csv | plot-th-lat --out-dir plots/throughput_latency

Flags have underscores or hyphens; several values are written as 1 2 4 or 1,2,4.
scripts/run_benchmark.sh runs this program under its own name.`

func main() { cmdline.Main(tool(filepath.Base(os.Args[0]))) }

// tool goes by the name that it was called by: the script's, where that ran it.
func tool(name string) cmdline.Tool {
	return cmdline.Tool{
		Name: name, Summary: "runs a whole sweep with the flags of the original run_benchmark.py",
		Manual: manual + "\n\n" + table(), Flags: flags(), Lists: lists(), Answers: answers, Run: run,
	}
}

func run(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readOptions(c)
	if err != nil {
		return err
	}
	for _, note := range o.notes {
		std.Notef("%s", note)
	}
	if o.dryRun {
		return o.print(std)
	}
	return o.sweep(ctx, std)
}
