// Package models holds the original suite's seven models: their names in every
// spelling, and the default loads of each.
package models

import "strings"

// Model is one of the seven.
type Model struct {
	// Name is the model's on Hugging Face, Also the original suite's where that
	// is another.
	Name, Also string
	// Billions are its parameters, of Mixtral those of 46.7 that a token meets.
	Billions float64
	// TPSizes, PromptLengths and NewTokens are the original's sweep.
	TPSizes, PromptLengths, NewTokens []int
	// MaxPrompt caps prompts, in tokens.
	MaxPrompt int
}

var (
	lengths      = []int{1200, 2600}
	shortLengths = []int{1200, 1900}
	news         = []int{60, 128}
)

var models = []Model{
	{"meta-llama/Llama-2-7b-hf", "", 7, []int{1}, lengths, news, 4000},
	{"meta-llama/Llama-2-13b-hf", "meta-llama/Llama-13b-hf", 13, []int{1, 2, 4}, lengths, news, 4000},
	{"meta-llama/Llama-2-70b-hf", "", 70, []int{4, 8}, lengths, news, 4000},
	{"tiiuae/falcon-40B", "", 40, []int{2, 4}, shortLengths, news, 2000},
	{"tiiuae/falcon-180B", "", 180, []int{8}, shortLengths, news, 2000},
	{"microsoft/phi-2", "", 2.7, []int{1}, shortLengths, news, 2000},
	{"mistralai/Mixtral-8x7B-v0.1", "", 12.9, []int{4}, lengths, news, 4000},
}

// anyModel is what the original takes for a model that it does not name.
var anyModel = Model{TPSizes: []int{1}, PromptLengths: []int{2600}, NewTokens: []int{60}, MaxPrompt: 4000}

// Lookup finds a model by its name, in any spelling and case, or by a path that
// ends in the name. A model that is not one of the seven has the defaults of any
// model, the name that it was given, and no number of parameters.
func Lookup(name string) (m Model, known bool) {
	for _, m := range models {
		for _, spelling := range []string{m.Name, m.Also} {
			if spelling != "" && last(name) == last(spelling) {
				return m, true
			}
		}
	}
	m = anyModel
	m.Name = name
	return m, false
}

// Canonical is the name on Hugging Face of a model that was given by the
// original's spelling, and every other name as it is.
func Canonical(name string) string {
	for _, m := range models {
		if m.Also != "" && (strings.EqualFold(name, m.Also) || strings.EqualFold(name, short(m.Also))) {
			return m.Name
		}
	}
	return name
}

// Size finds one of the seven that has the shape of a model, by the name:
// Llama-2-70b-chat-hf has that of Llama-2-70b-hf.
func Size(name string) (m Model, known bool) {
	for _, m := range models {
		for _, spelling := range []string{m.Name, m.Also} {
			family := strings.TrimSuffix(strings.TrimSuffix(last(spelling), "-hf"), "-v0.1")
			if family != "" && (last(name) == family || strings.HasPrefix(last(name), family+"-")) {
				return m, true
			}
		}
	}
	return anyModel, false
}

// last is the last part of a path, in lower case.
func last(path string) string {
	return strings.ToLower(short(strings.TrimRight(path, "/")))
}

func short(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
