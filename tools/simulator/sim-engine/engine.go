package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/openai"
	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// pacePolicy is the policy without an engine.
const pacePolicy = "pace"

// What a paced server says of a model that it does not know.
const (
	paceVocab   = 32000
	paceContext = 1 << 17
)

// engineVersion is this simulation's version: raised when its figures change.
const engineVersion = "0.2"

// setEngine reads what is simulated. For a pace the model gives vocabulary and
// context alone, and need not be known.
func (o *options) setEngine(c *cli.Context) error {
	model, err := readModel(o.model)
	if o.policy == pacePolicy {
		o.vocab, o.hardware = paceVocab, "none"
		o.setContext(paceContext)
		if err == nil {
			o.vocab = model.Vocab
		}
		return nil
	}
	if err != nil {
		return cmdline.WithHint(cmdline.Usagef("--model: %v", err), "give a folder that has its config.json")
	}
	if !slices.Contains(sim.Policies(), o.policy) {
		return cmdline.Usagef("--policy %q is not one of %s, %s", o.policy, strings.Join(sim.Policies(), ", "), pacePolicy)
	}
	o.setContext(model.Context)
	model.Context = o.maxModelLen
	if c.Bool("fp6") {
		model.WeightBits = 6
	}
	gpu, err := readHardware(c)
	if err != nil {
		return err
	}
	o.vocab, o.hardware = model.Vocab, gpu.Name
	if n := o.tp * o.replicas; n > 1 {
		o.hardware = fmt.Sprintf("%dx%s", n, gpu.Name)
	}
	o.simulated = sim.Config{Model: model, Hardware: gpu, TP: o.tp, Policy: o.policy, MaxBatchedTokens: o.budget, MaxSeqs: c.Int("max-num-seqs")}
	o.setKV(c)
	if err := o.calibrate(c.String("calibration")); err != nil {
		return err
	}
	return o.tryEngine()
}

// calibrate changes the constants of the model; an empty text is no change.
func (o *options) calibrate(text string) error {
	if text == "" {
		return nil
	}
	base, err := sim.DefaultCalibration(o.simulated.Hardware, o.policy)
	if err != nil {
		return err
	}
	if o.simulated.Calibration, err = sim.ParseCalibration(base, text); err != nil {
		return cmdline.Usagef("--calibration: %v", err)
	}
	o.predicted = true
	return nil
}

// setContext takes a model's context where none was given.
func (o *options) setContext(context int) {
	if o.maxModelLen == 0 {
		o.maxModelLen = context
	}
}

// tryEngine makes an engine to learn whether it can be, and what it then uses.
func (o *options) tryEngine() error {
	e, err := sim.New(o.simulated)
	if err != nil {
		return err
	}
	o.budget, o.kvTokens = e.Budget(), e.KVTokens()
	return nil
}

// readModel finds a model by its name, or by its config.json.
func readModel(name string) (sim.Model, error) {
	info, err := os.Stat(name)
	if err != nil {
		return sim.LookupModel(name)
	}
	file := name
	if info.IsDir() {
		file = filepath.Join(name, "config.json")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return sim.Model{}, fmt.Errorf("reading the model's shape: %w", err)
	}
	return sim.ModelFromHF(name, text)
}

// readHardware finds a GPU by its name and lets flags overrule its datasheet.
func readHardware(c *cli.Context) (sim.Hardware, error) {
	name := c.String("hardware")
	gpu, err := sim.LookupGPU(name)
	if err != nil {
		gpu = sim.Hardware{Name: name}
	}
	for flag, value := range map[string]*float64{"tflops": &gpu.TFLOPS, "gbps": &gpu.GBps, "gb": &gpu.GB, "link-gbps": &gpu.LinkGBps} {
		if c.IsSet(flag) {
			*value = c.Float64(flag)
		}
	}
	switch {
	case name == "":
		return gpu, cmdline.Usagef("--hardware is empty")
	case !(gpu.TFLOPS > 0 && gpu.GBps > 0 && gpu.GB > 0) && err != nil:
		return gpu, cmdline.Usagef("--hardware: %v", err)
	case !(gpu.TFLOPS > 0 && gpu.GBps > 0 && gpu.GB > 0):
		return gpu, cmdline.Usagef("--tflops, --gbps and --gb must be above 0")
	case c.Int("tp-size") > 1 && !(gpu.LinkGBps > 0):
		return gpu, cmdline.Usagef("--tp-size above 1 needs the link between the GPUs: --link-gbps")
	}
	return gpu, nil
}

// version is what /version answers. vLLM's own key has our version: nobody
// should take it for one of vLLM's.
func (o *options) version() openai.Version {
	engine := openai.SimEngine + "/" + engineVersion + "-" + o.policy
	if o.predicted {
		engine += " predicted"
	}
	return openai.Version{
		Version: engineVersion, Speed: o.speed, Lockstep: o.lockstep, Engine: engine, Hardware: o.hardware,
		TPSize: o.tp, NumReplicas: o.replicas, MaxRaggedBatchSize: o.budget,
	}
}

// fits reports why a sequence can never run.
func (o *options) fits(prompt, generated int) error {
	if o.policy != pacePolicy && prompt+generated > o.kvTokens {
		return fmt.Errorf("%d tokens (%d in the prompt, %d to generate) are more than the KV cache of %d holds", prompt+generated, prompt, generated, o.kvTokens)
	}
	return nil
}

func (o *options) newDriver(clock drive.Clock, m *meter.Meter) (*drive.Driver, error) {
	if o.policy == pacePolicy {
		return drive.NewPaced(clock, m, o.stall, o.pace)
	}
	engines, err := o.newEngines()
	if err != nil {
		return nil, err
	}
	return drive.NewSimulated(clock, m, o.stall, engines)
}

// newStepper makes engines for a load in lockstep.
func (o *options) newStepper(m *meter.Meter) (*drive.Stepper, error) {
	if o.policy == pacePolicy {
		return drive.StepPaced(m, o.stall, o.pace)
	}
	engines, err := o.newEngines()
	if err != nil {
		return nil, err
	}
	return drive.StepSimulated(m, o.stall, engines), nil
}

func (o *options) newEngines() ([]drive.Engine, error) {
	engines := make([]drive.Engine, o.replicas)
	for i := range engines {
		e, err := sim.New(o.simulated)
		if err != nil {
			return nil, err
		}
		engines[i] = e
	}
	return engines, nil
}
