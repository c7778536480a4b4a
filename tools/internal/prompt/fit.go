package prompt

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// The lengths in words of the two texts that Fit draws a line through.
const (
	fitShort = 16
	fitLong  = 272
)

// fitChecks are the lengths in tokens of the texts that are held against that
// line. One text alone may be as long as asked for by luck, where words differ.
var fitChecks = []int{96, 144, 192, 240}

// fitSerial is the first serial of prompts which no request has.
const fitSerial = math.MaxInt32 - 16

// Count says how many tokens the server makes of a text.
type Count func(text string) (int, error)

// Fit learns from count how long texts must be. It returns the largest difference
// between a text's length and the length asked for, as a share of the latter, over a
// few texts. Where words have different numbers of tokens, it looks for some that are
// one each, which takes a count for every word that is tried.
func (m *Maker) Fit(count Count) (float64, error) {
	off, err := m.fit(count)
	if err != nil || off == 0 {
		return off, err
	}
	plain, err := plainWords(count)
	if err != nil || len(plain) < wantPlain {
		return off, err
	}
	m.Words = plain
	return m.fit(count)
}

// fit takes two texts for the line that a text's tokens follow, and others for
// how near they come.
func (m *Maker) fit(count Count) (float64, error) {
	var counts [2]int
	for i, n := range []int{fitShort, fitLong} {
		var err error
		if counts[i], err = counted(count, m.text(rand.New(rand.NewPCG(uint64(n), 0)), m.digits(n, len(m.vocabulary()), n), n)); err != nil {
			return 0, err
		}
	}
	m.PerWord = float64(counts[1]-counts[0]) / (fitLong - fitShort)
	m.Overhead = float64(counts[0]) - fitShort*m.PerWord
	if m.PerWord <= 0 {
		*m = Maker{Run: m.Run}
		return 0, errors.New("the server counts a longer text as no more tokens")
	}
	off := 0.0
	for i, tokens := range fitChecks {
		got, err := counted(count, m.Make(fitSerial+i, tokens).Text)
		if err != nil {
			return 0, err
		}
		off = max(off, math.Abs(float64(got)/float64(tokens)-1))
	}
	return off, nil
}

func counted(count Count, text string) (int, error) {
	n, err := count(text)
	if err != nil {
		return 0, fmt.Errorf("counting the tokens of a text: %w", err)
	}
	return n, nil
}

const (
	wantPlain = 16 // words of one token: enough that no two prompts begin alike
	tryWords  = 24 // of the common ones, before syllables
	repeats   = 8
)

// plainWords finds words that are one token wherever they stand: common ones,
// or else syllables, which small vocabularies have too.
func plainWords(count Count) (plain []string, err error) {
	base, err := counted(count, words[0])
	if err != nil {
		return nil, err
	}
	for _, word := range append(words[:tryWords:tryWords], syllables()...) {
		if len(plain) == wantPlain {
			break
		}
		n, err := counted(count, words[0]+strings.Repeat(" "+word, repeats))
		if err != nil {
			return nil, err
		}
		if n == base+repeats {
			plain = append(plain, word)
		}
	}
	return plain, nil
}

func syllables() (all []string) {
	for _, consonant := range "bdfgklmnprst" {
		for _, vowel := range "aeiou" {
			all = append(all, string(consonant)+string(vowel))
		}
	}
	return all
}
