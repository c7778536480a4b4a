package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/plan"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/transport"
)

// options are the checked options. Lists that were not given are empty.
type options struct {
	url     transport.Address // the zero value: serve-launch's row says it
	reach   reach.Reach
	given   record.ServerKey // what the flags say of the server
	chat    bool
	prompts string
	// api is the protocol, "" the backend's own.
	api, deployment string

	clients, promptLengths, newTokens []int
	requests                          int // 0: clients*4+32
	warmup                            int
	jitter, duration                  float64
	maxPrompt                         int // 0: the model's
	lengths                           prompt.Lengths
	stream                            bool
	seed                              uint64
	repeat                            int
	earlyStop                         float64 // seconds of mean latency; 0: no limit

	draws plan.Draws // except for what a point decides

	rates              []float64
	stages             []load.Stage
	burstiness, rampUp float64
	maxConcurrency     int // 0: no cap

	replay   plan.Options
	schedule *plan.Schedule // nil: none

	timeout, grace     time.Duration
	silence            time.Duration // 0: as long as timeout
	run, outDir        string
	overwrite, pending bool
}

// readOptions checks all options before any work.
func readOptions(c *cli.Context) (*options, error) {
	o := &options{
		chat: c.Bool("chat"), prompts: c.String("prompts"),
		api: c.String("api"), deployment: c.String("deployment-name"),
		given: record.ServerKey{Backend: record.Text(c.String("backend")), Model: record.Text(c.String("model")), Speed: 1,
			TPSize: record.Setting(c.Int("tp-size")), NumReplicas: record.Setting(c.Int("num-replicas")), MaxRaggedBatchSize: record.Setting(c.Int("max-ragged-batch-size"))},
		warmup: c.Int("warmup"), jitter: c.Float64("start-jitter"), duration: c.Float64("duration"), maxPrompt: c.Int("max-prompt-length"),
		lengths: prompt.Lengths{Law: prompt.Law(c.String("length-law")), PromptVar: c.Float64("prompt-length-var"), NewVar: c.Float64("max-new-tokens-var")},
		draws:   readDraws(c), replay: readReplay(c), maxConcurrency: c.Int("max-concurrency"),
		stream: c.Bool("stream"), seed: c.Uint64("seed"), repeat: c.Int("repeat"), earlyStop: c.Float64("early-stop-latency"), burstiness: c.Float64("burstiness"), rampUp: c.Float64("ramp-up"),
		timeout: c.Duration("timeout"), silence: c.Duration("silence"), grace: c.Duration("grace"), run: c.String("run"),
		outDir: c.String("out-dir"), overwrite: c.Bool("overwrite"), pending: c.Bool("pending"),
	}
	if text := c.String("url"); text != "" {
		var err error
		if o.url, err = transport.ParseAddress(text); err != nil {
			return nil, cmdline.Usagef("--url: %v", err)
		}
	}
	if o.pending && !o.hasURL() && !c.IsSet("max-ragged-batch-size") {
		o.given.MaxRaggedBatchSize = 768 // serve-launch's default; 0 leaves it to the engine
	}
	if o.given.Backend == "" {
		o.given.Backend = "openai"
	}
	if err := o.readLists(c); err != nil {
		return nil, err
	}
	if err := o.check(c); err != nil {
		return nil, err
	}
	return o, o.readFiles(c)
}

func (o *options) readLists(c *cli.Context) (err error) {
	for _, list := range []struct {
		flag string
		to   *[]int
	}{{"num-clients", &o.clients}, {"mean-prompt-length", &o.promptLengths}, {"mean-max-new-tokens", &o.newTokens}} {
		if *list.to, err = cmdline.Ints(c.StringSlice(list.flag)); err != nil {
			return cmdline.Usagef("--%s: %v", list.flag, err)
		}
		if len(*list.to) > 0 && slices.Min(*list.to) < 1 {
			return cmdline.Usagef("--%s %d is below 1", list.flag, slices.Min(*list.to))
		}
	}
	if o.rates, err = cmdline.Floats(c.StringSlice("rate")); err != nil {
		return cmdline.Usagef("--rate: %v", err)
	}
	if o.stages, err = readStages(c.StringSlice("stages")); err != nil {
		return err
	}
	if text := c.String("num-requests"); text != "" {
		if o.requests, err = strconv.Atoi(text); err != nil || o.requests < 1 {
			return cmdline.Usagef("--num-requests %q is not a number above 0", text)
		}
	}
	return nil
}

// check reports the first invalid option.
func (o *options) check(c *cli.Context) error {
	switch {
	case o.prompts != "auto" && o.prompts != "ids" && o.prompts != "text":
		return cmdline.Usagef("--prompts %s is not one of auto, ids, text", o.prompts)
	case o.api != "" && !slices.Contains(apis, o.api):
		return cmdline.Usagef("--api %s is not one of %s", o.api, strings.Join(apis, ", "))
	case o.chat && o.api != "" && o.api != "openai":
		return cmdline.Usagef("--chat does not apply to --api %s", o.api)
	case o.chat && o.prompts == "ids":
		return cmdline.Usagef("--chat takes text, not --prompts ids")
	case o.given.TPSize < 1 || o.given.NumReplicas < 1 || o.given.MaxRaggedBatchSize < 0:
		return cmdline.Usagef("--tp-size and --num-replicas must be at least 1, --max-ragged-batch-size at least 0")
	case o.warmup < 0 || o.maxPrompt < 0:
		return cmdline.Usagef("--warmup and --max-prompt-length must be at least 0")
	case !(o.lengths.PromptVar >= 0) || !(o.lengths.NewVar >= 0) || !(o.jitter >= 0) || !(o.duration >= 0) || !(o.rampUp >= 0):
		return cmdline.Usagef("--prompt-length-var, --max-new-tokens-var, --start-jitter, --duration and --ramp-up must be at least 0")
	case !(o.burstiness > 0):
		return cmdline.Usagef("--burstiness must be above 0")
	case slices.ContainsFunc(o.rates, func(r float64) bool { return !(r > 0) || math.IsInf(r, 1) }):
		return cmdline.Usagef("--rate must be above 0")
	case o.repeat < 1 || !(o.earlyStop >= 0):
		return cmdline.Usagef("--repeat must be at least 1, --early-stop-latency at least 0")
	case o.timeout <= 0 || o.grace < 0 || o.silence < 0:
		return cmdline.Usagef("--timeout must be above 0, --grace and --silence at least 0")
	case o.pending && o.outDir == "":
		return cmdline.Usagef("--pending needs --out-dir")
	case o.hasURL() && o.pending && o.given.Model == "":
		return cmdline.Usagef("--pending needs --model, since it contacts no server")
	}
	for _, check := range []func(*cli.Context) error{o.checkLoop, o.checkDraws, o.checkSchedule, o.checkKeyFlags} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

// checkKeyFlags refuses to say of a server what its row says.
func (o *options) checkKeyFlags(c *cli.Context) error {
	if o.hasURL() || o.pending {
		return nil
	}
	for _, flag := range []string{"backend", "model", "tp-size", "num-replicas", "max-ragged-batch-size"} {
		if c.IsSet(flag) {
			return cmdline.WithHint(cmdline.Usagef("--%s needs --url or --pending: otherwise serve-launch's row says it", flag),
				"give --url ADDRESS, or the flag to serve-launch")
		}
	}
	return nil
}

// readFiles reads what reaches the server, and the schedule.
func (o *options) readFiles(c *cli.Context) (err error) {
	if o.reach, err = reach.Read(c); err != nil {
		return err
	}
	if file := c.String("schedule"); file != "" {
		o.replay.Timed = len(o.clients) == 0 && len(o.rates) == 0
		if len(o.newTokens) > 0 {
			o.replay.NewTokens = o.newTokens[0]
		}
		o.schedule, err = plan.Open(file, o.replay)
	}
	return err
}

// apis are the protocols that a user can name.
var apis = []string{"openai", "responses", "messages", "tgi", "generate"}

func (o *options) hasURL() bool { return o.url.String() != "" }
