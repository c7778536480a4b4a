package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/reach"
)

// settingFlags describe the server.
func settingFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Value: "meta-llama/Llama-2-7b-hf", Usage: "serve `MODEL`: a name, a folder or a file, as the engine takes it"},
		&cli.IntFlag{Name: "tp-size", Value: 1, Usage: "use `N` GPUs per replica (tensor parallelism)"},
		&cli.IntFlag{Name: "num-replicas", Value: 1, Usage: "serve `N` replicas at one address"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Value: 768, Usage: "`TOKENS` per forward pass (vLLM: max-num-batched-tokens); 0 leaves it to the engine; with --url the running server's, by default unknown"},
		&cli.BoolFlag{Name: "fp6", Usage: "store weights in 6 bits (fastgen, simulated)"},
		&cli.StringFlag{Name: "deployment-name", Value: "benchmark-deployment", Usage: "`NAME` of the deployment (fastgen, aml)"},
		&cli.StringFlag{Name: "python", Usage: "the engine's interpreter `FILE`; else $VLLM_PYTHON, $FASTGEN_PYTHON, $SGLANG_PYTHON, $TRTLLM_PYTHON or $TRANSFORMERS_PYTHON, the one that `make engines` installed, or python3"},
		&cli.StringFlag{Name: "engine-args", Usage: "more `FLAGS` for the engine, quoted as in a shell (fastgen: name=value for mii.serve)"},
		&cli.StringFlag{Name: "url", Aliases: []string{"openai-api-url", "aml-api-url"}, Usage: "`ADDRESS` of a running server (openai, aml)"},
		&cli.StringFlag{Name: "host", Value: "127.0.0.1", Usage: "listen on `ADDRESS`"},
		&cli.IntFlag{Name: "port", Usage: "listen on `PORT`; 0 takes a free one"},
		&cli.StringFlag{Name: "hardware", Value: "A6000", Usage: "simulate `GPU`: A6000, A100-80GB, H100-80GB, H200, L4, or any other with --tflops, --gbps, --gb; with --url the running server's"},
		&cli.Float64Flag{Name: "tflops", Usage: "simulated GPU: dense 16-bit `TFLOPS`"},
		&cli.Float64Flag{Name: "gbps", Usage: "simulated GPU: memory bandwidth in `GB/s`"},
		&cli.Float64Flag{Name: "gb", Usage: "simulated GPU: memory in `GB`"},
		&cli.Float64Flag{Name: "speed", Usage: "simulated: run `K` virtual seconds per second; by default loadgen advances virtual time as fast as it can"},
		&cli.StringFlag{Name: "sim-policy", Usage: "simulated: schedule like `ENGINE` (fastgen, fastgen-0.2, vllm-0.2, vllm-0.2.7, vllm); by default like the backend"},
		&cli.StringFlag{Name: "truth", Usage: "simulated: log the send time of every token to `FILE`"},
	}
}

func backendFlag() cli.Flag {
	return &cli.StringFlag{Name: "backend", Value: "sim-fastgen", Usage: "start `BACKEND`: " + strings.Join(backend.Names(), ", ")}
}

func nameFlag() cli.Flag {
	return &cli.StringFlag{Name: "name", Usage: "identify a server that outlives the call by `NAME`; by default the backend's name, with --port if given"}
}

func stopTimeoutFlag() cli.Flag {
	return &cli.DurationFlag{Name: "stop-timeout", Value: 30 * time.Second, Usage: "kill the server if it has not stopped after `TIME`"}
}

// stopFlags say which of the lasting servers to stop.
func stopFlags() []cli.Flag {
	return []cli.Flag{backendFlag(), nameFlag(), &cli.IntFlag{Name: "port", Usage: "`PORT` that the server was started with"}, stopTimeoutFlag()}
}

// flags are all options of starting and holding a server.
func flags() []cli.Flag {
	all := append([]cli.Flag{backendFlag(), nameFlag(), stopTimeoutFlag()}, settingFlags()...)
	all = append(all, reach.Flags()...)
	return append(all,
		&cli.StringFlag{Name: "run", Usage: "name this sweep `NAME` in every row; by default the time"},
		&cli.StringFlag{Name: "log", Usage: "keep the server's output in `FILE`; by default a temporary file"},
		&cli.DurationFlag{Name: "start-timeout", Value: 20 * time.Minute, Usage: "give up if the server is not ready after `TIME`"},
		&cli.DurationFlag{Name: "drain-timeout", Value: 5 * time.Minute, Usage: "after an interrupt, wait at most `TIME` for the reader before stopping the server"},
	)
}
