package models

import (
	"slices"
	"testing"
)

func TestLookup(t *testing.T) {
	for name, want := range map[string]string{
		"meta-llama/Llama-2-13b-hf":  "meta-llama/Llama-2-13b-hf",
		"meta-llama/Llama-13b-hf":    "meta-llama/Llama-2-13b-hf",
		"META-LLAMA/LLAMA-13B-HF":    "meta-llama/Llama-2-13b-hf",
		"/checkpoints/Llama-13b-hf/": "meta-llama/Llama-2-13b-hf",
		"falcon-40b":                 "tiiuae/falcon-40B",
	} {
		if m, known := Lookup(name); !known || m.Name != want {
			t.Errorf("%s: %v, %q", name, known, m.Name)
		}
	}
	for _, name := range []string{"", "/", "m", "llama-2-7b-random", "Llama-2-7b-hf-v2"} {
		m, known := Lookup(name)
		if known || m.Name != name || !slices.Equal(m.PromptLengths, []int{2600}) || m.Billions != 0 {
			t.Errorf("%q: %v, %+v", name, known, m)
		}
	}
}

// A path is a place, and stays what it is.
func TestCanonical(t *testing.T) {
	for name, want := range map[string]string{
		"meta-llama/Llama-13b-hf":   "meta-llama/Llama-2-13b-hf",
		"llama-13b-hf":              "meta-llama/Llama-2-13b-hf",
		"meta-llama/Llama-2-13b-hf": "meta-llama/Llama-2-13b-hf",
		"/checkpoints/Llama-13b-hf": "/checkpoints/Llama-13b-hf",
		"microsoft/phi-2":           "microsoft/phi-2",
		"":                          "",
	} {
		if got := Canonical(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func TestSize(t *testing.T) {
	for name, want := range map[string]float64{
		"meta-llama/Llama-2-70b-chat-hf": 70, "llama-2-7b-random": 7, "meta-llama/Llama-13b-hf": 13,
		"tiiuae/falcon-40b-instruct": 40, "microsoft/phi-2": 2.7, "mistralai/Mixtral-8x7B-Instruct-v0.1": 12.9, "llama-2-7b": 7,
		"llama-2-7bx": 0, "mistral-7b": 0, "": 0,
	} {
		if m, known := Size(name); m.Billions != want || known != (want > 0) {
			t.Errorf("%q: %v, %v", name, known, m.Billions)
		}
	}
}
