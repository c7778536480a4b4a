package main

import "strings"

// defaults are the lengths that the original suite measures a model with.
type defaults struct {
	prompts, news []int
	maxPrompt     int
}

var (
	longContext  = defaults{[]int{1200, 2600}, []int{60, 128}, 4000}
	shortContext = defaults{[]int{1200, 1900}, []int{60, 128}, 2000}
	// anyModel is what the original takes for a model it has no word on.
	anyModel = defaults{[]int{2600}, []int{60}, 4000}
)

// defaultClients is the original's sweep.
var defaultClients = []int{1, 2, 4, 6, 8, 12, 16, 20, 24, 28, 32}

var modelDefaults = map[string]defaults{
	"meta-llama/llama-2-7b-hf":    longContext,
	"meta-llama/llama-2-13b-hf":   longContext,
	"meta-llama/llama-13b-hf":     longContext, // the original's spelling
	"meta-llama/llama-2-70b-hf":   longContext,
	"tiiuae/falcon-40b":           shortContext,
	"tiiuae/falcon-180b":          shortContext,
	"microsoft/phi-2":             shortContext,
	"mistralai/mixtral-8x7b-v0.1": longContext,
}

// defaultsOf are the lengths that are swept for a model.
func defaultsOf(model string) defaults {
	if d, ok := modelDefaults[strings.ToLower(model)]; ok {
		return d
	}
	return anyModel
}
