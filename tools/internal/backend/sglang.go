package backend

import "strconv"

// sglang is SGLang's own server.
var sglang = Backend{
	Name: "sglang", Options: "host port engine-args python",
	Needs: func(s Settings) []Need {
		return append(needModule(s, "sglang", "sglang", "pip install sglang; give --python ENV/bin/python"), needGPUs(s)...)
	},
	Command: func(s Settings) (Command, error) {
		python, err := s.python("sglang")
		if err != nil {
			return Command{}, err
		}
		c := Command{Env: environment(python),
			Args: []string{python, "-m", "sglang.launch_server", "--model-path", s.Model,
				"--host", s.Host, "--port", strconv.Itoa(s.Port),
				"--tensor-parallel-size", strconv.Itoa(s.TPSize), "--data-parallel-size", strconv.Itoa(s.NumReplicas)}}
		if !s.mentions("radix-cache") && !s.mentions("enable-cache-report") {
			c.Args = append(c.Args, "--disable-radix-cache")
			c.Notes = append(c.Notes, "the radix (prefix) cache is off; --engine-args --enable-cache-report turns it on and has it counted")
		}
		c.Args = append(s.limit(c.Args, "--chunked-prefill-size"), s.EngineArgs...)
		return c, nil
	},
}
