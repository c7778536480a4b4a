package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
)

// settingFlags say which server, flags also how it is started and held.
func settingFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Value: "meta-llama/Llama-2-7b-hf", Usage: "serve `MODEL`: a name, a folder or a file, as the engine takes it"},
		&cli.IntFlag{Name: "tp-size", Value: 1, Usage: "spread a replica over `N` GPUs (tensor parallelism)"},
		&cli.IntFlag{Name: "num-replicas", Value: 1, Usage: "serve `N` copies behind one address"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Value: 768, Usage: "`TOKENS` of one forward pass (vLLM: max-num-batched-tokens); 0 leaves it to the engine"},
		&cli.BoolFlag{Name: "fp6", Usage: "store weights in 6 bits, where the engine can"},
		&cli.StringFlag{Name: "deployment-name", Value: "benchmark-deployment", Usage: "`NAME` of the deployment (fastgen, aml)"},
		&cli.StringFlag{Name: "python", Usage: "the engine's interpreter `FILE`, since engines want environments of their own", EnvVars: []string{"ENGINE_PYTHON"}},
		&cli.StringFlag{Name: "engine-args", Usage: "more `FLAGS` for the engine, parted by spaces, as they are"},
		&cli.StringFlag{Name: "url", Usage: "`ADDRESS` of somebody else's server (openai, aml)"},
		&cli.StringFlag{Name: "host", Value: "127.0.0.1", Usage: "listen on `ADDRESS`"},
		&cli.IntFlag{Name: "port", Usage: "listen on `PORT`; 0 takes a free one"},
		&cli.StringFlag{Name: "api-key-file", Usage: "read the API key from `FILE` instead of $OPENAI_API_KEY"},
		&cli.StringFlag{Name: "hardware", Value: "A6000", Usage: "simulate `GPU`: A6000, A100-80GB, H100-80GB, H200, L4, or any other with --tflops, --gbps, --gb"},
		&cli.Float64Flag{Name: "tflops", Usage: "simulated GPU: dense 16-bit `TFLOPS`"},
		&cli.Float64Flag{Name: "gbps", Usage: "simulated GPU: memory bandwidth in `GB/s`"},
		&cli.Float64Flag{Name: "gb", Usage: "simulated GPU: memory in `GB`"},
		&cli.Float64Flag{Name: "speed", Value: 20, Usage: "simulated: run `K` virtual seconds a second"},
		&cli.StringFlag{Name: "sim-policy", Usage: "simulated: schedule like `ENGINE` (fastgen, vllm-0.2, vllm); the backend's own when not given"},
		&cli.StringFlag{Name: "truth", Usage: "simulated: log the true time of every token to `FILE`"},
	}
}

func nameFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "backend", Value: "sim-fastgen", Usage: "start `BACKEND`: " + strings.Join(backend.Names(), ", ")},
		&cli.StringFlag{Name: "name", Usage: "know a lasting server as `NAME`; the backend's name when not given"},
		&cli.DurationFlag{Name: "stop-timeout", Value: 30 * time.Second, Usage: "`TIME` to stop in before it is killed"},
	}
}

func flags() []cli.Flag {
	return append(append(nameFlags(), settingFlags()...),
		&cli.StringFlag{Name: "run", Usage: "call this sweep `NAME` in every row; the time when not given"},
		&cli.StringFlag{Name: "log", Usage: "keep the server's output in `FILE`; a temporary one when not given"},
		&cli.DurationFlag{Name: "start-timeout", Value: 20 * time.Minute, Usage: "`TIME` to become ready in"},
		&cli.DurationFlag{Name: "drain-timeout", Value: 5 * time.Minute, Usage: "after an interrupt, `TIME` for the reader to finish before the server is stopped"},
	)
}

// options are the checked options.
type options struct {
	backend  backend.Backend
	settings backend.Settings
	name     string
	run, log string

	start, stop, drain time.Duration
}

func readOptions(c *cli.Context) (options, error) {
	b, err := backend.Lookup(c.String("backend"))
	if err != nil {
		return options{}, cmdline.Usagef("%v", err)
	}
	o := options{
		backend: b, name: c.String("name"), run: c.String("run"), log: c.String("log"),
		start: c.Duration("start-timeout"), stop: c.Duration("stop-timeout"), drain: c.Duration("drain-timeout"),
	}
	if o.name == "" {
		o.name = b.Name
	}
	if o.settings, err = readSettings(c); err != nil {
		return o, err
	}
	s := o.settings
	switch {
	case s.TPSize < 1 || s.NumReplicas < 1:
		return o, cmdline.Usagef("--tp-size and --num-replicas are at least 1")
	case s.MaxRaggedBatchSize < 0:
		return o, cmdline.Usagef("--max-ragged-batch-size is not below 0")
	case !(s.Sim.Speed > 0):
		return o, cmdline.Usagef("--speed is above 0")
	case s.Port < 0 || s.Port > 65535:
		return o, cmdline.Usagef("--port %d is no port", s.Port)
	}
	return o, nil
}

func readSettings(c *cli.Context) (backend.Settings, error) {
	s := backend.Settings{
		Model: c.String("model"), Host: c.String("host"), Port: c.Int("port"),
		TPSize: c.Int("tp-size"), NumReplicas: c.Int("num-replicas"), MaxRaggedBatchSize: c.Int("max-ragged-batch-size"),
		FP6: c.Bool("fp6"), DeploymentName: c.String("deployment-name"), Python: c.String("python"),
		EngineArgs: strings.Fields(c.String("engine-args")), URL: strings.TrimSuffix(strings.TrimSuffix(c.String("url"), "/"), "/v1"),
		APIKey: os.Getenv("OPENAI_API_KEY"),
		Sim: backend.Sim{
			Hardware: c.String("hardware"), TFLOPS: c.Float64("tflops"), GBps: c.Float64("gbps"), GB: c.Float64("gb"),
			Speed: c.Float64("speed"), Policy: c.String("sim-policy"), Truth: c.String("truth"),
		},
	}
	if file := c.String("api-key-file"); file != "" {
		key, err := os.ReadFile(file)
		if err != nil {
			return s, fmt.Errorf("the API key: %w", err)
		}
		s.APIKey = strings.TrimSpace(string(key))
	}
	return s, nil
}
