// Package record holds the rows that tools exchange, one type per kind of row, and
// their invariants. It is independent of files, flags and CSV readers: cells only
// print and parse themselves.
//
// Every row has its whole key, so that it can be understood without a file name or
// other rows.
package record

import (
	"fmt"
	"strings"
)

// ServerKey says which server a row is about.
type ServerKey struct {
	// Run names one sweep: a time stamp, or the label the user gave it.
	Run Text `csv:"run"`
	// Backend is the name given to serve-launch, "sim-" in front when simulated.
	Backend Text `csv:"backend"`
	// Engine is the server's own name and version as found.
	Engine Text `csv:"engine"`
	// Hardware is what the server ran on, such as "4xA100-80GB".
	Hardware Text `csv:"hardware"`
	// Speed is virtual seconds per wall second; 1 is real time.
	Speed Ratio `csv:"speed"`
	Model Text  `csv:"model"`
	// TPSize is the number of GPUs a replica is spread over (tensor parallelism);
	// 0, an empty cell, is not known.
	TPSize Setting `csv:"tp_size"`
	// NumReplicas is the number of model copies at one address; 0, an empty
	// cell, is not known.
	NumReplicas Setting `csv:"num_replicas"`
	// MaxRaggedBatchSize is the token budget of one forward pass.
	MaxRaggedBatchSize Setting `csv:"max_ragged_batch_size"`
}

// Simulated reports whether the row comes from sim-engine, by whichever
// backend it was reached.
func (k ServerKey) Simulated() bool {
	return strings.HasPrefix(string(k.Backend), "sim-") ||
		strings.HasPrefix(string(k.Engine), "sim-engine")
}

// LoadKey says which load a row is about.
type LoadKey struct {
	// NumClients is the number of concurrent clients: those of a closed loop, or
	// the most that an open loop lets be at work, 0 where that has no cap.
	NumClients int `csv:"num_clients"`
	// MeanPromptLength is the mean of the drawn prompt lengths, in tokens.
	MeanPromptLength int `csv:"mean_prompt_length"`
	// MeanMaxNewTokens is the mean of the drawn generation lengths, in tokens.
	MeanMaxNewTokens int `csv:"mean_max_new_tokens"`
	// RateRPS is the offered rate of an open loop; 0, an empty cell, is a closed
	// loop. Where requests are turns of sessions it counts sessions.
	RateRPS OfferedRate `csv:"rate_rps"`
	// Workload says what was sent where that is not plain draws: the name of a
	// schedule, or a synthetic workload in words. Rows of older versions lack it.
	Workload Text `csv:"workload"`
}

// GPUs is the number of GPUs at the address, 0 where it is not known.
func (k ServerKey) GPUs() int { return int(k.TPSize * k.NumReplicas) }

// Key names one measured point.
type Key struct {
	ServerKey
	LoadKey
}

// Validate reports the first invalid cell of the key.
func (k ServerKey) Validate() error {
	switch {
	case k.Backend == "":
		return fmt.Errorf("backend is empty")
	case k.Model == "":
		return fmt.Errorf("model is empty")
	case !(k.Speed > 0):
		return fmt.Errorf("speed %v is not above 0", float64(k.Speed))
	case k.TPSize < 0 || k.NumReplicas < 0 || k.MaxRaggedBatchSize < 0:
		return fmt.Errorf("tp_size %d, num_replicas %d, max_ragged_batch_size %d: one is below 0",
			k.TPSize, k.NumReplicas, k.MaxRaggedBatchSize)
	}
	return nil
}

// Validate reports the first invalid cell of the key.
func (k LoadKey) Validate() error {
	if k.NumClients < 0 || k.MeanPromptLength < 0 || k.MeanMaxNewTokens < 0 {
		return fmt.Errorf("num_clients %d, mean_prompt_length %d, mean_max_new_tokens %d: one is below 0",
			k.NumClients, k.MeanPromptLength, k.MeanMaxNewTokens)
	}
	if k.RateRPS < 0 {
		return fmt.Errorf("rate_rps %v is below 0", float64(k.RateRPS))
	}
	return nil
}

// Validate reports the first invalid cell of the key.
func (k Key) Validate() error {
	if err := k.ServerKey.Validate(); err != nil {
		return err
	}
	return k.LoadKey.Validate()
}

// SetRun replaces the run, as a "label=path" operand asks for.
func (k *ServerKey) SetRun(label Text) { k.Run = label }

// RequestID is the X-Request-Id of the request at place n of the point's plan,
// such as sweep-8c-2600-60-17: the run, the load, the place. No two requests of
// a run have the same.
func (k Key) RequestID(n int) string {
	load := fmt.Sprintf("%dc", k.NumClients)
	if k.RateRPS > 0 {
		load = shortest(float64(k.RateRPS)) + "r"
		if k.NumClients > 0 {
			load += fmt.Sprintf("-%dc", k.NumClients)
		}
	}
	if k.Workload != "" {
		load += "-" + strings.ReplaceAll(Clean(string(k.Workload)), " ", "_")
	}
	return fmt.Sprintf("%s-%s-%d-%d-%d", k.Run, load, k.MeanPromptLength, k.MeanMaxNewTokens, n)
}
