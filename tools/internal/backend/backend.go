// Package backend holds the differences between the servers that can be started:
// command line, requirements, ports and protocol. One file per backend.
package backend

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Settings describe the server to start, in the original suite's terms.
type Settings struct {
	Model              string
	Host               string
	Port               int
	TPSize             int
	NumReplicas        int
	MaxRaggedBatchSize int // tokens a forward pass; 0 leaves it to the engine
	FP6                bool
	DeploymentName     string
	// Python is the interpreter of the engine's environment; "" has it looked for.
	Python string
	// EngineArgs go to the engine as they are, after all others.
	EngineArgs []string
	// URL is the address of a server that is not ours to start.
	URL string
	// HasKey reports that there is an API key.
	HasKey bool
	// Sim is for the simulated backends only.
	Sim Sim
}

// Sim says what a simulated server pretends to be.
type Sim struct {
	Hardware         string
	TFLOPS, GBps, GB float64 // of a GPU that is not one of the known; 0 is not given
	Speed            float64 // virtual seconds per second; 0 is not given: lockstep
	Policy           string  // "" is the backend's own
	Truth            string  // file for the true time of every token
}

// Command is how a server is started.
type Command struct {
	// Args is the command line, Env what is added to the environment.
	Args, Env []string
	// Notes report what was decided for the user, such as a cache turned off.
	Notes []string
}

// Backend is a kind of server.
type Backend struct {
	Name string
	// Options are the options that not every backend understands and this one
	// does, separated by spaces; Required are those whose default would be a guess.
	Options, Required string
	// KeyVariable is the environment variable that the engine itself, or its
	// service, calls its API key; "" when it has none.
	KeyVariable string
	// Needs lists what lacks to run it here, nothing when all is there.
	Needs func(Settings) []Need
	// Command is how to start it; nil where the server is external. Its
	// error is a setting that this engine cannot have.
	Command func(Settings) (Command, error)
	// Ports are the ports it listens on, counted from Settings.Port; nil is
	// that one alone.
	Ports func(Settings) []int
	// Scheme is that of its address, "" is http.
	Scheme string
	// Speaks is the protocol of its servers, as dialect.New names them; "" is openai.
	Speaks string
	// FixedModel reports that its servers take requests under the very name that
	// they were started with, whatever they list.
	FixedModel bool
	// Listen are the ports that take connections when the server is up, beside
	// Settings.Port; nil is none.
	Listen func(Settings) []int
	// Engine is the engine's name and version in its environment, for servers
	// that do not say what they are; nil is for those that do.
	Engine func(Settings) (string, error)
}

// Protocol is the protocol of the backend's servers.
func (b Backend) Protocol() string { return cmp.Or(b.Speaks, "openai") }

// backends in the order in which they are listed.
var backends = []Backend{simFastGen, simVLLM, fastGen, vllm, sglang, llamaCPP, trtllm, transformers, openAI, aml}

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
	return Backend{}, fmt.Errorf("backend %q is not one of %s", name, strings.Join(Names(), ", "))
}

// Takes reports whether an option means something to the backend. Options that
// no backend claims mean something to all.
func (b Backend) Takes(option string) bool {
	claims := func(b Backend) bool { return slices.Contains(strings.Fields(b.Options), option) }
	return claims(b) || !slices.ContainsFunc(backends, claims)
}

// mentions reports whether the user's own flags for the engine speak of
// something, which then is for them to decide.
func (s Settings) mentions(what string) bool {
	return slices.ContainsFunc(s.EngineArgs, func(arg string) bool { return strings.Contains(arg, what) })
}

// limit appends a flag for the token budget of a forward pass, unless that is
// left to the engine.
func (s Settings) limit(args []string, flag string) []string {
	if s.MaxRaggedBatchSize == 0 {
		return args
	}
	return append(args, flag, fmt.Sprint(s.MaxRaggedBatchSize))
}

// oneCopy is the error of a setting that engines without replicas cannot have.
func (s Settings) oneCopy(engine string) error {
	if s.NumReplicas > 1 {
		return fmt.Errorf("%s serves one copy of a model, not --num-replicas %d", engine, s.NumReplicas)
	}
	return nil
}
