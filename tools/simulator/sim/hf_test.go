package sim

import (
	"math"
	"testing"
)

// The shapes that the hub publishes give the published parameter counts.
func TestModelFromHF(t *testing.T) {
	for name, config := range map[string]string{
		"meta-llama/Llama-2-7b-hf":    `{"model_type":"llama","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"intermediate_size":11008,"vocab_size":32000,"max_position_embeddings":4096,"tie_word_embeddings":false}`,
		"meta-llama/Llama-2-70b-hf":   `{"model_type":"llama","hidden_size":8192,"num_hidden_layers":80,"num_attention_heads":64,"num_key_value_heads":8,"intermediate_size":28672,"vocab_size":32000,"max_position_embeddings":4096}`,
		"mistralai/Mixtral-8x7B-v0.1": `{"model_type":"mixtral","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"num_local_experts":8,"num_experts_per_tok":2,"vocab_size":32000,"max_position_embeddings":32768}`,
		"microsoft/phi-2":             `{"model_type":"phi","hidden_size":2560,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":32,"intermediate_size":10240,"vocab_size":51200,"max_position_embeddings":2048}`,
	} {
		want, err := LookupModel(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ModelFromHF(name, []byte(config))
		if err != nil {
			t.Fatal(err)
		}
		if got.Parallel != want.Parallel || got.Tied != want.Tied {
			t.Errorf("%s: parallel blocks %v, tied embedding %v", name, got.Parallel, got.Tied)
		}
		for what, pair := range map[string][2]float64{"weights": {got.Params, want.Params}, "active weights": {got.ActiveParams, want.ActiveParams}, "KV bytes": {got.KVBytes(), want.KVBytes()}} {
			if math.Abs(pair[0]/pair[1]-1) > 0.002 {
				t.Errorf("%s: %s %.4g, published %.4g", name, what, pair[0], pair[1])
			}
		}
	}
}

func FuzzModelFromHF(f *testing.F) {
	f.Add([]byte(`{"hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"vocab_size":100}`))
	f.Add([]byte(`{"n_embd":64,"n_layer":2,"n_head":4,"vocab_size":100,"multi_query":true}`))
	f.Fuzz(func(t *testing.T, config []byte) {
		m, err := ModelFromHF("x", config)
		if err == nil && (!(m.Params > 0) || !(m.ActiveParams > 0) || m.ActiveParams > m.Params || !(m.KVBytes() > 0)) {
			t.Errorf("%s gave %+v", config, m)
		}
	})
}
