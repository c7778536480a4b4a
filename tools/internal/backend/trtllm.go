package backend

import "strconv"

// trtllm is trtllm-serve, whose flags have underscores.
var trtllm = Backend{
	Name: "trtllm", HealthPath: "/health",
	Needs: func(s Settings) []Need {
		return append(needProgram("trtllm-serve", "pip install tensorrt-llm"), needGPUs(s)...)
	},
	Command: func(s Settings) ([]string, []string, error) {
		server, err := lookPath("trtllm-serve")
		if err != nil {
			return nil, nil, err
		}
		args := []string{server, s.Model, "--host", s.Host, "--port", strconv.Itoa(s.Port), "--tp_size", strconv.Itoa(s.TPSize)}
		if s.MaxRaggedBatchSize > 0 {
			args = append(args, "--max_num_tokens", strconv.Itoa(s.MaxRaggedBatchSize))
		}
		return append(args, s.EngineArgs...), nil, nil
	},
}
