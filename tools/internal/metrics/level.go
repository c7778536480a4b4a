package metrics

import (
	"fmt"
	"math"

	"fastgenbench/tools/internal/record"
)

// Rule is how a promised generation rate is judged.
type Rule string

// The rules of the original suite. Both count from the first token on; a
// request that brought all its tokens at once passes both.
const (
	// Cum promises a schedule: token i+1 has come (i+1)/rate after the first
	// token at the latest, for every i from 0. A token that comes early buys
	// time for later ones.
	Cum Rule = "cum"
	// EMA16 promises a pace: the exponentially weighted mean of the gaps (see
	// Average, span 16) is below 1/rate at every token.
	EMA16 Rule = "ema16"
)

// Rules lists all rules.
func Rules() []Rule { return []Rule{Cum, EMA16} }

const emaSpan = 16

// Level is a service level, the promise that a good request keeps.
type Level struct {
	// PromptTPS: the first token comes within prompt tokens / PromptTPS.
	PromptTPS float64
	// GenTPS is the promised rate of generated tokens under Rule.
	GenTPS float64
	Rule   Rule
}

// Validate reports what cannot be promised.
func (l Level) Validate() error {
	for _, rate := range []float64{l.PromptTPS, l.GenTPS} {
		if !(rate > 0) || math.IsInf(rate, 0) {
			return fmt.Errorf("%v tokens per second is not a valid promise", rate)
		}
	}
	if l.Rule != Cum && l.Rule != EMA16 {
		return fmt.Errorf("rule %q is not one of %q", l.Rule, Rules())
	}
	return nil
}

// Service is what a request got, reduced to the highest rate that it would
// have kept under each test, in tokens per second; +Inf keeps any.
type Service struct {
	// Prompt is prompt tokens / time to first token.
	Prompt float64
	// Cum is the smallest (i+1)/t over all i, t the time from the first token
	// to token i+1: each t <= (i+1)/rate solved for the rate.
	Cum float64
	// EMA16 is 1 / the largest moving average.
	EMA16 float64
}

// NewService reduces a request; ttft is in seconds, the chunks' tokens each
// come with their chunk.
func NewService(promptTokens record.Count, ttft float64, chunks record.Chunks) Service {
	return Service{
		Prompt: promptTokens.Float() * 1e6 / micros(ttft),
		Cum:    cumulativeRate(chunks),
		EMA16:  averageRate(chunks),
	}
}

// Keeps reports whether the service met the level. The original's tests are
// TTFT <= prompt/rate, t <= (i+1)/rate and mean < 1/rate: the last is strict.
func (s Service) Keeps(l Level) bool {
	if !(s.Prompt >= l.PromptTPS) {
		return false
	}
	if l.Rule == EMA16 {
		return s.EMA16 > l.GenTPS
	}
	return s.Cum >= l.GenTPS
}

// verdict is the original's: a request that cannot be judged is not good.
func (l Level) verdict(r *request) Verdict {
	switch {
	case r.cancelled:
		return LeftOut
	case !r.ok:
		return Missed
	case !r.judgeable():
		return Unjudged
	case r.service.Keeps(l):
		return Good
	}
	return Missed
}

func (l Level) describe(row *record.Goodput, _ []*request) {
	row.SLAPromptTPS, row.SLAGenTPS, row.SLARule = record.RateOf(l.PromptTPS), record.RateOf(l.GenTPS), record.Text(l.Rule)
}

// cumulativeRate looks at the first token of each chunk only: the others come
// at the same moment and were due later.
func cumulativeRate(chunks record.Chunks) float64 {
	slowest, since := math.Inf(1), 0.0
	if len(chunks) == 0 {
		return slowest
	}
	before := chunks[0].Tokens // tokens that came earlier
	for gap, tokens := range chunkGaps(chunks) {
		since += gap
		slowest = min(slowest, float64(before)*1e6/since)
		before += tokens
	}
	return slowest
}

// averageRate looks at each token, but of a chunk of very many at the first
// ones: the mean of equal gaps is theirs, to the last digit, long before.
func averageRate(chunks record.Chunks) float64 {
	const settled = 1000 // (1-2/17)^1000 is below 1e-54
	average, worst := NewAverage(emaSpan), 0.0
	for gap, tokens := range chunkGaps(chunks) {
		for range min(tokens, settled) {
			worst = max(worst, average.Add(gap/float64(tokens)))
		}
	}
	return 1e6 / worst
}
