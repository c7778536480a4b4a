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
		&cli.StringFlag{Name: "url", Aliases: []string{"openai-api-url", "aml-api-url"}, Usage: "drive somebody else's server at `ADDRESS`: http://, https://, grpc:// or unix://"},
		&cli.StringFlag{Name: "backend", Usage: "with --url or --pending: the server is a `BACKEND`; fastgen and aml have protocols of their own, all others speak OpenAI's unless --api says otherwise (openai)"},
		&cli.StringFlag{Name: "model", Usage: "with --url or --pending: ask for `MODEL`; the first that the server lists when not given"},
		&cli.IntFlag{Name: "tp-size", Value: 1, Usage: "with --url or --pending: a replica is spread over `N` GPUs"},
		&cli.IntFlag{Name: "num-replicas", Value: 1, Usage: "with --url or --pending: `N` copies are served"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Usage: "with --url or --pending: `TOKENS` of one forward pass; 0 is not known"},
		&cli.StringFlag{Name: "api", Aliases: []string{"vllm-api"}, Usage: "speak `PROTOCOL`: openai (completions, or chats with --chat), responses (OpenAI's), messages (Anthropic's), tgi, or generate (vLLM's old demonstration server); the backend's own, or what the route in --url names, when not given"},
		&cli.StringFlag{Name: "deployment-name", Usage: "aml: ask the deployment `NAME` of the endpoint; any when not given"},
		&cli.BoolFlag{Name: "chat", Usage: "ask for chat completions instead of completions"},
		&cli.StringFlag{Name: "prompts", Value: "auto", Usage: "send prompts as `KIND`: ids, text, or auto for ids where the server takes them"},

		&cli.StringSliceFlag{Name: "num-clients", Usage: "`N` concurrent clients, several values (1,2,4,6,8,12,16,20,24,28,32)"},
		&cli.StringFlag{Name: "num-requests", Usage: "`N` requests per point, all clients together (clients*4+32, or as many sessions)"},
		&cli.IntFlag{Name: "warmup", Value: 1, Usage: "`N` requests per client to throw away first"},
		&cli.Float64Flag{Name: "start-jitter", Value: 0.01, Usage: "let each client wait uniform(0, clients) times `SECONDS` before its first request"},
		&cli.Float64Flag{Name: "duration", Usage: "send for `SECONDS`; with it --num-requests is no limit unless given"},
		&cli.StringSliceFlag{Name: "mean-prompt-length", Usage: "`TOKENS` of a prompt in the mean, several values (the original's for the model: 1200,2600 or 1200,1900; else 2600)"},
		&cli.StringSliceFlag{Name: "mean-max-new-tokens", Usage: "`TOKENS` to generate in the mean, several values (the original's for the model: 60,128; else 60)"},
		&cli.IntFlag{Name: "max-prompt-length", Usage: "cap prompts at `TOKENS` (4000, or 2000 where the context is short)"},
		&cli.StringFlag{Name: "length-law", Value: "normal", Usage: "draw lengths by `LAW`: normal, lognormal, or fixed"},
		&cli.Float64Flag{Name: "prompt-length-var", Value: 0.3, Usage: "deviation of prompt lengths as a `SHARE` of their mean"},
		&cli.Float64Flag{Name: "max-new-tokens-var", Value: 0.3, Usage: "deviation of generation lengths as a `SHARE` of their mean"},
		&cli.BoolFlag{Name: "stream", Usage: "have tokens sent as they come"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "draw lengths and waits from `N`"},
		&cli.IntFlag{Name: "repeat", Value: 1, Usage: "measure the sweep `N` times, as runs NAME.1 to NAME.N with the seeds from --seed on"},
		&cli.Float64Flag{Name: "early-stop-latency", Usage: "leave out larger loads where the mean latency was above `SECONDS`; 0 is no limit"},

		&cli.IntFlag{Name: "turns", Value: 1, Usage: "sessions of `N` turns each; lengths are what a turn adds to the conversation"},
		&cli.Float64Flag{Name: "think-time", Usage: "let `SECONDS` pass in the mean between a turn's end and the next; exponential"},
		&cli.IntFlag{Name: "prefix-length", Usage: "begin each prompt or session with `TOKENS` that others share, in front of its own"},
		&cli.Float64Flag{Name: "prefix-share", Usage: "let others share this `SHARE` of each prompt, its beginning"},
		&cli.IntFlag{Name: "num-prefixes", Value: 1, Usage: "share one of `N` beginnings"},
		&cli.StringFlag{Name: "prefix-law", Value: "even", Usage: "choose beginnings by `LAW`: even, or zipf for the k-th with a probability of 1/k"},

		&cli.StringSliceFlag{Name: "rate", Usage: "open loop: `R` requests a second, or sessions, several values"},
		&cli.StringSliceFlag{Name: "stages", Usage: "open loop: change the rate, `RATE:SECONDS` after RATE:SECONDS; FROM-TO:SECONDS is a ramp"},
		&cli.IntFlag{Name: "max-concurrency", Usage: "open loop: let at most `N` requests be under way; others wait, and are due all the same"},
		&cli.Float64Flag{Name: "burstiness", Value: 1, Usage: "open loop: `SHAPE` of the gamma gaps; 1 is Poisson, below comes in bursts, inf is constant"},
		&cli.Float64Flag{Name: "ramp-up", Usage: "open loop: let the rate rise from 0 for `SECONDS`"},
		&cli.StringFlag{Name: "schedule", Usage: "send what `FILE` says: JSON lines (docs/format.md), or CSV with due_s,prompt_tokens,max_new_tokens; by its times, by --rate, or as fast as --num-clients go"},
		&cli.Float64Flag{Name: "time-scale", Value: 1, Usage: "schedule: multiply its times by `F`; 0.5 is twice as fast"},
		&cli.Float64Flag{Name: "from", Usage: "schedule: leave out what is due before `SECONDS`, counted from its first request"},
		&cli.Float64Flag{Name: "until", Usage: "schedule: and what is due at `SECONDS` or later"},
		&cli.IntFlag{Name: "block-size", Value: 512, Usage: "schedule: a hash id stands for `TOKENS`: 512 in Mooncake's traces, 16 in Qwen's"},

		&cli.DurationFlag{Name: "timeout", Value: 10 * time.Minute, Usage: "give a request up after `TIME`, wall time or, in lockstep, virtual"},
		&cli.DurationFlag{Name: "silence", Usage: "give a request up when nothing of its answer came for `TIME`, likewise; 0 is as long as --timeout"},
		&cli.DurationFlag{Name: "grace", Value: 30 * time.Second, Usage: "after Ctrl-C let requests under way go on for `TIME`, likewise"},
		&cli.StringFlag{Name: "run", Usage: "call this sweep `NAME` in every row"},
		&cli.StringFlag{Name: "out-dir", Aliases: []string{"out-json-dir"}, Usage: "write a file per point into `FOLDER` instead of standard output"},
		&cli.BoolFlag{Name: "overwrite", Aliases: []string{"overwrite-results"}, Usage: "measure points again whose files exist"},
		&cli.BoolFlag{Name: "pending", Usage: "print the points that are left, one a line, and measure nothing"},
	}...)
}
