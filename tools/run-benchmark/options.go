package main

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/backend"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/models"
)

// options are the checked options.
type options struct {
	backend backend.Backend
	model   string
	// tpSizes, batches and replicas are empty where a server that runs already
	// says what it has.
	tpSizes, batches, replicas []int
	// url is the address of an external server; clientOnly: none is started.
	url        string
	clientOnly bool
	// modelGiven says that model is not the default.
	modelGiven bool
	out        string
	// server and load are passed on to serve-launch and loadgen.
	server, load []string
	// notes are what the user should know of the mapping.
	notes         []string
	dryRun, quiet bool
}

// readOptions checks all options before any work.
func readOptions(c *cli.Context) (*options, error) {
	o := &options{
		model: models.Canonical(text(c, "model", "meta-llama/Llama-2-7b-hf")), modelGiven: c.IsSet("model"),
		clientOnly: c.Bool("client-only"), dryRun: c.Bool("dry-run"), quiet: c.Bool("quiet"),
	}
	for _, step := range []func(*cli.Context) error{o.readBackend, o.readAddress, o.readServer, o.readLoad, o.checkServer} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	o.load = append([]string{"--out-dir", filepath.Join(o.out, o.backend.Name)}, o.load...)
	if o.quiet {
		o.server, o.load = append(o.server, "--quiet"), append(o.load, "--quiet")
	}
	return o, nil
}

func (o *options) readBackend(c *cli.Context) (err error) {
	name := text(c, "backend", "fastgen")
	if c.Bool("vllm") {
		if c.IsSet("backend") && name != "vllm" {
			return cmdline.Usagef("--vllm is --backend vllm, not --backend %s", name)
		}
		name = "vllm"
	}
	if o.backend, err = backend.Lookup(name); err != nil {
		return cmdline.Usagef("--backend: %v", err)
	}
	if given := text(c, "model", ""); models.Canonical(given) != given {
		o.notes = append(o.notes, "--model "+given+" is "+o.model+", as it is called on Hugging Face")
	}
	if c.Bool("use-thread") {
		o.notes = append(o.notes, "--use_thread has no effect: loadgen's clients always share one process")
	}
	return nil
}

// readAddress decides whether a server is started, or where it is.
func (o *options) readAddress(c *cli.Context) error {
	for _, name := range []string{"openai-api-url", "aml-api-url", "url"} {
		switch {
		case !c.IsSet(name):
		case o.url != "":
			return cmdline.Usagef("two addresses were given: a sweep measures one server")
		default:
			o.url = text(c, name, "")
		}
	}
	switch {
	case o.startsNothing() && o.url == "":
		return cmdline.WithHint(cmdline.Usagef("--backend %s starts nothing, and no address is given", o.backend.Name), "give it with --openai_api_url or --aml_api_url")
	case !o.startsNothing() && !o.clientOnly && o.url != "":
		return cmdline.WithHint(cmdline.Usagef("an address was given, and --backend %s starts a server of its own", o.backend.Name),
			"give --client_only to measure the server at the address, or --backend openai")
	}
	for _, name := range strings.Fields(o.backend.Required) {
		if !c.IsSet(name) {
			return cmdline.Usagef("--%s is missing: --backend %s has no default for it", strings.ReplaceAll(name, "-", "_"), o.backend.Name)
		}
	}
	return nil
}

// startsNothing reports that the backend's servers are external.
func (o *options) startsNothing() bool { return o.backend.Command == nil }

// runsAlready reports that no server is started, for whatever reason.
func (o *options) runsAlready() bool { return o.clientOnly || o.startsNothing() }

// readServer reads what makes up the servers, and gives it its defaults where
// they are started here.
func (o *options) readServer(c *cli.Context) (err error) {
	for _, list := range []struct {
		name    string
		to      *[]int
		least   int
		usually []int
	}{
		{"tp_size", &o.tpSizes, 1, sizes(o.model)},
		{"max_ragged_batch_size", &o.batches, 0, []int{768}},
		{"num_replicas", &o.replicas, 1, []int{1}},
	} {
		if *list.to, err = ints(c, list.name, list.least); err != nil {
			return err
		}
		switch {
		case len(*list.to) == 0 && !o.runsAlready():
			*list.to = list.usually
		case len(*list.to) > 1 && o.url != "":
			return cmdline.Usagef("--%s names %d servers, and one runs at %s", list.name, len(*list.to), o.url)
		}
	}
	o.server = passed(c, serverFlags)
	if c.Bool("fp6") {
		o.server = append(o.server, "--fp6")
	}
	if c.IsSet("deployment-name") {
		o.readDeployment(text(c, "deployment-name", ""))
	}
	return nil
}

func sizes(model string) []int {
	m, _ := models.Size(model)
	return m.TPSizes
}

// readDeployment passes the name on where it means something.
func (o *options) readDeployment(name string) {
	switch {
	case o.backend.Name == "aml": // its requests name the deployment
		o.load = append(o.load, "--deployment-name="+name)
		fallthrough
	case o.backend.Takes("deployment-name") && !o.clientOnly:
		o.server = append(o.server, "--deployment-name="+name)
	default:
		o.notes = append(o.notes, "--deployment_name is ignored: "+o.backend.Name+" does not use it")
	}
}

func (o *options) readLoad(c *cli.Context) error {
	for _, name := range []string{"num_clients", "mean_prompt_length", "mean_max_new_tokens"} {
		values, err := ints(c, name, 1)
		if err != nil {
			return err
		}
		if len(values) > 0 {
			o.load = append(o.load, "--"+hyphens(name)+"="+join(values))
		}
	}
	for _, number := range []struct {
		name  string
		least int
	}{{"num_requests", 1}, {"warmup", 0}, {"max_prompt_length", 1}} {
		values, err := ints(c, number.name, number.least)
		if err != nil {
			return err
		}
		if len(values) > 0 {
			o.load = append(o.load, "--"+hyphens(number.name)+"="+strconv.Itoa(values[len(values)-1]))
		}
	}
	for _, name := range []string{"prompt_length_var", "max_new_tokens_var", "early_stop_latency"} {
		value := text(c, hyphens(name), "0")
		if v, err := strconv.ParseFloat(value, 64); err != nil || !(v >= 0) {
			return cmdline.Usagef("--%s %q is not a number of at least 0", name, value)
		}
	}
	o.load = append(o.load, passed(c, "prompt-length-var max-new-tokens-var stream early-stop-latency "+loadFlags+" "+loadSwitches)...)
	if c.Bool("overwrite-results") || c.Bool("overwrite") {
		o.load = append(o.load, "--overwrite")
	}
	reach := passed(c, reachFlags+" "+reachSwitches)
	o.server, o.load = append(o.server, reach...), append(o.load, reach...)
	o.out = text(c, "out-json-dir", text(c, "out-dir", "results"))
	return nil
}

// checkServer refuses what the backend's servers do not have, or what comes too
// late for one that runs already.
func (o *options) checkServer(c *cli.Context) error {
	for _, name := range append(strings.Fields(serverFlags), "fp6") {
		switch {
		case !c.IsSet(name):
		case !o.backend.Takes(name):
			return cmdline.Usagef("--%s does not apply to --backend %s", name, o.backend.Name)
		case o.clientOnly && !o.startsNothing():
			return cmdline.Usagef("--%s cannot be used with --client_only: the server is already running", name)
		}
	}
	return nil
}

// text is the last value of a flag.
func text(c *cli.Context, name, usual string) string {
	if values := *c.Generic(name).(*words); len(values) > 0 {
		return values[len(values)-1]
	}
	return usual
}

// ints are the values of a flag, none of them below least.
func ints(c *cli.Context, name string, least int) ([]int, error) {
	values, err := cmdline.Ints(*c.Generic(hyphens(name)).(*words))
	if err != nil {
		return nil, cmdline.Usagef("--%s: %v", name, err)
	}
	if len(values) > 0 && slices.Min(values) < least {
		return nil, cmdline.Usagef("--%s %d is below %d", name, slices.Min(values), least)
	}
	return values, nil
}

func join(values []int) string {
	var all words
	for _, v := range values {
		all = append(all, strconv.Itoa(v))
	}
	return all.String()
}

// passed are the flags of names that were given, as arguments again.
func passed(c *cli.Context, names string) []string {
	var all []string
	for _, name := range strings.Fields(names) {
		values, ok := c.Generic(name).(*words)
		switch {
		case ok:
			for _, value := range *values {
				all = append(all, "--"+name+"="+value)
			}
		case c.Bool(name):
			all = append(all, "--"+name)
		}
	}
	return all
}
