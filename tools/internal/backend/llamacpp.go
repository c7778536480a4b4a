package backend

import (
	"os"
	"strconv"
)

// llamaCPP is llama.cpp's own server; the model is a GGUF file.
var llamaCPP = Backend{
	Name: "llamacpp", HealthPath: "/health",
	Needs: func(Settings) []Need {
		if os.Getenv("LLAMA_SERVER") != "" {
			return nil
		}
		return needProgram("llama-server", "make engines ENGINES=llamacpp, or set LLAMA_SERVER to the program")
	},
	Note: "prompt caching is off",
	Command: func(s Settings) ([]string, []string, error) {
		server := os.Getenv("LLAMA_SERVER")
		if server == "" {
			var err error
			if server, err = lookPath("llama-server"); err != nil {
				return nil, nil, err
			}
		}
		args := []string{server, "-m", s.Model, "--host", s.Host, "--port", strconv.Itoa(s.Port), "--no-cache-prompt", "--metrics"}
		if s.MaxRaggedBatchSize > 0 {
			args = append(args, "-b", strconv.Itoa(s.MaxRaggedBatchSize))
		}
		return append(args, s.EngineArgs...), nil, nil
	},
}
