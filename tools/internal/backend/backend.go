// Package backend knows what differs between the servers that can be started:
// the command line, what it needs to run here, and how to find out that the
// server answers and what it is. One file a backend.
package backend

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Settings say which server is wanted, in the original suite's words.
type Settings struct {
	Model              string
	Host               string
	Port               int
	TPSize             int
	NumReplicas        int
	MaxRaggedBatchSize int // tokens a forward pass; 0 leaves it to the engine
	FP6                bool
	DeploymentName     string
	// Python is the interpreter of the engine's environment, "" for the one in PATH.
	Python string
	// EngineArgs go to the engine as they are.
	EngineArgs []string
	// URL is the address of a server that is not ours to start.
	URL string
	// APIKey is sent with each request, never on a command line.
	APIKey string
	// Sim is for the simulated backends only.
	Sim Sim
}

// Sim says what a simulated server pretends to be.
type Sim struct {
	Hardware           string
	TFLOPS, GBps, GB   float64
	Speed              float64
	Policy             string // "" is the backend's own
	Truth, ModelConfig string
}

// Backend is a kind of server.
type Backend struct {
	Name string
	// Needs lists what must be there to run it here, empty when all is.
	Needs func(Settings) []Need
	// Command is the command line and environment of the server; nil where
	// the server is somebody else's.
	Command func(Settings) (args, env []string, err error)
	// Note tells what was decided for the user, such as a cache turned off.
	Note string
	// HealthPath answers when the server is up, before a request is tried.
	HealthPath string
}

// Need is something that lacks, and what would bring it.
type Need struct{ Lacks, Cure string }

func (n Need) String() string { return n.Lacks + "; " + n.Cure }

// backends in the order in which they are listed.
var backends = []Backend{simFastGen, simVLLM, fastGen, vllm, sglang, llamaCPP, trtllm, openAI, aml}

// All lists the backends.
func All() []Backend { return append([]Backend(nil), backends...) }

// Names lists the backends' names.
func Names() []string {
	var names []string
	for _, b := range backends {
		names = append(names, b.Name)
	}
	return names
}

// Lookup finds a backend by its name.
func Lookup(name string) (Backend, error) {
	for _, b := range backends {
		if b.Name == name {
			return b, nil
		}
	}
	return Backend{}, fmt.Errorf("backend %q is none of %s", name, strings.Join(Names(), ", "))
}

// lookPath finds a program beside this one or in PATH.
func lookPath(name string) (string, error) {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside, nil
		}
	}
	return exec.LookPath(name)
}

func needProgram(name, cure string) []Need {
	if _, err := lookPath(name); err != nil {
		return []Need{{"no " + name + " beside this program or in PATH", cure}}
	}
	return nil
}

// needGPUs asks for as many NVIDIA GPUs as the settings spread over.
func needGPUs(s Settings) []Need {
	want := max(1, s.TPSize) * max(1, s.NumReplicas)
	if have := len(gpus()); have < want {
		return []Need{{fmt.Sprintf("%d GPUs of the %d it takes", have, want), "run it where they are, or simulate: --backend sim-fastgen"}}
	}
	return nil
}

// needModule asks for a Python module in the engine's environment.
func needModule(s Settings, module, cure string) []Need {
	python, err := python(s)
	if err != nil {
		return []Need{{err.Error(), "give the engine's interpreter with --python"}}
	}
	find := "import importlib.util,sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
	if err := exec.Command(python, "-c", find, module).Run(); err != nil {
		return []Need{{"no Python module " + module + " in " + python, cure}}
	}
	return nil
}

func python(s Settings) (string, error) {
	if s.Python == "" {
		return exec.LookPath("python3")
	}
	return exec.LookPath(s.Python)
}
