package prompt

import (
	"errors"
	"fmt"
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
}

// Make writes the prompt of the request at place i: of as many tokens as
// wanted, or as near as words allow.
func (m *Maker) Make(i, tokens int) Prompt {
	hash := fnv.New64a()
	hash.Write([]byte(m.Run)) // a hash takes everything
	random := rand.New(rand.NewPCG(hash.Sum64(), uint64(i)))
	if len(m.IDs) > 0 {
		ids := make([]int, tokens)
		for j := range ids {
			ids[j] = m.IDs[random.IntN(len(m.IDs))]
		}
		return Prompt{IDs: ids}
	}
	return Prompt{Text: m.text(random, m.words(tokens))}
}

func (m *Maker) words(tokens int) int {
	perWord := m.PerWord
	if perWord == 0 {
		perWord = 1
	}
	return max(1, int(math.Round((float64(tokens)-m.Overhead)/perWord)))
}

func (m *Maker) text(random *rand.Rand, n int) string {
	var text strings.Builder
	for range n {
		if text.Len() > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(words[random.IntN(len(words))])
	}
	return text.String()
}

// The lengths in words of the texts that Fit has counted.
const (
	fitShort = 16
	fitLong  = 272
	fitCheck = 144
)

// Fit learns from count, which says how many tokens the server makes of a
// text, how long texts must be. It returns by how much, in parts of one, a
// third text then differed from what was asked for.
func (m *Maker) Fit(count func(text string) (int, error)) (float64, error) {
	var counts [2]int
	for i, n := range []int{fitShort, fitLong} {
		random := rand.New(rand.NewPCG(uint64(n), 0))
		var err error
		if counts[i], err = count(m.text(random, n)); err != nil {
			return 0, fmt.Errorf("counting the tokens of a text: %w", err)
		}
	}
	m.PerWord = float64(counts[1]-counts[0]) / (fitLong - fitShort)
	m.Overhead = float64(counts[0]) - fitShort*m.PerWord
	if m.PerWord <= 0 {
		*m = Maker{Run: m.Run}
		return 0, errors.New("the server counts a longer text as no more tokens")
	}
	got, err := count(m.Make(0, fitCheck).Text)
	if err != nil {
		return 0, fmt.Errorf("counting the tokens of a text: %w", err)
	}
	return math.Abs(float64(got)/fitCheck - 1), nil
}
