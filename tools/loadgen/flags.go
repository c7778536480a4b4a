package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/reach"
)

// flags are the options as they are written: the original suite's names, with
// hyphens, and what came since.
func flags() []cli.Flag {
	return append(reach.Flags(), []cli.Flag{
		&cli.StringFlag{Name: "url", Aliases: []string{"openai-api-url", "aml-api-url"}, Usage: "measure the running server at `ADDRESS`: http://, https://, grpc:// or unix://"},
		&cli.StringFlag{Name: "backend", Usage: "with --url or --pending: the server is a `BACKEND` (openai); fastgen and aml have protocols of their own, all others use OpenAI's unless --api is given"},
		&cli.StringFlag{Name: "model", Usage: "with --url or --pending: request `MODEL`; by default the first that the server lists"},
		&cli.IntFlag{Name: "tp-size", Value: 1, Usage: "with --url or --pending: a replica uses `N` GPUs"},
		&cli.IntFlag{Name: "num-replicas", Value: 1, Usage: "with --url or --pending: the server has `N` replicas"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Usage: "with --url or --pending: `TOKENS` per forward pass; 0 means unknown"},
		&cli.StringFlag{Name: "api", Aliases: []string{"vllm-api"}, Usage: "use `PROTOCOL`: openai (completions, or chats with --chat), responses (OpenAI's), messages (Anthropic's), tgi, or generate (vLLM's old demonstration server); by default the backend's own, or that of the route in --url"},
		&cli.StringFlag{Name: "deployment-name", Usage: "aml: use the deployment `NAME` of the endpoint; by default any"},
		&cli.BoolFlag{Name: "chat", Usage: "request chat completions instead of completions"},
		&cli.StringFlag{Name: "prompts", Value: "auto", Usage: "send prompts as `KIND`: ids, text, or auto, which means ids if the server takes them"},

		&cli.StringSliceFlag{Name: "num-clients", Usage: "`N` concurrent clients; several values allowed (1,2,4,6,8,12,16,20,24,28,32)"},
		&cli.StringFlag{Name: "num-requests", Usage: "`N` requests or sessions per point, over all clients (clients*4+32)"},
		&cli.IntFlag{Name: "warmup", Value: 1, Usage: "discard the first `N` requests of each client"},
		&cli.Float64Flag{Name: "start-jitter", Value: 0.01, Usage: "each client waits uniform(0, clients) times `SECONDS` before its first request"},
		&cli.Float64Flag{Name: "duration", Usage: "send for `SECONDS`; then --num-requests is a limit only if given"},
		&cli.StringSliceFlag{Name: "mean-prompt-length", Usage: "mean prompt length in `TOKENS`; several values allowed (the original's for the model: 1200,2600 or 1200,1900; else 2600)"},
		&cli.StringSliceFlag{Name: "mean-max-new-tokens", Usage: "mean number of `TOKENS` to generate; several values allowed (the original's for the model: 60,128; else 60)"},
		&cli.IntFlag{Name: "max-prompt-length", Usage: "limit prompts to `TOKENS` (4000, or 2000 if the context is short)"},
		&cli.StringFlag{Name: "length-law", Value: "normal", Usage: "draw lengths by `LAW`: normal, lognormal, or fixed"},
		&cli.Float64Flag{Name: "prompt-length-var", Value: 0.3, Usage: "deviation of prompt lengths as a `SHARE` of their mean"},
		&cli.Float64Flag{Name: "max-new-tokens-var", Value: 0.3, Usage: "deviation of generation lengths as a `SHARE` of their mean"},
		&cli.BoolFlag{Name: "stream", Usage: "request streamed answers"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of lengths and waits: `N`"},
		&cli.IntFlag{Name: "repeat", Value: 1, Usage: "measure the sweep `N` times, as runs NAME.1 to NAME.N with the seeds from --seed on"},
		&cli.Float64Flag{Name: "early-stop-latency", Usage: "skip loads above one whose mean latency exceeded `SECONDS`; 0 is no limit"},

		&cli.IntFlag{Name: "turns", Value: 1, Usage: "sessions of `N` turns; lengths are what each turn adds to the conversation"},
		&cli.Float64Flag{Name: "think-time", Usage: "mean `SECONDS` between a turn's end and the next turn; exponential"},
		&cli.IntFlag{Name: "prefix-length", Usage: "begin each prompt or session with a shared prefix of `TOKENS`"},
		&cli.Float64Flag{Name: "prefix-share", Usage: "share the first `SHARE` of each prompt with others"},
		&cli.IntFlag{Name: "num-prefixes", Value: 1, Usage: "number of shared prefixes: `N`"},
		&cli.StringFlag{Name: "prefix-law", Value: "even", Usage: "choose prefixes by `LAW`: even, or zipf, with a probability of the k-th in proportion to 1/k"},

		&cli.StringSliceFlag{Name: "rate", Usage: "open loop: `R` requests or sessions per second; several values allowed"},
		&cli.StringSliceFlag{Name: "stages", Usage: "open loop: a list of rates with durations, `RATE:SECONDS`,...; FROM-TO:SECONDS is a ramp"},
		&cli.IntFlag{Name: "max-concurrency", Usage: "open loop: at most `N` requests in flight; others wait past their due time"},
		&cli.Float64Flag{Name: "burstiness", Value: 1, Usage: "open loop: `SHAPE` of the gamma distribution of gaps; 1 is Poisson, less is bursty, inf is constant"},
		&cli.Float64Flag{Name: "ramp-up", Usage: "open loop: raise the rate from 0 over `SECONDS`"},
		&cli.StringFlag{Name: "schedule", Usage: "send the workload in `FILE`: JSON lines (docs/format.md), or CSV with due_s,prompt_tokens,max_new_tokens; at its times, at --rate, or by --num-clients"},
		&cli.Float64Flag{Name: "time-scale", Value: 1, Usage: "schedule: multiply its times by `F`; 0.5 is twice as fast"},
		&cli.Float64Flag{Name: "from", Usage: "schedule: skip requests due before `SECONDS`, counted from the first"},
		&cli.Float64Flag{Name: "until", Usage: "schedule: skip requests due at `SECONDS` or later"},
		&cli.IntFlag{Name: "block-size", Value: 512, Usage: "schedule: `TOKENS` per hash id: 512 in Mooncake's traces, 16 in Qwen's"},

		&cli.DurationFlag{Name: "timeout", Value: 10 * time.Minute, Usage: "give up a request after `TIME` (virtual in lockstep)"},
		&cli.DurationFlag{Name: "silence", Usage: "give up a request when nothing of its answer arrived for `TIME`; 0 means --timeout"},
		&cli.DurationFlag{Name: "grace", Value: 30 * time.Second, Usage: "after Ctrl-C wait at most `TIME` for requests in flight"},
		&cli.StringFlag{Name: "run", Usage: "name this sweep `NAME` in every row"},
		&cli.StringFlag{Name: "out-dir", Aliases: []string{"out-json-dir"}, Usage: "write a file per point into `FOLDER` instead of standard output"},
		&cli.BoolFlag{Name: "overwrite", Aliases: []string{"overwrite-results"}, Usage: "measure points again even if their files exist"},
		&cli.BoolFlag{Name: "pending", Usage: "print the points left to measure, one per line, and exit"},
	}...)
}
