// Package prompt draws the lengths of requests and writes prompts of those
// lengths, all from a seed: the same seed gives the same lengths again, while the
// prompts of another run share no prefix that a cache could hold.
package prompt

import (
	"math"
	"math/rand/v2"
)

// Size is the work that one request asks for, in tokens.
type Size struct{ Prompt, New int }

// Law is the distribution of lengths around their mean.
type Law string

// The laws; the zero value is Normal.
const (
	Normal Law = "normal"
	// Lognormal lengths have the same mean and deviation as normal ones, and a long
	// tail, as those of real requests do.
	Lognormal Law = "lognormal"
	// Fixed lengths are all the mean.
	Fixed Law = "fixed"
)

// Known reports whether there is such a law.
func (l Law) Known() bool { return l == Normal || l == Lognormal || l == Fixed }

// Lengths says how sizes are drawn: each length is the whole part of a draw
// around its mean with deviation var*mean, and at least 1.
type Lengths struct {
	Law                 Law
	MeanPrompt, MeanNew int
	PromptVar, NewVar   float64
	// MaxPrompt caps the prompt's length; 0 is no limit.
	MaxPrompt int
	// Context caps prompt and generation together, the generation giving way,
	// since servers refuse what is longer; 0 is no limit.
	Context int
}

// Draw returns the size of the request at place i of the plan. It depends on
// nothing but the arguments, so a longer plan begins like a shorter one.
func (l Lengths) Draw(seed uint64, i int) Size {
	random := rand.New(rand.NewPCG(seed, uint64(i)))
	size := Size{Prompt: l.Law.draw(random, l.MeanPrompt, l.PromptVar), New: l.Law.draw(random, l.MeanNew, l.NewVar)}
	if l.MaxPrompt > 0 {
		size.Prompt = min(size.Prompt, l.MaxPrompt)
	}
	return size.Within(l.Context)
}

// Within is the size as it fits a context of so many tokens: the generation gives
// way, and a prompt that is longer by itself. A context of 0 is not known.
func (s Size) Within(context int) Size {
	if context > 0 {
		s.Prompt = max(1, min(s.Prompt, context-1))
		s.New = max(1, min(s.New, context-s.Prompt))
	}
	return s
}

// draw returns a length. Of a lognormal draw exp(m + s*x), with a normal x, the
// mean is exp(m + s*s/2) and the squared coefficient of variation exp(s*s) - 1.
func (l Law) draw(random *rand.Rand, mean int, variance float64) int {
	m, x := float64(mean), random.NormFloat64()
	switch l {
	case Fixed:
		return max(1, mean)
	case Lognormal:
		square := math.Log1p(variance * variance)
		return max(1, int(math.Round(m*math.Exp(math.Sqrt(square)*x-square/2))))
	}
	return max(1, int(m+x*variance*m))
}
