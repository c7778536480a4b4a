package vocab

// Token is a token as generated text uses it.
type Token struct {
	ID int
	// Text needs no escape in JSON.
	Text string
}

// Words are the tokens that generated text is made of: short syllables with a
// space in front, all of them triples.
type Words []Token

// Words returns the table, the same for every vocabulary.
func (v Vocab) Words() Words {
	const consonants, vowels = "bcdfghjklmnprstvwxyz", "aeiou"
	words := make(Words, 0, 2*len(consonants)*len(vowels))
	for _, c := range consonants {
		for _, w := range vowels {
			for _, text := range []string{" " + string(c) + string(w), " " + string(w) + string(c)} {
				id, _ := v.next(text)
				words = append(words, Token{ID: id, Text: text})
			}
		}
	}
	return words
}

// At returns token number i of the text that seed names. Equal arguments give
// equal tokens.
func (w Words) At(seed uint64, i int) Token {
	// The finalizer of splitmix64: neighbouring i give unrelated words.
	x := seed + uint64(i+1)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return w[(x>>32)*uint64(len(w))>>32]
}
