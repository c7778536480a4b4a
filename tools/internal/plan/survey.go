package plan

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"fastgenbench/tools/internal/prompt"
)

// Survey is what a look through a schedule has found.
type Survey struct {
	// Requests are all that will be sent, Starts those that begin by themselves:
	// requests of their own and first turns. Sessions is how many of them are such.
	Requests, Starts, Sessions int
	// Mean is the mean size, of prompts where their length is said.
	Mean prompt.Size
	// Rate is the mean rate of the starts per second; 0 where they are not timed.
	Rate float64
	// Longest is the longest prompt with its generation, in tokens.
	Longest int
	// Cut is how many generations give way to the context.
	Cut int
	// Skipped is the number of bad lines; Bad says why for the first three.
	Skipped int
	Bad     []string
	// Messages says that there are chats.
	Messages bool

	turns       map[string]*turns // of each session
	prompts     int               // of known length
	sums        prompt.Size
	first, last float64 // due times of starts
}

// turns is what is known of a session: how many turns it has, and the number of
// the last request of it that was read.
type turns struct{ n, last int }

// manyBad is how many bad lines are reported.
const manyBad = 3

// maxApart is how many requests may lie between two turns of a session: they are
// read ahead, and take some 300 bytes each.
const maxApart = 1 << 18

// look reads all lines and sums them up.
func (s *Schedule) look() error {
	s.Survey = Survey{turns: map[string]*turns{}}
	in := s.lines(func(why string) {
		if s.Skipped++; len(s.Bad) < manyBad {
			s.Bad = append(s.Bad, why)
		}
	})
	for e, ok := in.next(); ok; e, ok = in.next() {
		if err := s.add(e); err != nil {
			return err
		}
	}
	if in.err != nil {
		return in.err
	}
	return s.finish()
}

func (v *Survey) add(e entry) error {
	before := v.turns[e.Session]
	switch {
	case e.Session == "" || before == nil:
		if v.Starts == 0 {
			v.first = e.due
		}
		v.last = e.due
		v.Starts++
	case e.number-before.last > maxApart:
		return fmt.Errorf("line %d: %d requests lie between this turn of session %s and the previous one: the maximum is %d", e.line, e.number-before.last, e.Session, maxApart)
	}
	if e.Session != "" {
		if before == nil {
			v.Sessions++
			before = &turns{}
			v.turns[e.Session] = before
		}
		before.n, before.last = before.n+1, e.number
	}
	v.Requests++
	v.sum(e)
	return nil
}

func (v *Survey) sum(e entry) {
	if e.size.Prompt > 0 {
		v.prompts++
		v.sums.Prompt += e.size.Prompt
	}
	v.sums.New += e.size.New
	v.Longest = max(v.Longest, e.whole)
	if e.cut {
		v.Cut++
	}
	v.Messages = v.Messages || e.Messages != nil
}

// significant leaves six digits of a number: timestamps in milliseconds say no more.
func significant(x float64) float64 {
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 6, 64), 64) // it is a number
	return rounded
}

func (v *Survey) finish() error {
	switch {
	case v.Requests == 0 && v.Skipped > 0:
		return fmt.Errorf("it has no usable line; %s", v.Bad[0])
	case v.Requests == 0:
		return errors.New("it has no request")
	}
	v.Mean = prompt.Size{Prompt: v.sums.Prompt / max(1, v.prompts), New: v.sums.New / v.Requests}
	if span := v.last - v.first; span > 0 {
		v.Rate = significant(float64(v.Starts-1) / span)
	} else if !math.IsNaN(span) {
		v.Rate = float64(v.Starts) // all at once
	}
	return nil
}
