package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// flag is one of the original's flags.
type flag struct {
	// name is as the original writes it; value is what follows it: "" for
	// a switch, "N ..." for several values.
	name, value string
	// about says what it is mapped to, with its default in parentheses.
	about string
}

// originals are all flags that run_benchmark.py ever had, except for those that
// are answered.
var originals = []flag{
	{"model", "NAME", "serve-launch --model (meta-llama/Llama-2-7b-hf)"},
	{"backend", "NAME", "serve-launch --backend (fastgen); sim-fastgen and sim-vllm need no GPU"},
	{"vllm", "", "--backend vllm"},
	{"tp_size", "N ...", "serve-launch --tp-size, one server each (the original's for the model: 1, 1 2 4, ...)"},
	{"max_ragged_batch_size", "N ...", "serve-launch --max-ragged-batch-size, one server each (768)"},
	{"num_replicas", "N ...", "serve-launch --num-replicas, one server each (1)"},
	{"deployment_name", "NAME", "serve-launch --deployment-name; ignored if the backend has no deployments"},
	{"fp6", "", "serve-launch --fp6"},
	{"client_only", "", "starts no server: measures the one at --openai_api_url, or that of `serve-launch start`"},
	{"openai_api_url", "URL", "the address of a running server, with --backend openai or --client_only"},
	{"aml_api_url", "URL", "the same, with --backend aml"},
	{"num_clients", "N ...", "loadgen --num-clients (1 2 4 6 8 12 16 20 24 28 32)"},
	{"num_requests", "N", "loadgen --num-requests (num_clients*4+32)"},
	{"warmup", "N", "loadgen --warmup (1)"},
	{"mean_prompt_length", "N ...", "loadgen --mean-prompt-length (the original's for the model; else 2600)"},
	{"prompt_length_var", "X", "loadgen --prompt-length-var (0.3)"},
	{"max_prompt_length", "N", "loadgen --max-prompt-length (the original's for the model; else 4000)"},
	{"mean_max_new_tokens", "N ...", "loadgen --mean-max-new-tokens (the original's for the model; else 60)"},
	{"max_new_tokens_var", "X", "loadgen --max-new-tokens-var (0.3)"},
	{"stream", "", "loadgen --stream"},
	{"early_stop_latency", "SECONDS", "loadgen --early-stop-latency: skip loads above one whose mean latency exceeded it (no limit)"},
	{"use_thread", "", "no effect: loadgen's clients always share one process"},
	{"out_json_dir", "DIR", "loadgen --out-dir DIR/BACKEND, CSV instead of JSON (results)"},
	{"overwrite_results", "", "loadgen --overwrite"},
}

// others are our own names for flags of the original's, and --dry-run.
var others = []flag{
	{"url", "URL", ""}, {"out_dir", "DIR", ""}, {"overwrite", "", ""},
	{"dry_run", "", "print the commands, start nothing"},
}

// Flags that are passed on as they are.
const (
	serverFlags   = "hardware tflops gbps gb speed sim-policy truth host port engine-args python log start-timeout stop-timeout drain-timeout"
	loadFlags     = "seed repeat rate burstiness ramp-up schedule duration start-jitter timeout silence grace prompts api run stages max-concurrency length-law turns think-time prefix-length prefix-share num-prefixes prefix-law block-size time-scale from until"
	loadSwitches  = "chat"
	reachFlags    = "api-key-file header extra-body ca-file client-cert client-key"
	reachSwitches = "insecure"
)

// words are the values of a flag, byte for byte.
type words []string

// Set takes one more value.
func (w *words) Set(value string) error {
	*w = append(*w, value)
	return nil
}

func (w *words) String() string { return strings.Join(*w, ",") }

func hyphens(name string) string { return strings.ReplaceAll(name, "_", "-") }

// flags are hidden from the list of options: the manual has a table of them.
func flags() []cli.Flag {
	var all []cli.Flag
	add := func(name string, isSwitch bool) {
		if isSwitch {
			all = append(all, &cli.BoolFlag{Name: hyphens(name), Hidden: true})
			return
		}
		all = append(all, &cli.GenericFlag{Name: hyphens(name), Value: new(words), Hidden: true})
	}
	for _, f := range append(originals, others...) {
		add(f.name, f.value == "")
	}
	for _, name := range strings.Fields(serverFlags + " " + loadFlags + " " + reachFlags) {
		add(name, false)
	}
	for _, name := range strings.Fields(loadSwitches + " " + reachSwitches) {
		add(name, true)
	}
	return all
}

// lists are the flags with several values.
func lists() []string {
	var all []string
	for _, f := range originals {
		if strings.HasSuffix(f.value, "...") {
			all = append(all, hyphens(f.name))
		}
	}
	return all
}

// table is the manual's list of flags.
func table() string {
	var text strings.Builder
	text.WriteString("flags of the original, and what they are mapped to:\n")
	for _, f := range originals {
		fmt.Fprintf(&text, "  %-29s %s\n", strings.TrimSpace("--"+f.name+" "+f.value), f.about)
	}
	for _, group := range []struct{ title, names string }{
		{"passed on to serve-launch", serverFlags},
		{"passed on to loadgen", loadFlags + " " + loadSwitches},
		{"passed on to both", reachFlags + " " + reachSwitches},
	} {
		fmt.Fprintf(&text, "\n%s, see its --help:\n", group.title)
		text.WriteString(wrap("--" + strings.ReplaceAll(group.names, " ", " --")))
	}
	text.WriteString("\n--url, --out_dir and --overwrite are --openai_api_url, --out_json_dir and --overwrite_results.")
	return text.String()
}

// wrap breaks a list of words into lines of 80 letters.
func wrap(list string) string {
	var text strings.Builder
	line := " "
	for _, word := range strings.Fields(list) {
		if len(line)+1+len(word) > 80 {
			text.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	return text.String() + line + "\n"
}
