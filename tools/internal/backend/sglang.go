package backend

import "strconv"

var sglang = Backend{
	Name: "sglang", HealthPath: "/health",
	Needs: func(s Settings) []Need {
		return append(needModule(s, "sglang", "pip install sglang, or --python ENV/bin/python"), needGPUs(s)...)
	},
	Note: "the radix (prefix) cache is off",
	Command: func(s Settings) ([]string, []string, error) {
		python, err := python(s)
		if err != nil {
			return nil, nil, err
		}
		args := []string{python, "-m", "sglang.launch_server", "--model-path", s.Model,
			"--host", s.Host, "--port", strconv.Itoa(s.Port),
			"--tensor-parallel-size", strconv.Itoa(s.TPSize), "--data-parallel-size", strconv.Itoa(s.NumReplicas),
			"--disable-radix-cache"}
		if s.MaxRaggedBatchSize > 0 {
			args = append(args, "--chunked-prefill-size", strconv.Itoa(s.MaxRaggedBatchSize))
		}
		return append(args, s.EngineArgs...), nil, nil
	},
}
