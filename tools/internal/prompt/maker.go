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
	from := m.Words
	if len(from) == 0 {
		from = words
	}
	var text strings.Builder
	for range n {
		if text.Len() > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(from[random.IntN(len(from))])
	}
	return text.String()
}
