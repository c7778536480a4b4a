// Package prompt draws the lengths of requests and writes prompts of those
// lengths, all from a seed: the same seed asks for the same work again, while
// the prompts of another run share no beginning with it that a prefix cache
// could know.
package prompt

import "math/rand/v2"

// Size is the work that one request asks for, in tokens.
type Size struct{ Prompt, New int }

// Lengths says how sizes are drawn: each length is the whole part of a normal
// draw around its mean with deviation var*mean, and at least 1.
type Lengths struct {
	MeanPrompt, MeanNew int
	PromptVar, NewVar   float64
	// MaxPrompt caps the prompt's length; 0 is no cap.
	MaxPrompt int
	// Context caps prompt and generation together, the generation giving way,
	// since servers refuse what is longer; 0 is no cap.
	Context int
}

// Draw returns the size of the request at place i of the plan. It depends on
// nothing but the arguments, so a longer plan begins like a shorter one.
func (l Lengths) Draw(seed uint64, i int) Size {
	random := rand.New(rand.NewPCG(seed, uint64(i)))
	size := Size{Prompt: normal(random, l.MeanPrompt, l.PromptVar), New: normal(random, l.MeanNew, l.NewVar)}
	if l.MaxPrompt > 0 {
		size.Prompt = min(size.Prompt, l.MaxPrompt)
	}
	if l.Context > 0 {
		size.Prompt = max(1, min(size.Prompt, l.Context-1))
		size.New = max(1, min(size.New, l.Context-size.Prompt))
	}
	return size
}

func normal(random *rand.Rand, mean int, variance float64) int {
	return max(1, int(float64(mean)+random.NormFloat64()*variance*float64(mean)))
}
