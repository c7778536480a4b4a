// Package synth makes workloads from a seed: requests of their own or sessions of
// several turns, which share prefixes by their hash ids.
package synth

import (
	"math"
	"math/rand/v2"
	"strconv"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/internal/workload"
)

// Plan says what is made. Everything is drawn from the seed, and a plan of more
// sessions begins like one of fewer, except for its timestamps.
type Plan struct {
	Seed uint64
	// Sessions is how many there are; with one turn each they are requests of their
	// own, without a name.
	Sessions int
	// Arrivals says when sessions begin; a rate of 0 leaves timestamps out.
	Arrivals load.Arrivals
	// Turns is the mean number of turns of a session, TurnsVar the deviation of a
	// normal draw as a share of it.
	Turns    int
	TurnsVar float64
	// ThinkTime is the mean time, in seconds, that a user takes between the end of an
	// answer and the next turn; the times are exponential.
	ThinkTime float64
	// Lengths are what a turn adds to the prompt and what is generated.
	Lengths prompt.Lengths
	// MaxPrompt bounds the whole prompt: a session ends before a longer one.
	MaxPrompt int
	// Prefixes says what prompts begin with.
	Prefixes Prefixes
	// BlockSize is the number of tokens per hash id.
	BlockSize int
}

// Tally is what came of a plan.
type Tally struct {
	Requests int
	// Cut is how many sessions ended before a prompt that would have been too long.
	Cut int
}

// Make hands the requests to emit, the turns of a session one after the other.
// It keeps the sessions' begins, 8 bytes each, and stops at the first error of
// emit.
func (p Plan) Make(emit func(workload.Request) error) (t Tally, err error) {
	var begins []float64
	if p.Arrivals.Rate > 0 {
		begins = p.Arrivals.Draw(p.Seed, p.Sessions)
	}
	popular := prompt.NewPopularity(p.Prefixes.Number, p.Prefixes.Zipf)
	ids := p.Prefixes.ids(p.BlockSize) // the first that no prefix has
	for i := range p.Sessions {
		s := session{Plan: &p, random: rand.New(rand.NewPCG(^p.Seed, uint64(i))), serial: t.Requests, nextID: ids}
		if p.Turns > 1 {
			s.name = strconv.Itoa(i)
		}
		s.begin(popular)
		if begins != nil {
			s.at = record.InSeconds(begins[i])
		}
		n, cut, err := s.emit(emit)
		if err != nil {
			return t, err
		}
		t.Requests += n
		if cut {
			t.Cut++
		}
		ids = s.nextID
	}
	return t, nil
}

// session is one that is being made.
type session struct {
	*Plan
	random *rand.Rand // apart from the lengths' draws
	serial int        // of its first request
	name   string
	at     record.Seconds
	ids    []uint64 // of the blocks of the conversation so far
	tokens int      // of the conversation so far, answers among them
	nextID uint64
}

// begin draws the prefix, which all prompts of the session have.
func (s *session) begin(popular prompt.Popularity) {
	if s.Prefixes.Length > 0 {
		s.tokens = s.Prefixes.Length
		s.ids = s.Prefixes.blocks(popular.Draw(s.random), s.BlockSize)
	}
}

// emit makes the turns and returns how many, and whether the session was cut.
func (s *session) emit(emit func(workload.Request) error) (n int, cut bool, err error) {
	for turns := s.turns(); n < turns; n++ {
		one, fits := s.turn(n)
		if !fits {
			return n, true, nil
		}
		if err := emit(one); err != nil {
			return n, false, err
		}
	}
	return n, false, nil
}

// turns draws how many there are.
func (s *session) turns() int {
	if s.Turns == 1 {
		return 1
	}
	mean := float64(s.Turns)
	return max(1, int(math.Round(mean+mean*s.TurnsVar*s.random.NormFloat64())))
}

// turn makes the next turn. Its prompt is the conversation so far and what the
// turn adds. A block that was partial keeps its id as it fills up: what stands in
// it stays.
func (s *session) turn(n int) (one workload.Request, fits bool) {
	size := s.Lengths.Draw(s.Seed, s.serial+n)
	one = workload.Request{Session: s.name, OutputLength: min(size.New, workload.MaxTokens)}
	if n == 0 {
		one.Timestamp = s.at
		size.Prompt = min(size.Prompt, s.MaxPrompt-s.tokens)
	} else {
		one.Delay = record.InSeconds(s.ThinkTime * s.random.ExpFloat64())
	}
	if one.InputLength = s.tokens + size.Prompt; one.InputLength > s.MaxPrompt {
		return one, false
	}
	for len(s.ids)*s.BlockSize < one.InputLength {
		s.ids = append(s.ids, s.nextID)
		s.nextID++
	}
	one.HashIDs = s.ids[:len(s.ids):len(s.ids)]
	s.tokens = one.InputLength + one.OutputLength
	return one, true
}
