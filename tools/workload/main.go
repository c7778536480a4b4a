// Workload makes workloads for loadgen, from public traces or from a seed, and
// describes them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/workload"
)

const manual = `A workload is JSONL, one request per line, in the format of Mooncake's traces
with the fields that AIPerf and Dynamo added (docs/format.md has them all):

  {"timestamp": 27482, "input_length": 955, "output_length": 52, "hash_ids": [46, 47]}

workload convert converts a public trace, workload make draws a workload from a
seed, and workload describe reports its rate, lengths, sessions, and how much of
its prompts a cache could hold. A request that cannot be replayed is reported as
file:line: reason and skipped.

Examples:

  workload convert AzureLLMInferenceTrace_code.csv > code.jsonl
  workload make --num-sessions 200 --turns 4 --rate 2 | workload describe --figure made.png`

func main() { cmdline.Main(tool()) }

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "workload", Summary: "makes workloads from public traces or a seed, and describes them",
		Manual: manual, Commands: []cmdline.Tool{convertTool(), makeTool(), describeTool()},
	}
}

// input is one that is read.
type input struct {
	name string
	io.ReadCloser
}

// open opens a file, or standard input for "-".
func open(path string, std *cmdline.Std) (input, error) {
	if path != "-" {
		file, err := os.Open(path)
		return input{path, file}, err
	}
	if cmdline.IsTerminal(std.In) {
		std.Notef("reading from the terminal; Ctrl-D ends it")
	}
	return input{"stdin", io.NopCloser(std.In)}, nil
}

// output writes requests to standard output.
type output struct {
	ctx    context.Context
	writer *workload.Writer
}

func newOutput(ctx context.Context, std *cmdline.Std) output {
	return output{ctx, workload.NewWriter(std.Out)}
}

// put writes a request, unless the tool was interrupted.
func (o output) put(r workload.Request) error {
	if err := o.ctx.Err(); err != nil {
		return err
	}
	if err := o.writer.Write(r); err != nil {
		return fmt.Errorf("writing requests: %w", err)
	}
	return nil
}

// close writes what is left, even of a work that failed with err.
func (o output) close(err error) error {
	if flushed := o.writer.Flush(); flushed != nil {
		return errors.Join(err, fmt.Errorf("writing requests: %w", flushed))
	}
	return err
}

// warnings prints the first of many warnings and counts the rest.
type warnings struct {
	std   *cmdline.Std
	count int
}

// mostWarnings is how many are printed.
const mostWarnings = 20

func (w *warnings) add(text string) {
	if w.count++; w.count <= mostWarnings {
		w.std.Warnf("%s", text)
	}
}

func (w *warnings) close() {
	if more := w.count - mostWarnings; more > 0 {
		w.std.Warnf("and %d more like these", more)
	}
}
