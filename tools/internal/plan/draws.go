package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/prompt"
)

// Draws says how requests are drawn, alone or as the turns of sessions. The same
// seed draws the same requests.
type Draws struct {
	Seed    uint64
	Lengths prompt.Lengths
	// Turns is how many turns a session has; 1 is no sessions. The drawn prompt is
	// what a turn adds to the conversation.
	Turns int
	// Think is the mean time between the end of a turn and the next, in virtual
	// seconds; it follows an exponential distribution.
	Think float64
	Prefix
}

// Prefix says what prompts share: each begins with one of Number prefixes.
type Prefix struct {
	// Tokens is the length of a prefix, in front of the drawn prompt. Or else Share
	// is the part of the drawn prompt that is one, 0 to 1.
	Tokens int
	Share  float64
	Number int
	// Zipf draws prefix k, from 1, with a probability in proportion to 1/k; else
	// all have the same.
	Zipf bool
}

// Size is the size of the request at a place of the plan.
func (d Draws) Size(i int) prompt.Size {
	if d.plain() {
		return d.Lengths.Draw(d.Seed, i)
	}
	turns := d.session(i / d.Turns)
	return turns[min(i%d.Turns, len(turns)-1)]
}

// plain reports whether prompts share nothing.
func (d Draws) plain() bool { return d.Turns == 1 && d.Tokens == 0 && d.Share == 0 }

// session are the sizes of a session's turns, each prompt with all before it. A
// turn that does not fit the context, and those after it, are left out; a first
// turn is cut as a request of its own is.
func (d Draws) session(s int) []prompt.Size {
	var all []prompt.Size
	history, lengths := d.Tokens, d.Lengths
	lengths.Context = 0
	for turn := range d.Turns {
		size := lengths.Draw(d.Seed, s*d.Turns+turn)
		size.Prompt += history
		fits := size.Within(d.Lengths.Context)
		if fits != size && turn > 0 {
			break
		}
		all = append(all, fits)
		history = size.Prompt + size.New
	}
	return all
}

// Cut is how many of the first n requests are shorter than drawn, or left out,
// because of the context.
func (d Draws) Cut(n int) int {
	cut, whole := 0, d
	whole.Lengths.Context = 0
	if d.plain() {
		for i := range n {
			if whole.Size(i) != d.Size(i) {
				cut++
			}
		}
		return cut
	}
	for s := range n / d.Turns {
		turns := d.session(s)
		if cut += d.Turns - len(turns); turns[0] != whole.session(s)[0] {
			cut++
		}
	}
	return cut
}

func sessionName(s int) string { return fmt.Sprintf("s%d", s) }

// think draws the time in front of a request.
func (d Draws) think(i int) float64 {
	if d.Think == 0 {
		return 0
	}
	return d.Think * rand.New(rand.NewPCG(d.Seed^0x7468696e6b, uint64(i))).ExpFloat64() // apart from the other draws
}

// Describe returns a description of the workload, "" for independent prompts.
func (d Draws) Describe() string {
	var words []string
	if d.Turns > 1 {
		words = append(words, fmt.Sprintf("%d turns think %g s", d.Turns, d.Think))
	}
	law := "even"
	if d.Zipf {
		law = "zipf"
	}
	switch {
	case d.Tokens > 0:
		words = append(words, fmt.Sprintf("%d prefixes of %d tokens %s", d.Number, d.Tokens, law))
	case d.Share > 0:
		words = append(words, fmt.Sprintf("%d prefixes of %g %% %s", d.Number, 100*d.Share, law))
	}
	if d.Lengths.Law != "" && d.Lengths.Law != prompt.Normal {
		words = append(words, string(d.Lengths.Law)+" lengths")
	}
	return strings.Join(words, " ")
}

// Plan is the plan of n requests, math.MaxInt without an end; of sessions, n is a
// multiple of their turns. due says when each start is due; nil is a closed loop.
func (d Draws) Plan(n int, due func(start int) float64) load.Plan {
	p := &drawn{Draws: d, n: n, due: due}
	if d.Tokens > 0 || d.Share > 0 {
		p.popular = prompt.NewPopularity(d.Number, d.Zipf)
	}
	return p
}

type drawn struct {
	Draws
	n, started int
	due        func(start int) float64
	popular    prompt.Popularity // of the prefixes
}

// content is that of a session's turns; a request of its own is a session of one.
func (p *drawn) content(s int, size prompt.Size) *Content {
	c := &Content{}
	if p.Turns > 1 {
		c.Talk = &Talk{Session: sessionName(s)}
	}
	tokens := p.Tokens
	if p.Share > 0 {
		tokens = int(math.Round(p.Share * float64(size.Prompt)))
	}
	if tokens > 0 {
		c.Prefix = prompt.Part{Name: fmt.Sprintf("prefix/%d", p.prefix(s)), Tokens: min(tokens, size.Prompt)}
	}
	return c
}

// prefix draws which one a session begins with.
func (p *drawn) prefix(s int) int {
	return p.popular.Draw(rand.New(rand.NewPCG(p.Seed^0x707265666978, uint64(s)))) // apart from the lengths' draws
}

func (p *drawn) Next() (load.Job, bool) {
	s := p.started
	if s >= (p.n-1)/p.Turns+1 {
		return load.Job{}, false
	}
	p.started++
	var job load.Job
	if p.plain() {
		job = load.Job{Request: s, Size: p.Size(s)}
	} else {
		sizes := p.session(s)
		job = load.Job{Request: s * p.Turns, Size: sizes[0], Content: p.content(s, sizes[0])}
		if p.Turns > 1 {
			job.Session, job.Turn, job.Left = sessionName(s), 1, len(sizes)-1
		}
	}
	if p.due != nil {
		job.Due = p.due(s)
	}
	return job, true
}

func (p *drawn) Turn(of load.Job) (load.Job, bool) {
	job := of
	job.Request++
	job.Turn++
	job.Left--
	job.Size, job.Due, job.Delay = p.session(of.Request / p.Turns)[job.Turn-1], 0, p.think(job.Request)
	return job, true
}

func (p *drawn) Drop(load.Job) {}
