package sim

import (
	"encoding/json"
	"errors"
	"fmt"
)

// hfConfig is what of a Hugging Face config.json says a model's shape. Older
// architectures have their own words for the same things.
type hfConfig struct {
	ModelType        string `json:"model_type"`
	Hidden           int    `json:"hidden_size"`
	HiddenGPT        int    `json:"n_embd"`
	Layers           int    `json:"num_hidden_layers"`
	LayersGPT        int    `json:"n_layer"`
	Heads            int    `json:"num_attention_heads"`
	HeadsGPT         int    `json:"n_head"`
	KVHeads          int    `json:"num_key_value_heads"`
	KVHeadsFalcon    int    `json:"num_kv_heads"`
	MultiQuery       bool   `json:"multi_query"`
	HeadDim          int    `json:"head_dim"`
	Intermediate     int    `json:"intermediate_size"`
	FFNFalcon        int    `json:"ffn_hidden_size"`
	MoEIntermediate  int    `json:"moe_intermediate_size"`
	Experts          int    `json:"num_local_experts"`
	ExpertsQwen      int    `json:"num_experts"`
	ExpertsPerToken  int    `json:"num_experts_per_tok"`
	Vocab            int    `json:"vocab_size"`
	Context          int    `json:"max_position_embeddings"`
	ContextGPT       int    `json:"n_positions"`
	TieWordEmbedding bool   `json:"tie_word_embeddings"`
}

// ungated lists the model types whose feed-forward has two matrices, not the
// three of a gated one.
var ungated = map[string]bool{
	"gpt2": true, "gptj": true, "gpt_neox": true, "opt": true, "bloom": true, "phi": true, "falcon": true, "starcoder2": true,
}

// parallel lists those whose attention and feed-forward have the same input.
var parallel = map[string]bool{"gptj": true, "gpt_neox": true, "phi": true, "falcon": true}

// ModelFromHF reads a model's shape from a Hugging Face config.json and counts
// its weights from that: embeddings, attention and feed-forward matrices, and
// for a mixture of experts the router and each expert. Norms and biases, a
// few parts in ten thousand, are not counted. Weights are taken as 16 bit.
func ModelFromHF(name string, config []byte) (Model, error) {
	var c hfConfig
	if err := json.Unmarshal(config, &c); err != nil {
		return Model{}, fmt.Errorf("config.json: %w", err)
	}
	m := Model{
		Name: name, Layers: first(c.Layers, c.LayersGPT), Hidden: first(c.Hidden, c.HiddenGPT),
		Heads: first(c.Heads, c.HeadsGPT), Vocab: c.Vocab, Context: first(c.Context, c.ContextGPT, 2048), WeightBits: 16,
		Parallel: parallel[c.ModelType], Tied: c.TieWordEmbedding,
	}
	m.KVHeads = first(c.KVHeads, c.KVHeadsFalcon, m.Heads)
	if c.MultiQuery && c.KVHeads == 0 && c.KVHeadsFalcon == 0 {
		m.KVHeads = 1
	}
	for _, n := range []int{m.Layers, m.Hidden, m.Heads, m.KVHeads, m.Vocab, m.Context} {
		if n < 1 || n > 1<<24 {
			return Model{}, errors.New("config.json does not give valid numbers of layers, heads, hidden size and vocabulary")
		}
	}
	m.HeadDim = first(c.HeadDim, m.Hidden/m.Heads)
	if m.HeadDim < 1 || m.HeadDim > 1<<16 {
		return Model{}, fmt.Errorf("config.json: head size %d is not valid", m.HeadDim)
	}
	return c.count(m)
}

// count fills in the number of weights.
func (c hfConfig) count(m Model) (Model, error) {
	matrices := 3.0
	if ungated[c.ModelType] {
		matrices = 2
	}
	hidden := float64(m.Hidden)
	experts := first(c.Experts, c.ExpertsQwen, 1)
	active := min(first(c.ExpertsPerToken, 1), experts)
	inner := first(c.Intermediate, c.FFNFalcon, 4*m.Hidden)
	if experts > 1 {
		inner = first(c.MoEIntermediate, inner)
	}
	if experts < 1 || active < 1 || inner < 1 || inner > 1<<24 || experts > 1<<16 {
		return Model{}, errors.New("config.json: the size of the feed-forward is not valid")
	}
	attention := 2*hidden*float64(m.Heads*m.HeadDim) + 2*hidden*float64(m.KVHeads*m.HeadDim)
	expert := matrices * hidden * float64(inner)
	router := 0.0
	if experts > 1 {
		router = hidden * float64(experts)
	}
	embeddings := 2 * hidden * float64(m.Vocab)
	if c.TieWordEmbedding {
		embeddings /= 2
	}
	layers := float64(m.Layers)
	m.Params = embeddings + layers*(attention+router+expert*float64(experts))
	m.ActiveParams = embeddings + layers*(attention+router+expert*float64(active))
	return m, nil
}

// first is the first number that is not 0.
func first(numbers ...int) int {
	for _, n := range numbers {
		if n != 0 {
			return n
		}
	}
	return 0
}
