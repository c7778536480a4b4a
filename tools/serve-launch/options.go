package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/reach"
	"fastgenbench/tools/internal/transport"
)

// options are the checked options.
type options struct {
	backend  backend.Backend
	settings backend.Settings
	name     string // of a lasting server
	run, log string
	url      transport.Address // of a server that is not ours to start
	reach    reach.Reach
	// modelGiven, hardwareGiven, batchGiven and speedGiven say that these were
	// not left at their defaults.
	modelGiven, hardwareGiven, batchGiven, speedGiven bool

	start, stop, drain time.Duration
}

func readOptions(c *cli.Context) (options, error) {
	b, err := backend.Lookup(c.String("backend"))
	if err != nil {
		return options{}, cmdline.Usagef("%v", err)
	}
	o := options{
		backend: b, name: lastingName(c), run: c.String("run"), log: c.String("log"),
		modelGiven: c.IsSet("model"), hardwareGiven: c.IsSet("hardware"), batchGiven: c.IsSet("max-ragged-batch-size"), speedGiven: c.IsSet("speed"),
		start: c.Duration("start-timeout"), stop: c.Duration("stop-timeout"), drain: c.Duration("drain-timeout"),
	}
	if err := checkMeaning(c, b); err != nil {
		return o, err
	}
	if o.reach, err = reach.Read(c); err != nil {
		return o, err
	}
	if o.url, err = readAddress(c.String("url")); err != nil {
		return o, err
	}
	if o.settings, err = readSettings(c, b); err != nil {
		return o, err
	}
	o.settings.HasKey = o.reach.Key(b.KeyVariable) != ""
	return o, o.check()
}

// lastingName is --name, or a name made from the port or backend.
func lastingName(c *cli.Context) string {
	switch {
	case c.String("name") != "":
		return c.String("name")
	case c.Int("port") != 0:
		return c.String("backend") + "-" + strconv.Itoa(c.Int("port"))
	}
	return c.String("backend")
}

// checkMeaning refuses options that would mean nothing, and a default where it
// would be a guess.
func checkMeaning(c *cli.Context, b backend.Backend) error {
	for _, flag := range settingFlags() {
		if name := flag.Names()[0]; c.IsSet(name) && !b.Takes(name) {
			return cmdline.Usagef("--%s does not apply to --backend %s", name, b.Name)
		}
	}
	for _, name := range strings.Fields(b.Required) {
		if !c.IsSet(name) {
			return cmdline.Usagef("--%s is missing: --backend %s has no default for it", name, b.Name)
		}
	}
	return nil
}

// check reports the first invalid option.
func (o options) check() error {
	s := o.settings
	switch {
	case s.TPSize < 1 || s.NumReplicas < 1:
		return cmdline.Usagef("--tp-size and --num-replicas must be at least 1")
	case s.MaxRaggedBatchSize < 0:
		return cmdline.Usagef("--max-ragged-batch-size must be at least 0")
	case o.speedGiven && !(s.Sim.Speed > 0):
		return cmdline.Usagef("--speed %v is not above 0", s.Sim.Speed)
	case s.Port < 0 || s.Port > 65535:
		return cmdline.Usagef("--port %d is not a port", s.Port)
	case s.Model == "":
		return cmdline.Usagef("--model is empty")
	case o.start <= 0 || o.stop <= 0 || o.drain < 0:
		return cmdline.Usagef("--start-timeout and --stop-timeout must be above 0, --drain-timeout must be at least 0")
	}
	return nil
}

func readSettings(c *cli.Context, b backend.Backend) (backend.Settings, error) {
	s := backend.Settings{
		Model: c.String("model"), Host: c.String("host"), Port: c.Int("port"),
		TPSize: c.Int("tp-size"), NumReplicas: c.Int("num-replicas"), MaxRaggedBatchSize: c.Int("max-ragged-batch-size"),
		FP6: c.Bool("fp6"), DeploymentName: c.String("deployment-name"), Python: c.String("python"),
		Sim: backend.Sim{
			Hardware: c.String("hardware"), TFLOPS: c.Float64("tflops"), GBps: c.Float64("gbps"), GB: c.Float64("gb"),
			Speed: c.Float64("speed"), Policy: c.String("sim-policy"), Truth: c.String("truth"),
		},
	}
	var err error
	if s.EngineArgs, err = backend.SplitArgs(c.String("engine-args")); err != nil {
		return s, cmdline.Usagef("--engine-args: %v", err)
	}
	s.URL = c.String("url")
	return s, nil
}

// readAddress takes the address of an external server. It goes into the
// row, so it may hold no secret.
func readAddress(text string) (transport.Address, error) {
	if text == "" {
		return transport.Address{}, nil
	}
	at, err := transport.ParseAddress(text)
	switch {
	case err != nil:
		return at, cmdline.Usagef("--url: %v", err)
	case at.HasSecret():
		return at, cmdline.WithHint(cmdline.Usagef("--url contains a secret, which would appear in every row"), "give it with --api-key-file or --header")
	case at.Scheme() != "http" && at.Scheme() != "https":
		return at, cmdline.Usagef("--url %s is not an http:// or https:// address", at)
	}
	return at, nil
}
