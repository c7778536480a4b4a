// Package backend knows what differs between the servers that can be started:
// the command line, what it needs to run here, and how to find out that the
// server answers and what it is. One file a backend.
package backend

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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
	// Python is the interpreter of the engine's environment; "" has it looked for.
	Python string
	// EngineArgs go to the engine as they are, behind all others.
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
	Hardware         string
	TFLOPS, GBps, GB float64 // of a GPU that is none of the known; 0 is not given
	Speed            float64 // virtual seconds a second
	Policy           string  // "" is the backend's own
	Truth            string  // file for the true time of every token
}

// Command is how a server is started.
type Command struct {
	// Args is the command line, Env what is added to the environment.
	Args, Env []string
	// Notes tell what was decided for the user, such as a cache turned off.
	Notes []string
}

// Backend is a kind of server.
type Backend struct {
	Name string
	// Options are the options that not every backend understands and this one
	// does, parted by spaces; Required are those whose default would be a guess.
	Options, Required string
	// KeyVariable is the environment variable that the engine itself, or its
	// service, calls its API key; "" when it has none.
	KeyVariable string
	// Needs lists what lacks to run it here, nothing when all is there.
	Needs func(Settings) []Need
	// Command is how to start it; nil where the server is somebody else's. Its
	// error is a setting that this engine cannot have.
	Command func(Settings) (Command, error)
	// Ports are the ports it listens on, counted from Settings.Port; nil is
	// that one alone.
	Ports func(Settings) []int
	// Scheme is that of its address, "" is http.
	Scheme string
	// Ask is how the server at an address is asked; nil is by OpenAI's protocol.
	Ask func(s Settings, url string, client *http.Client) Server
}

// Server is a server that can be asked.
type Server interface {
	// Ready returns nil when a request of one token completes, which alone
	// proves that a server is ready.
	Ready(ctx context.Context) error
	// Identify tells what a ready server is.
	Identify(ctx context.Context) (Identity, error)
}

// backends in the order in which they are listed.
var backends = []Backend{simFastGen, simVLLM, fastGen, vllm, sglang, llamaCPP, trtllm, transformers, openAI, aml}

// All lists the backends.
func All() []Backend { return slices.Clone(backends) }

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

// Takes reports whether an option means something to the backend. Options that
// no backend claims mean something to all.
func (b Backend) Takes(option string) bool {
	claims := func(b Backend) bool { return slices.Contains(strings.Fields(b.Options), option) }
	return claims(b) || !slices.ContainsFunc(backends, claims)
}

// Simulated reports whether nothing but time is generated.
func (b Backend) Simulated() bool { return strings.HasPrefix(b.Name, "sim-") }

// Server returns how to ask the backend's server at url. What speaks HTTP does
// it through client, whose connections are the caller's to close.
func (b Backend) Server(s Settings, url string, client *http.Client) Server {
	if b.Ask != nil {
		return b.Ask(s, url, client)
	}
	return named{Probe{URL: url, Model: s.Model, APIKey: s.APIKey, Client: client}, b.Name}
}

// named is a Probe that knows what to call a server that does not say.
type named struct {
	Probe
	name string
}

func (n named) Identify(ctx context.Context) (Identity, error) { return n.Probe.Identify(ctx, n.name) }

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
