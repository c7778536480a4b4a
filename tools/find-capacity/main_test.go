package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/testkit"
)

// TestMain lets this binary stand for find-capacity, so that streams and exit
// statuses are the real ones.
func TestMain(m *testing.M) {
	switch os.Getenv("FIND_CAPACITY_TEST_TOOL") {
	case "tool":
		os.Setenv("FIND_CAPACITY_TEST_TOOL", "load") // what it runs
		cmdline.Main(tool())
	case "load":
		os.Exit(simulate(os.Args[1:]))
	}
	os.Exit(m.Run())
}

func call(args ...string) (stdout, stderr string, status int) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), "FIND_CAPACITY_TEST_TOOL=tool", "GORACE=atexit_sleep_ms=0")
	r := testkit.Finish(cmd)
	return r.Stdout, r.Stderr, r.Status
}

func TestUsageErrorsSayWhatIsWrongAndWriteNothing(t *testing.T) {
	const e2el = "--slo e2el:100 "
	for args, want := range map[string]string{
		"-- loadgen":                                                        "--slo is missing",
		"--slo latency:5 -- loadgen":                                        `--slo: "latency" is not ttft`,
		e2el + "":                                                           "no command is given that measures a load",
		e2el + "loadgen --stream":                                           "to run a program, write -- in front of it",
		e2el + "--attainment 1 -- loadgen":                                  "--attainment must be above 0 and below 1",
		e2el + "--attainment 0 -- loadgen":                                  "--attainment must be above 0 and below 1",
		e2el + "--attainment NaN -- loadgen":                                "--attainment must be above 0 and below 1",
		e2el + "--by luck -- loadgen":                                       `--by "luck" is neither rate nor clients`,
		e2el + "--min 0 -- loadgen":                                         "they must be above 0",
		e2el + "--min 5 --start 4 -- loadgen":                               "each at least the previous one",
		e2el + "--start 5 --max 4 -- loadgen":                               "each at least the previous one",
		e2el + "--max Inf -- loadgen":                                       "they must be above 0",
		e2el + "--by clients --start 1.5 -- loadgen":                        "whole numbers of clients",
		e2el + "--precision 0 -- loadgen":                                   "--precision must be above 0",
		e2el + "--max-probes 0 -- loadgen":                                  "--max-probes and --requests must be at least 1",
		e2el + "--requests 0 -- loadgen":                                    "--max-probes and --requests must be at least 1",
		e2el + "-- loadgen --rate 3":                                        "--rate is not for the command behind --",
		e2el + "-- loadgen --num_clients=3":                                 "--num-clients is not for the command behind --",
		e2el + "-- loadgen --seed 3":                                        "see --seed of find-capacity",
		e2el + "-- loadgen --mean-prompt-length 100,200":                    "--mean-prompt-length has several values",
		e2el + "-- loadgen --mean-max-new-tokens 1 --mean-max-new-tokens=2": "--mean-max-new-tokens has several values",
		"--slo ttft:100 -- bin/loadgen":                                     "ttft:100 cannot be judged without --stream",
	} {
		stdout, stderr, status := call(strings.Fields(args)...)
		if status != 2 || stdout != "" || !strings.HasPrefix(stderr, "find-capacity: ") || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d, stdout %q, stderr %q; want %q", args, status, stdout, stderr, want)
		}
	}
}

// Where the start is not given it lies between the ends that are.
func TestDefaultsFitTheEnds(t *testing.T) {
	for given, want := range map[string]search{
		"":               {min: 0.1, start: 1, max: 1024},
		"min 3":          {min: 3, start: 3, max: 1024},
		"max 0.5":        {min: 0.1, start: 0.5, max: 0.5},
		"max 0.001":      {min: 0.001, start: 0.001, max: 0.001},
		"start 0.001":    {min: 0.001, start: 0.001, max: 1024},
		"clients":        {min: 1, start: 4, max: 1024, whole: true},
		"clients max 2":  {min: 1, start: 2, max: 2, whole: true},
		"clients min 10": {min: 10, start: 10, max: 1024, whole: true},
	} {
		got := search{max: 1024, whole: strings.HasPrefix(given, "clients")}
		switch words := strings.Fields(strings.TrimPrefix(given, "clients")); {
		case len(words) == 0:
		case words[0] == "min":
			got.min = want.min
		case words[0] == "max":
			got.max = want.max
		case words[0] == "start":
			got.start = want.start
		}
		got.setDefaults(func(flag string) bool { return strings.Contains(given, flag) })
		if got != want {
			t.Errorf("%q: %+v, want %+v", given, got, want)
		}
	}
}
