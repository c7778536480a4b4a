package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

const turnsManual = `Reads request rows as collect does and writes turn rows, one for each point and
turn of its sessions: the number of requests, their mean prompt length, the share of
it that came from a prefix cache, and their time to first token and latency. Requests
without a session are skipped and reported.

Samples stay in memory until the input ends.

Examples:

  serve-launch --backend sim-vllm | loadgen --turns 4 --num-clients 8 --stream | collect turns
  collect turns --columns num_clients,turn,cached_share,ttft_p50_s,ttft_p99_s rows.csv | column -s, -t`

func turns() cmdline.Tool {
	return cmdline.Tool{
		Name: "turns", Summary: "time to first token by the turn of a session",
		Manual: turnsManual, Operands: operands, Flags: rowFlags(),
		Run: func(_ context.Context, c *cli.Context, std *cmdline.Std) error {
			return collect[record.Turns](inputOf(c), std, &metrics.Turns{}, "turn")
		},
	}
}
