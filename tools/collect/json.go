package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/exchange"
	"fastgenbench/tools/internal/metrics"
)

const jsonManual = `Reads request rows as collect does and writes each point as the JSON document
that "vllm bench serve --save-result --save-detailed" writes, with the same keys
and definitions, for programs that read vLLM's results. Each document is one line,
as with vLLM's --append-result. With --out-dir each gets a file with vLLM's name, and
summary.json has all points without details, as in vLLM's sweeps: "vllm bench sweep
plot DIR" and "plot_pareto DIR" draw it.

Further keys follow vLLM's: the rest of the point's key, gaps per token, simulated,
doubt and status. docs/format.md lists each key, and where vLLM's figures differ from
collect's. All rows stay in memory until the input ends.

Examples:

  serve-launch --backend sim-vllm | loadgen --num-clients 4 --stream | collect json > vllm.json
  collect json --out-dir sweep results/*/*.csv`

func jsonTool() cmdline.Tool {
	return cmdline.Tool{
		Name: "json", Summary: "each point as the result file of vllm bench serve",
		Manual: jsonManual, Operands: operands,
		Flags: []cli.Flag{
			whereFlag(),
			&cli.StringFlag{Name: "out-dir", Usage: "write one file for each point into `DIR`, and summary.json"},
			&cli.BoolFlag{Name: "no-details", Usage: "omit the details of each request, like vLLM without --save-detailed"},
		},
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			if c.IsSet("out-dir") && c.String("out-dir") == "" {
				return cmdline.Usagef("--out-dir is empty")
			}
			fold := new(metrics.Details)
			skipped, err := inputOf(c).read(std, fold.Add)
			if err != nil {
				return err
			}
			doubtful := report(std, fold.Troubles())
			if err := documents(fold.Rows(), c.Bool("no-details")).write(c.String("out-dir"), std); err != nil {
				return err
			}
			return partial(skipped, doubtful)
		},
	}
}

// document is one point in vLLM's form and the name of its file.
type document struct {
	name  string
	point exchange.Object
}

type list []document

func documents(points []metrics.Detail, short bool) list {
	var all list
	seen := map[string]int{}
	for _, p := range points {
		one := document{exchange.VLLMName(p.Summary), exchange.VLLM(p)}
		if short {
			one.point = one.point.WithoutDetails()
		}
		if seen[one.name]++; seen[one.name] > 1 { // vLLM's names do not hold the lengths
			one.name = fmt.Sprintf("%s-%d.json", strings.TrimSuffix(one.name, ".json"), seen[one.name])
		}
		all = append(all, one)
	}
	return all
}

// write puts a line per document on stdout, or files into dir.
func (l list) write(dir string, std *cmdline.Std) error {
	if dir != "" {
		return l.writeFiles(dir, std)
	}
	for _, one := range l {
		text, err := encode(one.point)
		if err != nil {
			return err
		}
		if _, err := std.Out.Write(text); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
	}
	return nil
}

func (l list) writeFiles(dir string, std *cmdline.Std) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var summary []exchange.Object
	for _, one := range l {
		if err := writeFile(filepath.Join(dir, one.name), one.point); err != nil {
			return err
		}
		summary = append(summary, one.point.WithoutDetails())
	}
	if err := writeFile(filepath.Join(dir, "summary.json"), summary); err != nil {
		return err
	}
	std.Notef("%d points in %s", len(l), dir)
	return nil
}

// writeFile lets a file appear whole or not at all.
func writeFile(path string, content any) error {
	text, err := encode(content)
	if err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, text, 0o644); err != nil {
		os.Remove(part) // of a full disk: what is there is of no use
		return err
	}
	return os.Rename(part, path)
}

// encode is one line; < and > stay as they are.
func encode(content any) ([]byte, error) {
	var line bytes.Buffer
	out := json.NewEncoder(&line)
	out.SetEscapeHTML(false)
	err := out.Encode(content)
	return line.Bytes(), err
}
