package backend

import "errors"

// fastGen is DeepSpeed-FastGen, MII's persistent deployment.
var fastGen = Backend{
	Name: "fastgen",
	Needs: func(s Settings) []Need {
		needs := []Need{{"MII's gRPC protocol, which these tools do not speak yet", "simulate: --backend sim-fastgen"}}
		needs = append(needs, needModule(s, "mii", "pip install deepspeed-mii, or --python ENV/bin/python")...)
		return append(needs, needGPUs(s)...)
	},
	Command: func(Settings) ([]string, []string, error) {
		return nil, nil, errors.New("fastgen cannot be started yet: these tools do not speak MII's gRPC")
	},
}
