// Import-results converts result files of other load generators into rows.
package main

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/exchange"
	"fastgenbench/tools/internal/record"
)

// manual is what --help says of the tool.
const manual = `It reads JSON files from the operands or standard input and writes loadgen's
request rows, so that collect and the figures can show other measurements beside
new ones. It recognizes a file by its keys; otherwise give --format:

  vllm            vllm bench serve --save-result, Python's and Rust's; collect json
  sglang          SGLang's bench_serving
  aiperf          AIPerf's profile_export_aiperf.json
  aiperf-records  AIPerf's profile_export.jsonl
  fastgen         the original suite's run_benchmark.py

Files with figures but without each request (vllm without --save-detailed, sglang,
aiperf) become summary rows, as collect writes them. One output cannot have both
kinds of rows: import them separately, or use --summary for all. Figures of other
programs do not always have collect's definitions: docs/format.md lists the
differences.

Files seldom say what they measured. --backend, --hardware, --tp-size and so on set it
for all files; unknown cells stay empty. label=file sets the run. Every row has the
measuring program as its clock, and every point a doubt that says so. Invalid data is
reported as file: place: reason and skipped.

Examples:

  import-results --tp-size 1 --num-replicas 1 vllm.json | collect | plot-th-lat > th-lat.png
  import-results --run 2023 --hardware A100 results/fastgen/*.json > old.csv
  cat sglang.jsonl | import-results --model meta-llama/Llama-2-7b-hf > summary.csv`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "import-results", Summary: "converts result files of other load generators into rows",
		Manual: manual, Operands: "[[label=]file.json ...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "format", Usage: "read every file as `FORMAT`, whatever its keys"},
			&cli.BoolFlag{Name: "summary", Usage: "write summary rows with the files' own figures"},
			&cli.StringFlag{Name: "run", Usage: "`NAME` of the sweep, instead of the file's label or date"},
			&cli.StringFlag{Name: "backend", Usage: "`NAME` of the engine, as in serve-launch; the prefix sim- means simulated"},
			&cli.StringFlag{Name: "engine", Usage: "`NAME` and version of the server"},
			&cli.StringFlag{Name: "hardware", Usage: "`NAME` of the server's hardware"},
			&cli.StringFlag{Name: "model", Usage: "`NAME` of the model"},
			&cli.IntFlag{Name: "tp-size", Usage: "`N` GPUs per replica"},
			&cli.IntFlag{Name: "num-replicas", Usage: "`N` replicas of the model"},
			&cli.IntFlag{Name: "max-ragged-batch-size", Usage: "`N` tokens per forward pass"},
			&cli.IntFlag{Name: "num-clients", Usage: "`N` concurrent clients"},
			&cli.IntFlag{Name: "mean-prompt-length", Usage: "requested mean prompt length of `N` tokens; by default the counted mean"},
			&cli.IntFlag{Name: "mean-max-new-tokens", Usage: "requested mean answer length of `N` tokens; by default the counted mean"},
		},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			o, err := optionsOf(c)
			if err != nil {
				return err
			}
			return o.run(std)
		},
	}
}

// options are the flags and operands, checked.
type options struct {
	files   []string
	summary bool
	asked   exchange.Asked
}

func optionsOf(c *cli.Context) (options, error) {
	o := options{files: c.Args().Slice(), summary: c.Bool("summary")}
	names, _ := exchange.Formats()
	if o.asked.Format = c.String("format"); c.IsSet("format") && !slices.Contains(names, o.asked.Format) {
		return o, cmdline.Usagef("--format %q is not one of %s", o.asked.Format, strings.Join(names, ", "))
	}
	for _, flag := range []string{"tp-size", "num-replicas", "max-ragged-batch-size", "num-clients", "mean-prompt-length", "mean-max-new-tokens"} {
		if c.IsSet(flag) && c.Int(flag) < 1 {
			return o, cmdline.Usagef("--%s %d is below 1", flag, c.Int(flag))
		}
	}
	text := func(flag string) record.Text { return record.Text(record.Clean(c.String(flag))) }
	for _, flag := range []string{"run", "backend", "engine", "hardware", "model"} {
		if c.IsSet(flag) && text(flag) == "" {
			return o, cmdline.Usagef("--%s is empty", flag)
		}
	}
	o.asked.Key = record.Key{
		ServerKey: record.ServerKey{
			Run: text("run"), Backend: text("backend"), Engine: text("engine"), Hardware: text("hardware"), Model: text("model"),
			TPSize: record.Setting(c.Int("tp-size")), NumReplicas: record.Setting(c.Int("num-replicas")), MaxRaggedBatchSize: record.Setting(c.Int("max-ragged-batch-size")),
		},
		LoadKey: record.LoadKey{NumClients: c.Int("num-clients"), MeanPromptLength: c.Int("mean-prompt-length"), MeanMaxNewTokens: c.Int("mean-max-new-tokens")},
	}
	return o, nil
}
