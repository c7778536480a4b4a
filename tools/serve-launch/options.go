package main

import (
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
)

// options are the checked options.
type options struct {
	backend  backend.Backend
	settings backend.Settings
	name     string // of a lasting server
	run, log string
	// keyFromFile says that the key was given for this server, not just found.
	keyFromFile bool
	// modelGiven, hardwareGiven and batchGiven say that these were not left at
	// their defaults.
	modelGiven, hardwareGiven, batchGiven bool

	start, stop, drain time.Duration
}

func readOptions(c *cli.Context) (options, error) {
	b, err := backend.Lookup(c.String("backend"))
	if err != nil {
		return options{}, cmdline.Usagef("%v", err)
	}
	o := options{
		backend: b, name: lastingName(c), run: c.String("run"), log: c.String("log"),
		keyFromFile: c.IsSet("api-key-file"), modelGiven: c.IsSet("model"), hardwareGiven: c.IsSet("hardware"), batchGiven: c.IsSet("max-ragged-batch-size"),
		start: c.Duration("start-timeout"), stop: c.Duration("stop-timeout"), drain: c.Duration("drain-timeout"),
	}
	if err := checkMeaning(c, b); err != nil {
		return o, err
	}
	if o.settings, err = readSettings(c, b); err != nil {
		return o, err
	}
	return o, o.check()
}

// lastingName is --name, or else told by what was asked for.
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
			return cmdline.Usagef("--%s means nothing to --backend %s", name, b.Name)
		}
	}
	for _, name := range strings.Fields(b.Required) {
		if !c.IsSet(name) {
			return cmdline.Usagef("--%s is missing: --backend %s has no default for it", name, b.Name)
		}
	}
	return nil
}

// check reports the first option that cannot be.
func (o options) check() error {
	s := o.settings
	switch {
	case s.TPSize < 1 || s.NumReplicas < 1:
		return cmdline.Usagef("--tp-size and --num-replicas are at least 1")
	case s.MaxRaggedBatchSize < 0:
		return cmdline.Usagef("--max-ragged-batch-size is not below 0")
	case !(s.Sim.Speed > 0):
		return cmdline.Usagef("--speed is above 0")
	case s.Port < 0 || s.Port > 65535:
		return cmdline.Usagef("--port %d is no port", s.Port)
	case s.Model == "":
		return cmdline.Usagef("--model is empty")
	case o.start <= 0 || o.stop <= 0 || o.drain < 0:
		return cmdline.Usagef("--start-timeout and --stop-timeout are above 0, --drain-timeout is at least 0")
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
	if s.EngineArgs, err = backend.Words(c.String("engine-args")); err != nil {
		return s, cmdline.Usagef("--engine-args: %v", err)
	}
	if s.URL, err = readURL(c.String("url"), b); err != nil {
		return s, err
	}
	s.APIKey, err = readKey(c.String("api-key-file"), b)
	return s, err
}

// readURL takes an address as people paste it. Azure's is the whole URL; of
// others only what stands in front of the routes.
func readURL(text string, b backend.Backend) (string, error) {
	if text == "" {
		return "", nil
	}
	at, err := url.Parse(text)
	switch {
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return "", cmdline.Usagef("--url %q is no http:// or https:// address", backend.Hush(text, userOf(at)))
	case at.User != nil:
		return "", cmdline.WithHint(cmdline.Usagef("--url holds a password, which would stand in every row"), "give the key with --api-key-file")
	case at.RawQuery != "" || at.Fragment != "":
		return "", cmdline.Usagef("--url holds more than an address: %s", "a ? or #")
	}
	if b.Ask != nil {
		return text, nil
	}
	path := strings.TrimRight(at.Path, "/")
	for _, route := range []string{"/chat/completions", "/completions", "/v1"} {
		path = strings.TrimSuffix(path, route)
	}
	return at.Scheme + "://" + at.Host + path, nil
}

// userOf is the part of an address that no message may show.
func userOf(at *url.URL) string {
	if at == nil || at.User == nil {
		return ""
	}
	return at.User.String()
}

// readKey takes the key from the file, or from the variable that the engine
// itself reads, or from the one that all clients of the protocol know.
func readKey(file string, b backend.Backend) (string, error) {
	if file == "" {
		if key := os.Getenv(b.KeyVariable); b.KeyVariable != "" && key != "" {
			return key, nil
		}
		return os.Getenv("OPENAI_API_KEY"), nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("the API key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if key == "" || strings.ContainsAny(key, "\r\n") {
		return "", fmt.Errorf("the API key: %s does not hold one line", file)
	}
	return key, nil
}
