package prompt

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
)

// Prompt is a text, or token ids where IDs is not empty.
type Prompt struct {
	Text string
	IDs  []int
}

// Maker writes prompts of a wanted length. The zero value of the fields but
// Run writes text and takes each word for a token.
type Maker struct {
	// Run makes the prompts those of one run; another run's are others.
	Run string
	// IDs are the token ids that prompts are drawn from; none means text.
	IDs []int
	// Overhead is what the server adds to every text, in tokens: a begin-of-text
	// token, the template of a chat.
	Overhead float64
	// PerWord is how many tokens one word of a text is; 0 stands for 1.
	PerWord float64
	// Words are what texts are made of; none means common English ones.
	Words []string
}

// Make writes a prompt of as many tokens as wanted, or as near as words allow.
// Prompts of different serials begin differently: they share no more than the
// digits that their serials share, a few tokens, so that none comes out of the
// prefix cache that another one left. Another run's prompts are others.
func (m *Maker) Make(serial, tokens int) Prompt {
	return m.Compose(serial, []Part{{Tokens: tokens}})
}

// Part is a stretch of a prompt.
type Part struct {
	// Name says what its tokens are drawn from: parts of one name begin alike,
	// those of another run are others. An empty name stands for the request's own
	// tokens, which no other prompt has.
	Name   string
	Tokens int
}

// Compose writes a prompt of several parts; serial is that of the own ones, as in
// Make.
func (m *Maker) Compose(serial int, parts []Part) Prompt {
	if len(m.IDs) > 0 {
		return Prompt{IDs: m.composeIDs(serial, parts)}
	}
	var texts []string
	tokens, words := 0, 0
	for _, part := range parts {
		tokens += part.Tokens
		if n := m.words(tokens) - words; n > 0 {
			texts, words = append(texts, m.text(m.drawn(part.Name, serial), m.ownDigits(part.Name, serial, len(m.vocabulary()), n), n)), words+n
		}
	}
	return Prompt{Text: strings.Join(texts, " ")}
}

func (m *Maker) composeIDs(serial int, parts []Part) []int {
	total := 0
	for _, part := range parts {
		total += part.Tokens
	}
	ids := make([]int, 0, total)
	for _, part := range parts {
		begin, random := len(ids), m.drawn(part.Name, serial)
		for range part.Tokens {
			ids = append(ids, m.IDs[random.IntN(len(m.IDs))])
		}
		for j, digit := range m.ownDigits(part.Name, serial, len(m.IDs), part.Tokens) {
			ids[begin+j] = m.IDs[digit]
		}
	}
	return ids
}

// drawn draws the tokens of a part.
func (m *Maker) drawn(name string, serial int) *rand.Rand {
	if name == "" {
		return m.random(uint64(serial))
	}
	hash := fnv.New64a()
	hash.Write([]byte(m.Run + "\x00" + name)) // a hash takes everything
	return rand.New(rand.NewPCG(hash.Sum64(), math.MaxUint64-1))
}

// ownDigits are the digits with which a request's own tokens begin; those of a
// named part have none.
func (m *Maker) ownDigits(name string, serial, base, most int) []int {
	if name != "" {
		return nil
	}
	return m.digits(serial, base, most)
}

// random draws for one serial of the run.
func (m *Maker) random(serial uint64) *rand.Rand {
	hash := fnv.New64a()
	hash.Write([]byte(m.Run)) // a hash takes everything
	return rand.New(rand.NewPCG(hash.Sum64(), serial))
}

// digits writes a serial to a base, the lowest digit first, in as many places
// as any serial takes, or at most so many. Each place is shifted by a number of
// the run's own, so that runs differ, too.
func (m *Maker) digits(serial, base, most int) []int {
	digits := make([]int, min(places(base), most))
	shift, rest := m.random(math.MaxUint64), uint64(serial)
	for i := range digits {
		digits[i] = int((rest + shift.Uint64N(uint64(base))) % uint64(base))
		rest /= uint64(base)
	}
	return digits
}

// places is how many digits to a base any serial of a sweep has; none to a base
// below 2.
func places(base int) int {
	n := 0
	if base < 2 {
		return n
	}
	for reach := uint64(1); reach < 1<<32; reach *= uint64(base) {
		n++
	}
	return n
}

func (m *Maker) words(tokens int) int {
	perWord := m.PerWord
	if perWord == 0 {
		perWord = 1
	}
	return max(1, int(math.Round((float64(tokens)-m.Overhead)/perWord)))
}

// vocabulary is what texts are made of.
func (m *Maker) vocabulary() []string {
	if len(m.Words) == 0 {
		return words
	}
	return m.Words
}

// text is so many words, which begin with some digits.
func (m *Maker) text(random *rand.Rand, digits []int, n int) string {
	from := m.vocabulary()
	var text strings.Builder
	for i := range n {
		if text.Len() > 0 {
			text.WriteByte(' ')
		}
		word := random.IntN(len(from))
		if i < len(digits) {
			word = digits[i]
		}
		text.WriteString(from[word])
	}
	return text.String()
}
