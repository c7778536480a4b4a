// Package sim is an inference engine in virtual time: requests, KV blocks, a
// scheduling policy and a hardware model that says what a forward pass costs.
// It speaks no HTTP and reads no clock; all times are virtual seconds.
package sim

// bytesPerValue is the size of a weight or a cached key or value: 16-bit floats.
const bytesPerValue = 2

// Model is a transformer by its shape.
type Model struct {
	// Name is the id on the Hugging Face hub.
	Name string
	// Layers, Hidden, Heads and KVHeads are the published shape; HeadDim is
	// the width of one head.
	Layers, Hidden, Heads, KVHeads, HeadDim int
	// Vocab is the number of token ids.
	Vocab int
	// Params is the number of weights, ActiveParams of those that one token
	// passes through (fewer in a mixture of experts).
	Params, ActiveParams float64
	// Context is the longest sequence in tokens, prompt and generation together.
	Context int
	// WeightBits is the size of a stored weight: 16, or 6 with FP6.
	WeightBits float64
	// Parallel blocks compute attention and feed-forward from the same input,
	// so that tensor parallelism sums once a layer and not twice.
	Parallel bool
	// Tied is whether the output layer is the embedding, counted once in Params.
	Tied bool
}

// KVBytes is the KV cache of one token over all layers, in bytes.
func (m *Model) KVBytes() float64 {
	return 2 * float64(m.Layers*m.KVHeads*m.HeadDim) * bytesPerValue
}

// allReduces is how often a layer sums over the GPUs.
func (m *Model) allReduces() int {
	if m.Parallel {
		return 1
	}
	return 2
}

// head is the number of weights of the output layer, embedding those that are
// looked up only.
func (m *Model) head() float64 { return float64(m.Vocab * m.Hidden) }

func (m *Model) embedding() float64 {
	if m.Tied {
		return 0
	}
	return m.head()
}
