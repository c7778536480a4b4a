package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/reach"
)

// settingFlags say which server.
func settingFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Value: "meta-llama/Llama-2-7b-hf", Usage: "serve `MODEL`: a name, a folder or a file, as the engine takes it"},
		&cli.IntFlag{Name: "tp-size", Value: 1, Usage: "spread a replica over `N` GPUs (tensor parallelism)"},
		&cli.IntFlag{Name: "num-replicas", Value: 1, Usage: "serve `N` copies behind one address"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Value: 768, Usage: "`TOKENS` of one forward pass (vLLM: max-num-batched-tokens); 0 leaves it to the engine; with --url: what that server has, not known when not given"},
		&cli.BoolFlag{Name: "fp6", Usage: "store weights in 6 bits (fastgen, simulated)"},
		&cli.StringFlag{Name: "deployment-name", Value: "benchmark-deployment", Usage: "`NAME` of the deployment (fastgen, aml)"},
		&cli.StringFlag{Name: "python", Usage: "the engine's interpreter `FILE`; else $VLLM_PYTHON, $FASTGEN_PYTHON, $SGLANG_PYTHON, $TRTLLM_PYTHON or $TRANSFORMERS_PYTHON, what `make engines` installed, or python3"},
		&cli.StringFlag{Name: "engine-args", Usage: "more `FLAGS` for the engine, quoted as in a shell (fastgen: name=value for mii.serve)"},
		&cli.StringFlag{Name: "url", Aliases: []string{"openai-api-url", "aml-api-url"}, Usage: "`ADDRESS` of somebody else's server (openai, aml)"},
		&cli.StringFlag{Name: "host", Value: "127.0.0.1", Usage: "listen on `ADDRESS`"},
		&cli.IntFlag{Name: "port", Usage: "listen on `PORT`; 0 takes a free one"},
		&cli.StringFlag{Name: "hardware", Value: "A6000", Usage: "simulate `GPU`: A6000, A100-80GB, H100-80GB, H200, L4, or any other with --tflops, --gbps, --gb; with --url: what that server runs on"},
		&cli.Float64Flag{Name: "tflops", Usage: "simulated GPU: dense 16-bit `TFLOPS`"},
		&cli.Float64Flag{Name: "gbps", Usage: "simulated GPU: memory bandwidth in `GB/s`"},
		&cli.Float64Flag{Name: "gb", Usage: "simulated GPU: memory in `GB`"},
		&cli.Float64Flag{Name: "speed", Usage: "simulated: run `K` virtual seconds per second; not given, loadgen moves virtual time as fast as it can"},
		&cli.StringFlag{Name: "sim-policy", Usage: "simulated: schedule like `ENGINE` (fastgen, fastgen-0.2, vllm-0.2, vllm-0.2.7, vllm); the backend's own when not given"},
		&cli.StringFlag{Name: "truth", Usage: "simulated: log the true time of every token to `FILE`"},
	}
}

func backendFlag() cli.Flag {
	return &cli.StringFlag{Name: "backend", Value: "sim-fastgen", Usage: "start `BACKEND`: " + strings.Join(backend.Names(), ", ")}
}

func nameFlag() cli.Flag {
	return &cli.StringFlag{Name: "name", Usage: "know a lasting server as `NAME`; the backend's name, with the port where one is given, when not given"}
}

func stopTimeoutFlag() cli.Flag {
	return &cli.DurationFlag{Name: "stop-timeout", Value: 30 * time.Second, Usage: "`TIME` to stop in before it is killed"}
}

// stopFlags say which of the lasting servers to stop.
func stopFlags() []cli.Flag {
	return []cli.Flag{backendFlag(), nameFlag(), &cli.IntFlag{Name: "port", Usage: "`PORT` that the server was given"}, stopTimeoutFlag()}
}

// flags are all options of starting and holding a server.
func flags() []cli.Flag {
	all := append([]cli.Flag{backendFlag(), nameFlag(), stopTimeoutFlag()}, settingFlags()...)
	all = append(all, reach.Flags()...)
	return append(all,
		&cli.StringFlag{Name: "run", Usage: "call this sweep `NAME` in every row; the time when not given"},
		&cli.StringFlag{Name: "log", Usage: "keep the server's output in `FILE`; a temporary one when not given"},
		&cli.DurationFlag{Name: "start-timeout", Value: 20 * time.Minute, Usage: "`TIME` to become ready in"},
		&cli.DurationFlag{Name: "drain-timeout", Value: 5 * time.Minute, Usage: "after an interrupt, `TIME` for the reader to finish before the server is stopped"},
	)
}
