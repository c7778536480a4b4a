package backend

import (
	"os"
	"path/filepath"
	"strconv"
)

// trtllm is trtllm-serve, whose flags have underscores.
var trtllm = Backend{
	Name: "trtllm", Options: "host port engine-args python",
	Needs: func(s Settings) []Need {
		return append(needProgram(s.trtllmServe, "pip install tensorrt-llm; give --python ENV/bin/python"), needGPUs(s)...)
	},
	Command: func(s Settings) (Command, error) {
		serve, err := s.trtllmServe()
		if err != nil {
			return Command{}, err
		}
		if err := s.oneCopy("trtllm-serve"); err != nil {
			return Command{}, err
		}
		c := Command{Env: environment(serve), Args: []string{serve, s.Model,
			"--host", s.Host, "--port", strconv.Itoa(s.Port), "--tp_size", strconv.Itoa(s.TPSize)}}
		if s.MaxRaggedBatchSize > 0 { // a prompt longer than the budget is refused unless it may come in chunks
			c.Args = append(s.limit(c.Args, "--max_num_tokens"), "--enable_chunked_prefill")
		}
		if !s.mentions("--config") && !s.mentions("--extra_llm_api_options") {
			file, err := noBlockReuse()
			if err != nil {
				return Command{}, err
			}
			c.Args = append(c.Args, "--extra_llm_api_options", file)
			c.Notes = append(c.Notes, "block (prefix) reuse is off; a --config of yours in --engine-args decides itself")
		}
		c.Args = append(c.Args, s.EngineArgs...)
		return c, nil
	},
}

// trtllmServe is the program beside the engine's interpreter, else in PATH.
func (s Settings) trtllmServe() (string, error) {
	if python, err := s.python("trtllm"); err == nil {
		if beside := filepath.Join(filepath.Dir(python), "trtllm-serve"); isProgram(beside) {
			return beside, nil
		}
	}
	return lookPath("trtllm-serve")
}

// noBlockReuse writes the one setting that trtllm-serve has no flag for, and
// returns its file, which is always the same.
func noBlockReuse() (string, error) {
	folder, err := cacheFolder("trtllm")
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "no-block-reuse.yaml")
	return file, os.WriteFile(file, []byte("kv_cache_config:\n  enable_block_reuse: false\n"), 0o600)
}
