package backend

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// fastGen is DeepSpeed-FastGen: MII's persistent deployment, which speaks gRPC.
var fastGen = Backend{
	Name: "fastgen", Options: "port engine-args python fp6 deployment-name", Scheme: "grpc",
	Needs: func(s Settings) []Need {
		needs := needModule(s, "fastgen", "mii", "pip install deepspeed-mii; give --python ENV/bin/python")
		switch {
		case len(needs) > 0 || !s.hasSimulatedMII():
			return append(needs, needGPUs(s)...)
		case !isFolder(s.Model):
			return []Need{{"a GPU engine: the one installed here is simulated and reads only local folders", "give such a folder with --model; or simulate it all: --backend sim-fastgen"}}
		}
		return nil
	},
	Command: miiCommand,
	Ports:   miiPorts,
	Speaks:  "mii",
	Engine:  miiEngine,
	Listen:  func(s Settings) []int { return miiPorts(s)[1 : 1+newMIIPorts(s).ranks] }, // the balancer is up before them
}

// serveMII starts the deployment and then waits for the first of its processes
// to end: mii.serve itself returns and leaves them, and when one dies the rest
// may stay and answer nothing.
const serveMII = `import json,os,sys,mii
mii.serve(**json.loads(sys.argv[1]))
print("ended:",os.wait())`

func miiCommand(s Settings) (Command, error) {
	python, err := s.python("fastgen")
	if err != nil {
		return Command{}, err
	}
	args, err := s.mii()
	if err != nil {
		return Command{}, err
	}
	settings, err := json.Marshal(args)
	if err != nil {
		return Command{}, err
	}
	folder, err := cacheFolder("mii-" + strconv.Itoa(s.Port)) // deployments of one name must not share it
	if err != nil {
		return Command{}, err
	}
	return Command{
		Args:  []string{python, "-c", serveMII, string(settings)},
		Env:   append(environment(python), "PYTHONUNBUFFERED=1", "MII_CACHE_PATH="+folder),
		Notes: []string{"it has no prefix cache to turn off and listens on all interfaces"},
	}, nil
}

// mii are the arguments of mii.serve. Those of the user are name=value, where
// the value is JSON, or else a text: device_map=[[0],[1]] hostfile=/job/hosts.
func (s Settings) mii() (map[string]any, error) {
	ports := newMIIPorts(s)
	args := map[string]any{
		"model_name_or_path": s.Model, "deployment_name": s.DeploymentName,
		"tensor_parallel": s.TPSize, "replica_num": s.NumReplicas,
		"port_number": s.Port, "zmq_port_number": ports.zmq, "torch_dist_port": ports.torch,
	}
	if folder, err := filepath.Abs(s.Model); err == nil && isFolder(folder) {
		args["model_name_or_path"] = folder
	}
	if s.FP6 {
		args["quantization_mode"] = "wf6af16"
	}
	if n := s.MaxRaggedBatchSize; n > 0 {
		state := map[string]int{"max_ragged_batch_size": n, "max_ragged_sequence_count": n}
		if n > 2048 { // as many sequences as MII tracks by default
			state["max_tracked_sequences"] = n
		}
		args["inference_engine_config"] = map[string]any{"state_manager": state}
	}
	for _, given := range s.EngineArgs {
		name, text, ok := strings.Cut(given, "=")
		if !ok {
			return nil, fmt.Errorf("mii.serve takes name=value, not %q", given)
		}
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		args[name] = value
	}
	return args, nil
}

// miiLayout is where a deployment's ports come after its first, the balancer's:
// one a rank, one a replica for ZMQ, and torch's, which MII sets 100 apart.
type miiLayout struct{ ranks, zmq, torch int }

func newMIIPorts(s Settings) miiLayout {
	ranks := s.TPSize * s.NumReplicas
	return miiLayout{ranks, s.Port + ranks + 1, s.Port + ranks + 1 + s.NumReplicas}
}

func miiPorts(s Settings) []int {
	layout := newMIIPorts(s)
	var ports []int
	for port := s.Port; port < layout.torch; port++ {
		ports = append(ports, port)
	}
	for replica := range s.NumReplicas {
		ports = append(ports, layout.torch+100*replica)
	}
	return ports
}

// miiEngine asks the environment: on the wire MII does not say what it is.
func miiEngine(s Settings) (string, error) {
	version, err := s.miiVersion()
	if err != nil {
		return "", err
	}
	engine := strings.TrimSpace("deepspeed-mii " + version)
	if isSimulatedMII(version) {
		engine = "sim-engine in " + engine
	}
	return engine, nil
}

// miiVersion is the version of the environment's MII.
func (s Settings) miiVersion() (string, error) {
	python, err := s.python("fastgen")
	if err != nil {
		return "", err
	}
	return packageVersion(python, "deepspeed-mii")
}

func (s Settings) hasSimulatedMII() bool {
	version, err := s.miiVersion()
	return err == nil && isSimulatedMII(version)
}

// isSimulatedMII reports whether an environment's MII has its GPU engine
// replaced by a simulated one. Whoever replaces it puts the local label
// "simulated" after the package's version, as in 0.3.3+simulated.
func isSimulatedMII(version string) bool {
	_, label, _ := strings.Cut(version, "+")
	return slices.Contains(strings.Split(label, "."), "simulated")
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
