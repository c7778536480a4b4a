package main

import (
	"strings"
	"testing"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/testkit"
)

func TestMain(m *testing.M) {
	testkit.Main(m, func() cmdline.Tool { return tool("run_benchmark.sh") })
}

func call(args ...string) (stdout, stderr string, status int) {
	cmd := testkit.Command(args...)
	cmd.Env = testkit.Environ("PATH=") // no program of the suite can be found, so nothing can start
	r := testkit.Finish(cmd)
	return r.Stdout, r.Stderr, r.Status
}

// What becomes of the flags: the commands that would run.
func TestMapping(t *testing.T) {
	const llama = "serve-launch --backend fastgen --model meta-llama/Llama-2-7b-hf --tp-size 1 --max-ragged-batch-size 768 --num-replicas 1"
	for args, want := range map[string]string{
		"": llama + " -- loadgen --out-dir results/fastgen\n",
		"--tp_size 1 2 --num_replicas=1 2 --max_ragged_batch_size 512 --backend sim-vllm": `serve-launch --backend sim-vllm --model meta-llama/Llama-2-7b-hf --tp-size 1 --max-ragged-batch-size 512 --num-replicas 1 -- loadgen --out-dir results/sim-vllm
serve-launch --backend sim-vllm --model meta-llama/Llama-2-7b-hf --tp-size 1 --max-ragged-batch-size 512 --num-replicas 2 -- loadgen --out-dir results/sim-vllm
serve-launch --backend sim-vllm --model meta-llama/Llama-2-7b-hf --tp-size 2 --max-ragged-batch-size 512 --num-replicas 1 -- loadgen --out-dir results/sim-vllm
serve-launch --backend sim-vllm --model meta-llama/Llama-2-7b-hf --tp-size 2 --max-ragged-batch-size 512 --num-replicas 2 -- loadgen --out-dir results/sim-vllm
`,
		"--num_clients 1 2 4 --mean_prompt_length 500 --mean_max_new_tokens 60,128 --num_requests 64 --warmup 0 --stream": llama +
			" -- loadgen --out-dir results/fastgen --num-clients=1,2,4 --mean-prompt-length=500 --mean-max-new-tokens=60,128 --num-requests=64 --warmup=0 --stream\n",
		"--prompt_length_var 0.1 --max_new_tokens_var 0 --max_prompt_length 100 --out_json_dir out/ --overwrite_results": llama +
			" -- loadgen --out-dir out/fastgen --max-prompt-length=100 --prompt-length-var=0.1 --max-new-tokens-var=0 --overwrite\n",
		"--early_stop_latency 10 --repeat 3 --vllm": strings.Replace(llama, "fastgen", "vllm", 1) +
			" -- loadgen --out-dir results/vllm --early-stop-latency=10 --repeat=3\n",
		"--fp6 --deployment_name mine --seed 7 --extra-body {}": llama + " --fp6 --deployment-name=mine '--extra-body={}' -- loadgen --out-dir results/fastgen --seed=7 '--extra-body={}'\n",
		"--vllm --model microsoft/phi-2 --max_ragged_batch_size 0": "serve-launch --backend vllm --model microsoft/phi-2 --tp-size 1 --max-ragged-batch-size 0 --num-replicas 1" +
			" -- loadgen --out-dir results/vllm\n",
		"--backend openai --openai_api_url http://h:1 --model M": "serve-launch --url http://h:1 --backend openai --model M -- loadgen --out-dir results/openai\n",
		"--backend aml --aml_api_url http://h:1/score --model M --deployment_name D": "serve-launch --url http://h:1/score --backend aml --model M --deployment-name=D" +
			" -- loadgen --out-dir results/aml --deployment-name=D\n",
		"--client_only --vllm --openai_api_url http://h:1 --tp_size 2": "loadgen --out-dir results/vllm --url http://h:1 --backend vllm --model meta-llama/Llama-2-7b-hf --tp-size 2\n",
		"--client_only --stream --quiet":                               "serve-launch status | loadgen --out-dir results/fastgen --stream --quiet\n",
	} {
		stdout, stderr, status := call(append([]string{"--dry_run"}, strings.Fields(args)...)...)
		if stdout != want || stderr != "" || status != 0 {
			t.Errorf("%s: status %d, stderr %q, stdout\n%s\nwant\n%s", args, status, stderr, stdout, want)
		}
	}
}

// The original's default sizes, and both spellings of the 13b model.
func TestSizesOfTheModel(t *testing.T) {
	for model, want := range map[string]int{"meta-llama/Llama-13b-hf": 3, "meta-llama/Llama-2-13b-hf": 3, "tiiuae/falcon-180B": 1, "./Llama-2-70b-chat-hf": 2, "mine": 1} {
		stdout, _, _ := call("--dry_run", "--model", model)
		if got := strings.Count(stdout, "\n"); got != want {
			t.Errorf("%s: %d servers, want %d:\n%s", model, got, want, stdout)
		}
		if strings.Contains(stdout, "/Llama-13b-hf") {
			t.Errorf("%s: two names for one model:\n%s", model, stdout)
		}
	}
}

func TestValuesArePassedOnByteForByte(t *testing.T) {
	stdout, _, status := call("--dry-run", "--engine_args", "--kv_cache 0.8 it's", "--header", "A: b, c", "--header=X_Y: $Z")
	for _, want := range []string{`'--engine-args=--kv_cache 0.8 it'\''s'`, ` -- loadgen --out-dir results/fastgen '--header=A: b, c' '--header=X_Y: $Z'`} {
		if !strings.Contains(stdout, want) || status != 0 {
			t.Errorf("status %d, no %s in\n%s", status, want, stdout)
		}
	}
}

// Whatever cannot be is refused before anything starts, in one name.
func TestRefusals(t *testing.T) {
	for args, want := range map[string]string{
		"--nonsense":                  "flag provided but not defined: -nonsense\n",
		"--num_clientz 1 2":           "flag provided but not defined: -num-clientz\n",
		"results":                     `"results": unexpected operand`,
		"--openai_api_key sk-1":       "--openai_api_key is not supported: every process list would show the key\n                  export OPENAI_API_KEY=...",
		"--aml_api_key=sk-1":          "--aml_api_key is not supported: every process list would show the key\n                  export AML_API_KEY=...",
		"start":                       "start is not supported: a server that outlives the call is serve-launch's\n                  serve-launch start",
		"--log_dir results":           "--log_dir is not supported: it is a flag of the figures",
		"--backend tgi":               `--backend: backend "tgi" is not one of`,
		"--vllm --backend fastgen":    "--vllm is --backend vllm, not --backend fastgen\n",
		"--vllm --fp6":                "--fp6 does not apply to --backend vllm\n",
		"--speed 20":                  "--speed does not apply to --backend fastgen\n",
		"--tp_size 1 two":             `--tp_size: "two" is not a number`,
		"--tp_size 0":                 "--tp_size 0 is below 1\n",
		"--num_requests 0":            "--num_requests 0 is below 1\n",
		"--warmup -1":                 "--warmup -1 is below 0\n",
		"--early_stop_latency x":      `--early_stop_latency "x" is not a number of at least 0`,
		"--prompt_length_var x":       `--prompt_length_var "x" is not a number of at least 0`,
		"--backend openai":            "--backend openai starts nothing, and no address is given\n                  give it with --openai_api_url",
		"--openai_api_url http://h:1": "an address was given, and --backend fastgen starts a server of its own\n                  give --client_only",
		"--url http://h:1 --client_only --openai_api_url http://h:2": "two addresses were given",
		"--backend aml --aml_api_url http://h:1":                     "--model is missing: --backend aml has no default for it\n",
		"--backend aml --aml_api_url http://h:1 --model M":           "--deployment_name is missing: --backend aml has no default for it\n",
		"--backend openai --url http://h:1 --tp_size 1 2":            "--tp_size names 2 servers, and one runs at http://h:1\n",
		"--client_only --fp6":                                        "--fp6 cannot be used with --client_only: the server is already running\n",
	} {
		stdout, stderr, status := call(strings.Fields(args)...)
		if stdout != "" || status != 2 || !strings.HasPrefix(stderr, "run_benchmark.sh: "+want) || strings.Contains(stderr, "sk-1") {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want %q", args, status, stdout, stderr, want)
		}
	}
}

func TestNotes(t *testing.T) {
	_, stderr, _ := call("--dry_run", "--backend", "sim-vllm", "--model", "meta-llama/Llama-13b-hf", "--use_thread", "--deployment_name", "x")
	want := `run_benchmark.sh: --model meta-llama/Llama-13b-hf is meta-llama/Llama-2-13b-hf, as it is called on Hugging Face
run_benchmark.sh: --use_thread has no effect: loadgen's clients always share one process
run_benchmark.sh: --deployment_name is ignored: sim-vllm does not use it
`
	if stderr != want {
		t.Errorf("stderr\n%s", stderr)
	}
}

func TestMissingProgramIsTold(t *testing.T) {
	_, stderr, status := call("--backend", "sim-fastgen")
	if status != 1 || !strings.Contains(stderr, "starting loadgen: ") || !strings.Contains(stderr, "make build puts") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

func TestHelpListsEveryFlagOfTheOriginal(t *testing.T) {
	stdout, _, status := call("-h")
	for _, f := range originals {
		if !strings.Contains(stdout, "\n  --"+f.name+" ") {
			t.Errorf("no --%s", f.name)
		}
	}
	if status != 0 || !strings.HasPrefix(stdout, "run_benchmark.sh - ") {
		t.Errorf("status %d, %.40q", status, stdout)
	}
}
