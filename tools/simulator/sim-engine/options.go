package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/serve"
)

// flags are the options as they are written.
func flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "model", Value: "meta-llama/Llama-2-7b-hf", Usage: "serve `MODEL`: a name, or a folder or file with a Hugging Face config.json"},
		&cli.StringFlag{Name: "hardware", Value: "A6000", Usage: "simulate `GPU`: A6000, A100-80GB, H100-80GB, H200, L4, or any other with --tflops, --gbps and --gb"},
		&cli.Float64Flag{Name: "tflops", Usage: "dense 16-bit `TFLOPS` of a GPU"},
		&cli.Float64Flag{Name: "gbps", Usage: "memory bandwidth of a GPU in `GB/s`"},
		&cli.Float64Flag{Name: "gb", Usage: "memory of a GPU in `GB`"},
		&cli.Float64Flag{Name: "link-gbps", Usage: "bandwidth between GPUs in `GB/s`"},
		&cli.IntFlag{Name: "tp-size", Value: 1, Usage: "use `N` GPUs per replica (tensor parallelism)"},
		&cli.IntFlag{Name: "num-replicas", Value: 1, Usage: "serve `N` replicas, round-robin"},
		&cli.IntFlag{Name: "max-ragged-batch-size", Aliases: []string{"max-num-batched-tokens"}, Usage: "at most `TOKENS` per forward pass; by default the policy's"},
		&cli.IntFlag{Name: "max-num-seqs", Usage: "at most `N` sequences per forward pass; by default the policy's"},
		&cli.BoolFlag{Name: "enable-prefix-caching", Usage: "reuse the KV cache of equal prefixes of prompts, with --policy vllm"},
		&cli.BoolFlag{Name: "enable-prompt-tokens-details", Usage: "include the number of cached prompt tokens in usage; always with --enable-prefix-caching"},
		&cli.IntFlag{Name: "block-size", Usage: "`TOKENS` per KV block; by default the policy's"},
		&cli.IntFlag{Name: "num-gpu-blocks-override", Usage: "`N` KV blocks, of which vLLM uses all but one; by default as many as fit"},
		&cli.StringFlag{Name: "calibration", Usage: "use constants as validate-sim calibrate prints them: `K=V,K=V`; the server is then labelled predicted"},
		&cli.BoolFlag{Name: "fp6", Usage: "store weights in 6 bits"},
		&cli.IntFlag{Name: "max-model-len", Usage: "context in `TOKENS`; by default the model's"},
		&cli.StringFlag{Name: "policy", Value: "fastgen", Usage: "schedule like `ENGINE`: " + strings.Join(sim.Policies(), ", ") + "; or pace, which models no engine"},
		&cli.Float64Flag{Name: "speed", Value: 1, Usage: "run `K` virtual seconds per second, without lockstep"},
		&cli.StringFlag{Name: "host", Value: "127.0.0.1", Usage: "listen on `ADDRESS`"},
		&cli.IntFlag{Name: "port", Value: 8000, Usage: "listen on `PORT`; 0 takes a free one"},
		&cli.BoolFlag{Name: "reuse-port", Usage: "let several servers listen on the port; the kernel distributes connections"},
		&cli.StringFlag{Name: "port-file", Usage: "write the port to `FILE` when it is open"},
		&cli.StringFlag{Name: "api-key-file", Usage: "read the API key from `FILE` instead of $VLLM_API_KEY"},
		&cli.StringFlag{Name: "ssl-certfile", Usage: "use TLS with the certificate in `FILE` (PEM)"},
		&cli.StringFlag{Name: "ssl-keyfile", Usage: "the certificate's key in `FILE` (PEM)"},
		&cli.StringFlag{Name: "truth", Usage: "log the send time of every token to `FILE`, as CSV"},
		&cli.Float64Flag{Name: "pace", Value: 20, Usage: "with --policy pace: `TOKENS` per second and stream"},
		&cli.DurationFlag{Name: "pace-ttft", Value: 100 * time.Millisecond, Usage: "with --policy pace: `TIME` from arrival to the first token"},
		&cli.IntFlag{Name: "tokens-per-chunk", Value: 1, Usage: "with --policy pace: `N` tokens in each event, 1 to 8"},
		&cli.BoolFlag{Name: "align", Usage: "with --policy pace: send the tokens of all streams together, as an engine's step does"},
		&cli.BoolFlag{Name: "stagger", Usage: "with --policy pace: spread simultaneous streams over one period"},
		&cli.DurationFlag{Name: "stall", Usage: "pause the server once for `TIME`"},
		&cli.DurationFlag{Name: "stall-after", Value: 5 * time.Second, Usage: "pause it `TIME` after the first request arrived"},
		&cli.StringSliceFlag{Name: "fault", Usage: "make answers fail by `KIND`: " + strings.Join(serve.FaultNames(), ", ")},
		&cli.Float64Flag{Name: "fault-rate", Value: 0.1, Usage: "make `SHARE` of the answers fail, 0 to 1"},
	}
}

// options are the checked options.
type options struct {
	model, policy      string
	tp, replicas       int
	budget             int
	speed              float64
	lockstep           bool // a load may move virtual time
	host               string
	port               int
	shared             bool // other servers listen on the port too
	portFile, truth    string
	keys               []string
	tls                *tls.Config // nil is none
	pace               drive.Pace
	stall              drive.Stall
	faults             serve.Faults
	maxModelLen, vocab int
	kvTokens           int  // room of a replica's KV cache
	details            bool // of the prompt's tokens, in usage
	hardware           string
	simulated          sim.Config
	predicted          bool // by constants of the user's own
}

// readOptions checks all options before any work.
func readOptions(c *cli.Context) (*options, error) {
	o := &options{
		model: c.String("model"), policy: c.String("policy"), tp: c.Int("tp-size"), replicas: c.Int("num-replicas"),
		budget: c.Int("max-ragged-batch-size"), speed: c.Float64("speed"), lockstep: !c.IsSet("speed"), host: c.String("host"), port: c.Int("port"), shared: c.Bool("reuse-port"),
		portFile: c.String("port-file"), truth: c.String("truth"), maxModelLen: c.Int("max-model-len"),
		details: c.Bool("enable-prompt-tokens-details") || c.Bool("enable-prefix-caching"),
		pace:    drive.Pace{TTFT: c.Duration("pace-ttft"), Rate: c.Float64("pace"), Chunk: c.Int("tokens-per-chunk"), Stagger: c.Bool("stagger"), Align: c.Bool("align")},
		stall:   drive.Stall{After: c.Duration("stall-after"), For: c.Duration("stall")},
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	var err error
	if o.faults, err = serve.ParseFaults(cmdline.Words(c.StringSlice("fault")), c.Float64("fault-rate")); err != nil {
		return nil, cmdline.Usagef("--fault: %v", err)
	}
	if o.keys, err = apiKeys(c.String("api-key-file")); err != nil {
		return nil, err
	}
	if o.tls, err = certificate(c.String("ssl-certfile"), c.String("ssl-keyfile")); err != nil {
		return nil, err
	}
	if err := checkKV(c); err != nil {
		return nil, err
	}
	return o, o.setEngine(c)
}

// scheme is that of the server's address.
func (o *options) scheme() string {
	if o.tls != nil {
		return "https"
	}
	return "http"
}

// time says in words how time goes.
func (o *options) time() string {
	if o.lockstep {
		return "in lockstep or real time"
	}
	return fmt.Sprintf("at speed %v", o.speed)
}

// check reports the first invalid option.
func (o *options) check() error {
	switch {
	case o.model == "":
		return cmdline.Usagef("--model is empty")
	case o.tp < 1:
		return cmdline.Usagef("--tp-size %d is below 1", o.tp)
	case o.replicas < 1:
		return cmdline.Usagef("--num-replicas %d is below 1", o.replicas)
	case o.budget < 0:
		return cmdline.Usagef("--max-ragged-batch-size %d is below 0", o.budget)
	case !(o.speed > 0):
		return cmdline.Usagef("--speed %v is not above 0", o.speed)
	case o.port < 0 || o.port > 65535:
		return cmdline.Usagef("--port %d is not a port", o.port)
	case o.maxModelLen < 0:
		return cmdline.Usagef("--max-model-len %d is below 0", o.maxModelLen)
	case !(o.pace.Rate > 0):
		return cmdline.Usagef("--pace %v is not above 0", o.pace.Rate)
	case o.pace.TTFT < 0:
		return cmdline.Usagef("--pace-ttft %v is below 0", o.pace.TTFT)
	case o.pace.Chunk < 1 || o.pace.Chunk > 8:
		return cmdline.Usagef("--tokens-per-chunk %d is not 1 to 8", o.pace.Chunk)
	case o.stall.For < 0 || o.stall.After < 0:
		return cmdline.Usagef("--stall and --stall-after must not be below 0")
	}
	return nil
}

// apiKeys reads the key that clients must have from a file or, without one,
// from the environment variable that vLLM reads; never from the command line,
// which all users of a machine can see.
func apiKeys(file string) ([]string, error) {
	text := os.Getenv("VLLM_API_KEY")
	if file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the API key: %w", err)
		}
		if text = string(content); strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("reading the API key: %s is empty", file)
		}
	}
	return strings.Fields(text), nil
}

// certificate is how the server speaks TLS, nil where there are no files.
func certificate(cert, key string) (*tls.Config, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, cmdline.Usagef("--ssl-certfile and --ssl-keyfile go together")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}
