package backend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// workplace is a machine on which every engine's program is there.
func workplace(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"sim-engine", "llama-server", "trtllm-serve", "python3"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	for _, variable := range []string{"LLAMA_SERVER", "VLLM_PYTHON", "SGLANG_PYTHON", "FASTGEN_PYTHON", "TRTLLM_PYTHON", "TRANSFORMERS_PYTHON"} {
		t.Setenv(variable, "")
	}
	return dir
}

func settings() Settings {
	return Settings{Model: "M", Host: "127.0.0.1", Port: 8000, TPSize: 1, NumReplicas: 1, MaxRaggedBatchSize: 768,
		DeploymentName: "d", Sim: Sim{Hardware: "A6000", Speed: 20}}
}

func TestCommands(t *testing.T) {
	dir := workplace(t)
	for _, c := range []struct {
		backend string
		change  func(*Settings)
		want    string
	}{
		{"sim-fastgen", func(*Settings) {}, "D/sim-engine --policy fastgen --model M --host 127.0.0.1 --port 8000 --tp-size 1 --num-replicas 1 --hardware A6000 --speed 20 --max-ragged-batch-size 768"},
		{"sim-vllm", func(s *Settings) {
			s.Sim.Policy, s.Sim.TFLOPS, s.Sim.GBps, s.Sim.GB, s.FP6, s.Sim.Truth = "vllm", 100, 900.5, 48, true, "t.csv"
		}, "D/sim-engine --policy vllm --model M --host 127.0.0.1 --port 8000 --tp-size 1 --num-replicas 1 --hardware A6000 --speed 20 --tflops 100 --gbps 900.5 --gb 48 --truth t.csv --fp6 --max-ragged-batch-size 768"},
		{"sim-vllm", func(s *Settings) { s.MaxRaggedBatchSize, s.Sim.Speed = 0, 0 }, "D/sim-engine --policy vllm-0.2 --model M --host 127.0.0.1 --port 8000 --tp-size 1 --num-replicas 1 --hardware A6000"},
		{"sim-vllm", func(s *Settings) { s.EngineArgs = []string{"--enable-prefix-caching"} }, "D/sim-engine --policy vllm --model M --host 127.0.0.1 --port 8000 --tp-size 1 --num-replicas 1 --hardware A6000 --speed 20 --max-ragged-batch-size 768 --enable-prefix-caching"},
		{"vllm", func(*Settings) {}, "D/python3 -m vllm.entrypoints.cli.main serve M --host 127.0.0.1 --port 8000 --tensor-parallel-size 1 --no-enable-prefix-caching --max-num-batched-tokens 768"},
		{"vllm", func(s *Settings) {
			s.TPSize, s.NumReplicas, s.MaxRaggedBatchSize = 2, 4, 0
			s.EngineArgs = []string{"--enable-prefix-caching", "--load-format", "dummy"}
		}, "D/python3 -m vllm.entrypoints.cli.main serve M --host 127.0.0.1 --port 8000 --tensor-parallel-size 2 --data-parallel-size 4 --enable-prompt-tokens-details --enable-prefix-caching --load-format dummy"},
		{"sglang", func(s *Settings) { s.MaxRaggedBatchSize, s.EngineArgs = 0, []string{"--enable-cache-report"} }, "D/python3 -m sglang.launch_server --model-path M --host 127.0.0.1 --port 8000 --tensor-parallel-size 1 --data-parallel-size 1 --enable-cache-report"},
		{"sglang", func(s *Settings) { s.TPSize = 2 }, "D/python3 -m sglang.launch_server --model-path M --host 127.0.0.1 --port 8000 --tensor-parallel-size 2 --data-parallel-size 1 --disable-radix-cache --chunked-prefill-size 768"},
		{"llamacpp", func(*Settings) {}, "D/llama-server -m M --host 127.0.0.1 --port 8000 --metrics -sm none --no-cache-prompt -b 768"},
		{"llamacpp", func(s *Settings) { s.TPSize = 3; s.EngineArgs = []string{"-t", "1"} }, "D/llama-server -m M --host 127.0.0.1 --port 8000 --metrics -sm row -ts 1,1,1 --no-cache-prompt -b 768 -t 1"},
		{"trtllm", func(*Settings) {}, "D/trtllm-serve M --host 127.0.0.1 --port 8000 --tp_size 1 --max_num_tokens 768 --enable_chunked_prefill --extra_llm_api_options D/serve-launch/trtllm/no-block-reuse.yaml"},
		{"transformers", func(*Settings) {}, "D/python3 -c from transformers.cli.transformers import main; main() serve M --continuous-batching --host 127.0.0.1 --port 8000 --cb-max-batch-tokens 768"},
		{"transformers", func(s *Settings) { s.MaxRaggedBatchSize = 0; s.EngineArgs = []string{"--cb-num-blocks", "64"} }, "D/python3 -c from transformers.cli.transformers import main; main() serve M --continuous-batching --host 127.0.0.1 --port 8000 --cb-num-blocks 64"},
		{"trtllm", func(s *Settings) { s.MaxRaggedBatchSize = 0; s.EngineArgs = []string{"--config", "f.yaml"} }, "D/trtllm-serve M --host 127.0.0.1 --port 8000 --tp_size 1 --config f.yaml"},
	} {
		s := settings()
		c.change(&s)
		b, err := Lookup(c.backend)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time must not remember the first
			got, err := b.Command(s)
			if line := strings.ReplaceAll(strings.Join(got.Args, " "), dir, "D"); err != nil || line != c.want {
				t.Errorf("%s: %v\n%s\nwant\n%s", c.backend, err, line, c.want)
			}
		}
	}
}

func TestFastGenCommand(t *testing.T) {
	dir := workplace(t)
	s := settings()
	s.Model, s.TPSize, s.NumReplicas, s.MaxRaggedBatchSize, s.FP6 = dir, 2, 2, 4096, true
	s.EngineArgs = []string{"device_map=[[0,1],[2,3]]", "hostfile=/job/hosts"}
	got, err := fastGen.Command(s)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"deployment_name":"d","device_map":[[0,1],[2,3]],"hostfile":"/job/hosts",` +
		`"inference_engine_config":{"state_manager":{"max_ragged_batch_size":4096,"max_ragged_sequence_count":4096,"max_tracked_sequences":4096}},` +
		`"model_name_or_path":"` + dir + `","port_number":8000,"quantization_mode":"wf6af16","replica_num":2,"tensor_parallel":2,"torch_dist_port":8007,"zmq_port_number":8005}`
	if last := got.Args[len(got.Args)-1]; last != want {
		t.Errorf("%s\nwant\n%s", last, want)
	}
	if !strings.HasPrefix(got.Env[0], "PATH="+dir+":") {
		t.Errorf("deepspeed is looked for in %s", got.Env[0])
	}
	if ports := fastGen.Ports(s); !slices.Equal(ports, []int{8000, 8001, 8002, 8003, 8004, 8005, 8006, 8007, 8107}) {
		t.Errorf("ports %v", ports)
	}
	s.EngineArgs = []string{"--max-length"}
	if _, err := fastGen.Command(s); err == nil {
		t.Error("a flag passed for name=value")
	}
}

func TestSettingsThatAnEngineCannotHave(t *testing.T) {
	workplace(t)
	s := settings()
	s.NumReplicas = 2
	for _, b := range []Backend{llamaCPP, trtllm, transformers} {
		if _, err := b.Command(s); err == nil || !strings.Contains(err.Error(), "one copy") {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
	for option, takers := range map[string]string{
		"fp6": "sim-fastgen sim-vllm fastgen", "speed": "sim-fastgen sim-vllm", "url": "openai aml",
		"python": "fastgen vllm sglang trtllm transformers", "deployment-name": "fastgen aml",
		"engine-args": "sim-fastgen sim-vllm fastgen vllm sglang llamacpp trtllm transformers", "model": strings.Join(Names(), " "),
	} {
		for _, b := range backends {
			if got, want := b.Takes(option), slices.Contains(strings.Fields(takers), b.Name); got != want {
				t.Errorf("%s takes --%s: %v", b.Name, option, got)
			}
		}
	}
}

func TestKeysReachNoCommandLine(t *testing.T) {
	workplace(t)
	s := settings()
	t.Setenv("OPENAI_API_KEY", "sk-secret")
	s.HasKey = true
	for _, b := range backends {
		if b.Command == nil {
			continue
		}
		c, err := b.Command(s)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(append(append(c.Args, c.Env...), c.Notes...), " "), "sk-secret") {
			t.Errorf("%s: %q", b.Name, c)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, variable := range []string{"LLAMA_SERVER", "VLLM_PYTHON", "SGLANG_PYTHON", "FASTGEN_PYTHON", "TRTLLM_PYTHON", "TRANSFORMERS_PYTHON"} {
		t.Setenv(variable, "")
	}
	for _, b := range backends {
		needs := b.Needs(settings())
		if len(needs) == 0 || needs[0].Missing == "" || needs[0].Hint == "" {
			t.Errorf("%s on an empty machine needs %v", b.Name, needs)
		}
	}
	s := settings()
	s.URL, s.HasKey = "http://host", true
	for _, b := range []Backend{openAI, aml} {
		if needs := b.Needs(s); len(needs) > 0 {
			t.Errorf("%s: %v", b.Name, needs)
		}
	}
}

// An interpreter is looked for in a fixed order, and one that was asked for
// and is not there is not replaced in silence.
func TestInterpreter(t *testing.T) {
	dir := workplace(t)
	s := settings()
	for _, step := range []struct {
		flag, variable, want, err string
	}{
		{"", "", dir + "/python3", ""},
		{"", dir + "/llama-server", dir + "/llama-server", ""},
		{dir + "/sim-engine", dir + "/llama-server", dir + "/sim-engine", ""},
		{"", "/no/such/python", "", "no interpreter /no/such/python"},
		{"/nor/this", dir + "/llama-server", "", "no interpreter /nor/this"},
	} {
		s.Python = step.flag
		t.Setenv("VLLM_PYTHON", step.variable)
		got, err := s.python("vllm")
		if got != step.want || (err != nil || step.err != "") && (err == nil || err.Error() != step.err) {
			t.Errorf("%+v: %q, %v", step, got, err)
		}
	}
}

// A driver's list is what the script says; CUDA_VISIBLE_DEVICES narrows it.
func TestHardware(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\ncase \"$*\" in *--id=0*) echo NVIDIA L4;; *) echo NVIDIA A100-SXM4-80GB; echo NVIDIA A100-SXM4-80GB;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "nvidia-smi"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	s := settings()
	t.Setenv("CUDA_VISIBLE_DEVICES", "0")
	if got := Hardware(s); got != "L4" {
		t.Errorf("one GPU: %s", got)
	}
	t.Setenv("CUDA_VISIBLE_DEVICES", "")
	if got := Hardware(s); !strings.HasPrefix(got, "CPU ") || len(needGPUs(s)) == 0 {
		t.Errorf("all GPUs hidden: %s", got)
	}
	os.Unsetenv("CUDA_VISIBLE_DEVICES")
	s.TPSize, s.NumReplicas = 2, 1
	if got := Hardware(s); got != "2xA100-SXM4-80GB" || len(needGPUs(s)) > 0 {
		t.Errorf("two GPUs: %s", got)
	}
	s.NumReplicas = 4
	if needs := needGPUs(s); len(needs) != 1 || needs[0].Missing != "2 of the 8 GPUs it takes" {
		t.Errorf("eight of two: %v", needs)
	}
}

func TestWords(t *testing.T) {
	for line, want := range map[string][]string{
		"":                          nil,
		" -t 1\t-c  8192 ":          {"-t", "1", "-c", "8192"},
		`--x '{"a": "b c"}' ""`:     {"--x", `{"a": "b c"}`, ""},
		`a\ b "c\"d" 'e\f' g"h i"j`: {"a b", `c"d`, `e\f`, "gh ij"},
	} {
		if got, err := SplitArgs(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for _, bad := range []string{`"a`, `'a`, `a\`} {
		if got, err := SplitArgs(bad); err == nil {
			t.Errorf("%s passed as %q", bad, got)
		}
	}
}

// What is quoted comes back as it was.
func FuzzWords(f *testing.F) {
	f.Add("a b", `c"d'\`)
	f.Fuzz(func(t *testing.T, a, b string) {
		a, b = strings.ToValidUTF8(a, ""), strings.ToValidUTF8(b, "")
		quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
		if got, err := SplitArgs(quote(a) + " " + quote(b)); err != nil || !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q %q became %q, %v", a, b, got, err)
		}
	})
}
