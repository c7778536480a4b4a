package plot

import (
	"fmt"

	"fastgenbench/tools/internal/cmdline"
)

// answers are those to the flags that the original suite's plots share and that
// the tool in front of ours takes: there plots read folders, here rows.
func (k Kind[T, D]) answers(tool string) []cmdline.Answer {
	pipe := func(operands string) string { return fmt.Sprintf("%s %s | %s > figure.png", k.From, operands, tool) }
	return append([]cmdline.Answer{
		{Word: "--log_dir", Why: k.From + " reads the files, and this tool its rows", Instead: pipe("results/*/*.csv")},
		{Word: "--data_dirs", Why: k.From + " reads the files, and this tool its rows", Instead: pipe("results/fastgen/*.csv results/vllm/*.csv")},
		{Word: "--backend", Why: "every input row is drawn", Instead: pipe("results/{fastgen,vllm}/*.csv")},
		{Word: "--no_vllm", Why: "every input row is drawn", Instead: pipe("results/fastgen/*.csv")},
		{Word: "--model", Why: "every input row is drawn, one figure per model", Instead: pipe("results/*/*Llama-2-7b*.csv")},
	}, k.Answers...)
}
