package backend

import (
	"os"
	"slices"
	"strconv"
	"strings"
)

// llamaCPP is llama.cpp's own server; the model is a GGUF file.
var llamaCPP = Backend{
	Name: "llamacpp", Options: "host port engine-args", KeyVariable: "LLAMA_API_KEY",
	Needs: func(s Settings) []Need {
		needs := needProgram(llamaServer, "make engines ENGINES=llamacpp; or set LLAMA_SERVER to the program")
		if s.TPSize > 1 {
			needs = append(needs, needGPUs(s)...)
		}
		return needs
	},
	Command: func(s Settings) (Command, error) {
		server, err := llamaServer()
		if err != nil {
			return Command{}, err
		}
		if err := s.oneCopy("llama-server"); err != nil {
			return Command{}, err
		}
		c := Command{Args: []string{server, "-m", s.Model, "--host", s.Host, "--port", strconv.Itoa(s.Port), "--metrics"}}
		if s.TPSize > 1 { // over the first GPUs, by rows of the weights
			c.Args = append(c.Args, "-sm", "row", "-ts", strings.Join(slices.Repeat([]string{"1"}, s.TPSize), ","))
		} else { // by default it takes all GPUs that there are
			c.Args = append(c.Args, "-sm", "none")
		}
		if !s.mentions("cache-prompt") {
			c.Args = append(c.Args, "--no-cache-prompt")
			c.Env = append(c.Env, "LLAMA_ARG_CACHE_RAM=0") // nor are idle slots kept; older servers know no flag for it
			c.Notes = append(c.Notes, "prompt (prefix) caching is off; --engine-args --cache-prompt turns it on")
		}
		c.Args = append(s.limit(c.Args, "-b"), s.EngineArgs...)
		return c, nil
	},
}

// llamaServer is $LLAMA_SERVER, else the one that `make engines` made, else
// the one in PATH.
func llamaServer() (string, error) {
	for _, path := range []string{os.Getenv("LLAMA_SERVER"), installed("llamacpp", "bin/llama-server")} {
		if path != "" {
			return lookPath(path)
		}
	}
	return lookPath("llama-server")
}
