package backend

import "strconv"

// vllm is `vllm serve` of the engine's environment.
var vllm = Backend{
	Name: "vllm", Options: "host port engine-args python", KeyVariable: "VLLM_API_KEY",
	Needs: func(s Settings) []Need {
		return needModule(s, "vllm", "vllm", "pip install vllm; for a CPU: make engines ENGINES=vllm")
	},
	Command: func(s Settings) (Command, error) {
		python, err := s.python("vllm")
		if err != nil {
			return Command{}, err
		}
		c := Command{Env: append(environment(python), "VLLM_NO_USAGE_STATS=1"),
			Args: []string{python, "-m", "vllm.entrypoints.cli.main", "serve", s.Model,
				"--host", s.Host, "--port", strconv.Itoa(s.Port),
				"--tensor-parallel-size", strconv.Itoa(s.TPSize)}}
		if s.NumReplicas > 1 {
			c.Args = append(c.Args, "--data-parallel-size", strconv.Itoa(s.NumReplicas))
		}
		switch {
		case !s.mentions("enable-prefix-caching"):
			c.Args = append(c.Args, "--no-enable-prefix-caching")
			c.Notes = append(c.Notes, "prefix caching is off; --engine-args --enable-prefix-caching turns it on")
		case !s.mentions("enable-prompt-tokens-details"): // else no answer says what came out of the cache
			c.Args = append(c.Args, "--enable-prompt-tokens-details")
		}
		c.Args = append(s.limit(c.Args, "--max-num-batched-tokens"), s.EngineArgs...)
		return c, nil
	},
}
