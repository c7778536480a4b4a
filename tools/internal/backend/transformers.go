package backend

import (
	"fmt"
	"strconv"
	"strings"
)

// transformers is `transformers serve`, Hugging Face's own server, with
// continuous batching.
var transformers = Backend{
	Name: "transformers", Options: "host port engine-args python",
	Needs: func(s Settings) []Need {
		const hint = "pip install 'transformers[serving]' and give --python ENV/bin/python; or make engines ENGINES=transformers"
		for _, module := range []string{"torch", "accelerate", "fastapi", "uvicorn", "openai", "transformers.cli.serving"} {
			if needs := needModule(s, "transformers", module, hint); len(needs) > 0 {
				return needs
			}
		}
		return nil
	},
	Command: func(s Settings) (Command, error) {
		python, err := s.python("transformers")
		if err != nil {
			return Command{}, err
		}
		if err := s.oneCopy("transformers serve"); err != nil {
			return Command{}, err
		}
		if s.TPSize > 1 {
			return Command{}, fmt.Errorf("transformers serve has no tensor parallelism, so no --tp-size %d", s.TPSize)
		}
		c := Command{Env: environment(python),
			Args: []string{python, "-c", "from transformers.cli.transformers import main; main()", "serve", s.Model,
				"--continuous-batching", "--host", s.Host, "--port", strconv.Itoa(s.Port)},
			Notes: []string{"equal prefixes of prompts share their cache, and no flag turns that off"}}
		if len(gpus()) > 1 { // by itself it would lay the layers out over all of them, one GPU at work at a time
			c.Args = append(c.Args, "--device", "cuda:0")
		}
		if isFolder(s.Model) {
			c.Env = append(c.Env, "HF_HUB_OFFLINE=1")
		}
		c.Args = append(s.limit(c.Args, "--cb-max-batch-tokens"), s.EngineArgs...)
		return c, nil
	},
	FixedModel: true, // it lists something else: the models in the user's cache
	Engine: func(s Settings) (string, error) {
		python, err := s.python("transformers")
		if err != nil {
			return "", err
		}
		version, err := packageVersion(python, "transformers")
		return strings.TrimSpace("transformers " + version), err
	},
}
