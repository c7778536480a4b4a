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
	random := m.random(uint64(serial))
	if len(m.IDs) > 0 {
		ids := make([]int, tokens)
		for j := range ids {
			ids[j] = m.IDs[random.IntN(len(m.IDs))]
		}
		for j, digit := range m.digits(serial, len(m.IDs), tokens) {
			ids[j] = m.IDs[digit]
		}
		return Prompt{IDs: ids}
	}
	return Prompt{Text: m.text(random, serial, m.words(tokens))}
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

func (m *Maker) text(random *rand.Rand, serial, n int) string {
	from := m.vocabulary()
	digits := m.digits(serial, len(from), n)
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
