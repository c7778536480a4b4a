// Sim-engine is a server with vLLM's protocol that generates no real text: it runs
// a model of FastGen's or vLLM's scheduler on a model of the hardware, in virtual
// time. It identifies itself as simulated: owned_by in /v1/models and "engine" in
// /version are sim-engine.
package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
)

const manual = `Serves /v1/completions and /v1/chat/completions (streamed or not), /v1/models,
/tokenize, /detokenize, /health, /ping, /version and /metrics until it is
interrupted. It reads and writes no rows. The address goes to stderr, and the send
time of every token to --truth.

A model of the scheduler and of the hardware determines when tokens are sent; their
text is made of syllables. Sampling options and stop strings are accepted and ignored.
There is no end-of-text token, so every answer has exactly max_tokens tokens. Echo,
log probabilities and n above 1 are rejected.

Without --speed ordinary clients are served in real time, and a load may advance
virtual time itself, in lockstep: loadgen says which requests it has sent, and the
engine answers with virtual times, as fast as both can compute. Only one such load can
run, and ordinary requests during it get status 503. With --speed K virtual seconds
pass per second for every client. In lockstep --stall and --truth use virtual time.

--enable-prefix-caching gives --policy vllm the prefix cache of today's vLLM: equal
prefixes of prompts, as ids or as text, are computed once while they fit in memory.
Usage then includes cached_tokens; /metrics counts queries and hits.

--policy pace models no engine: every stream gets its first token after --pace-ttft
and the next ones at --pace per second, whatever the load. Like --stall and --fault it
is meant for testing clients.

Examples:
  sim-engine --model meta-llama/Llama-2-70b-hf --hardware A100-80GB --tp-size 4
  sim-engine --policy vllm --enable-prefix-caching
  sim-engine --policy vllm --speed 20 --port 0 --port-file port.txt
  sim-engine --policy pace --pace 100 --speed 1 --truth truth.csv
  serve-launch --backend sim-fastgen | loadgen --num-clients 1,2,4 --stream | collect`

func tool() cmdline.Tool {
	return cmdline.Tool{
		Name: "sim-engine", Summary: "a simulated FastGen or vLLM server with the OpenAI protocol",
		Manual: manual, Flags: flags(), Run: run,
	}
}

func main() { cmdline.Main(tool()) }

func run(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	o, err := readOptions(c)
	if err != nil {
		return err
	}
	a, err := newApp(o, std.Warnf)
	if err != nil {
		return err
	}
	version := o.version()
	std.Notef("serving %s, simulated: %s on %s %s, %s://%s", o.model, version.Engine, version.Hardware, o.time(), o.scheme(), a.listener.Addr())
	return a.serve(ctx)
}
