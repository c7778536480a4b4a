package main

import (
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/metrics"
)

func flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "slo", Usage: "the service level: `BOUNDS` in milliseconds, such as \"ttft:500 tpot:50\"; collect goodput --help lists the names"},
		&cli.Float64Flag{Name: "attainment", Value: 0.95, Usage: "the `SHARE` of requests that must keep it"},
		&cli.StringFlag{Name: "by", Value: "rate", Usage: "raise `WHAT`: the rate of an open loop, or the clients of a closed one"},
		&cli.Float64Flag{Name: "start", Usage: "first try `LOAD` (1 request per second, or 4 clients)"},
		&cli.Float64Flag{Name: "min", Usage: "try no load below `LOAD` (0.1 requests per second, or 1 client)"},
		&cli.Float64Flag{Name: "max", Value: 1024, Usage: "try no load above `LOAD`"},
		&cli.Float64Flag{Name: "precision", Value: 0.025, Usage: "stop when the border is known within this `SHARE` of itself"},
		&cli.IntFlag{Name: "max-probes", Value: 15, Usage: "try at most `N` loads"},
		&cli.IntFlag{Name: "requests", Usage: "first measure a load with `N` requests, then with more if these do not decide (as many as --attainment needs, at least 100)"},
		&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "seed of lengths and due times: `N`; further runs use the seeds after it"},
		&cli.StringFlag{Name: "run", Usage: "name the search `NAME`, and its runs NAME.1, NAME.2, ..."},
		&cli.StringFlag{Name: "answer", Usage: "write the answer as a row to `FILE`"},
		&cli.StringFlag{Name: "out-dir", Usage: "also keep the rows of each run in `FOLDER`; runs that exist there are not measured again"},
	}
}

// options are the checked options.
type options struct {
	slo        metrics.SLO
	attainment float64
	clients    bool // raised in place of the rate
	search     search
	maxProbes  int
	requests   int // 0: as many as it takes
	seed       uint64

	run, answer, outDir string

	command []string
	quiet   bool
}

// readOptions checks all options before any work.
func readOptions(c *cli.Context) (*options, error) {
	o := &options{
		attainment: c.Float64("attainment"), clients: c.String("by") == "clients", maxProbes: c.Int("max-probes"), requests: c.Int("requests"),
		seed: c.Uint64("seed"), run: c.String("run"), answer: c.String("answer"), outDir: c.String("out-dir"),
		command: c.Args().Slice(), quiet: c.Bool("quiet"),
	}
	o.search = search{start: c.Float64("start"), min: c.Float64("min"), max: c.Float64("max"), precision: c.Float64("precision"), whole: o.clients}
	o.search.setDefaults(c.IsSet)
	if err := o.check(c); err != nil {
		return nil, err
	}
	var err error
	if o.slo, err = metrics.ParseSLO(c.String("slo")); err != nil {
		return nil, cmdline.Usagef("--slo: %v", err)
	}
	return o, o.checkCommand()
}

// setDefaults fills in what was not given, such that the start lies between the ends.
func (s *search) setDefaults(given func(string) bool) {
	start, least := 1.0, 0.1
	if s.whole {
		start, least = 4, 1
	}
	if !given("min") {
		s.min = min(least, s.max)
		if given("start") {
			s.min = min(s.min, s.start)
		}
	}
	if !given("start") {
		s.start = min(max(start, s.min), s.max)
	}
}

func (o *options) check(c *cli.Context) error {
	s := o.search
	switch {
	case !c.IsSet("slo"):
		return cmdline.WithHint(cmdline.Usagef("--slo is missing: the level to keep"), `--slo "ttft:500 tpot:50", in milliseconds`)
	case !(o.attainment > 0 && o.attainment < 1):
		return cmdline.Usagef("--attainment must be above 0 and below 1")
	case c.String("by") != "rate" && c.String("by") != "clients":
		return cmdline.Usagef("--by %q is neither rate nor clients", c.String("by"))
	case !(s.min > 0) || !(s.min <= s.start) || !(s.start <= s.max) || math.IsInf(s.max, 1):
		return cmdline.Usagef("--min %g, --start %g, --max %g: they must be above 0, and each at least the previous one", s.min, s.start, s.max)
	case o.clients && slices.ContainsFunc([]float64{s.min, s.start, s.max}, func(v float64) bool { return v != math.Trunc(v) }):
		return cmdline.Usagef("--min, --start and --max must be whole numbers of clients")
	case !(s.precision > 0 && s.precision <= 1):
		return cmdline.Usagef("--precision must be above 0 and at most 1")
	case o.maxProbes < 1 || o.requests < 0 || c.IsSet("requests") && o.requests == 0:
		return cmdline.Usagef("--max-probes and --requests must be at least 1")
	}
	return nil
}

// ours are the flags of loadgen that a search sets itself.
var ours = map[string]string{
	"num-clients":  "the search finds the clients; see --by clients, --start, --min and --max",
	"rate":         "the search finds the rate; see --start, --min and --max",
	"schedule":     "a schedule is one load, and the search needs many",
	"num-requests": "see --requests of find-capacity", "duration": "see --requests of find-capacity",
	"seed": "see --seed of find-capacity", "run": "see --run of find-capacity", "out-dir": "see --out-dir of find-capacity", "out-json-dir": "see --out-dir of find-capacity",
	"repeat": "the search repeats loads itself", "early-stop-latency": "the search ends by itself",
	"pending": "it measures nothing", "overwrite": "give another --out-dir", "overwrite-results": "give another --out-dir",
}

// checkCommand refuses a command that says itself what the search decides.
func (o *options) checkCommand() error {
	if len(o.command) == 0 {
		return cmdline.WithHint(cmdline.Usagef("no command is given that measures a load"), `find-capacity --slo "ttft:500 tpot:50" -- loadgen --stream`)
	}
	lengths := map[string]int{}
	for i, arg := range o.command[1:] {
		name, value, hasValue := flagOf(arg)
		if why, is := ours[name]; is {
			return cmdline.WithHint(cmdline.Usagef("--%s is not for the command behind --", name), why)
		}
		if name == "mean-prompt-length" || name == "mean-max-new-tokens" {
			if !hasValue && i+2 < len(o.command) {
				value = o.command[i+2]
			}
			if lengths[name]++; lengths[name] > 1 || strings.Contains(value, ",") {
				return cmdline.WithHint(cmdline.Usagef("--%s has several values: a search is for one load", name), "run one search for each")
			}
		}
	}
	if filepath.Base(o.command[0]) == "loadgen" && o.slo.Streamed() && !o.says("stream") {
		return cmdline.WithHint(cmdline.Usagef("%s cannot be judged without --stream", o.slo), "-- loadgen --stream ...; or --slo e2el:5000 alone")
	}
	return nil
}

// says reports whether the command has a flag.
func (o *options) says(name string) bool {
	return slices.ContainsFunc(o.command[1:], func(arg string) bool { flag, _, _ := flagOf(arg); return flag == name })
}

// value is that of a flag of the command, "" where it has none.
func (o *options) value(name string) string {
	for i, arg := range o.command {
		switch flag, value, has := flagOf(arg); {
		case flag != name:
		case has:
			return value
		case i+1 < len(o.command):
			return o.command[i+1]
		}
	}
	return ""
}

// flagOf is the flag in an argument as loadgen spells it, "" where it is none.
func flagOf(arg string) (name, value string, hasValue bool) {
	if len(arg) < 2 || arg[0] != '-' {
		return "", "", false
	}
	name, value, hasValue = strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return strings.ReplaceAll(name, "_", "-"), value, hasValue
}
