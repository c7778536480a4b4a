// Package vocab is the embedded engine's tokenizer. It needs no downloaded
// vocabulary and loses nothing: Decode(Encode(text)) is text for every text of
// UTF-8 without escapes (see Decode), and Encode(Decode(ids)) is ids for every
// list of ids.
//
// The ids are laid out as
//
//	0 1 2             <unk> <s> </s>, so written in a text
//	3 .. 258          the 256 bytes
//	259 .. 19941      triples: three characters out of space and a-z
//	19942 .. size-1   quads: an upper-case letter and three lower-case ones
//
// so lower-case prose takes about three characters a token, not far from a
// trained vocabulary. All triples are equally long and no triple begins like a
// quad, so a text made of triples and quads encodes to just the ids it was
// made of: generated text counts the same when it is tokenized again.
package vocab

import (
	"fmt"
	"strings"
)

const (
	firstByte   = 3
	firstTriple = firstByte + 256
	letters     = 27 // space and a-z
	firstQuad   = firstTriple + letters*letters*letters
)

// MinSize is the smallest vocabulary: specials, bytes and triples. MaxSize is
// where the quads run out.
const (
	MinSize = firstQuad
	MaxSize = firstQuad + 26*26*26*26
)

// specials are the texts of the ids below firstByte.
var specials = [firstByte]string{"<unk>", "<s>", "</s>"}

// Vocab is a vocabulary of a given size; it is safe for concurrent use.
type Vocab struct{ size int }

// New returns the vocabulary of size ids, an error below MinSize or above MaxSize.
func New(size int) (Vocab, error) {
	if size < MinSize || size > MaxSize {
		return Vocab{}, fmt.Errorf("a vocabulary cannot have %d ids, only %d to %d", size, MinSize, MaxSize)
	}
	return Vocab{size: size}, nil
}

// Size is the number of ids.
func (v Vocab) Size() int { return v.size }

// Encode returns the ids of text.
func (v Vocab) Encode(text string) []int {
	ids := make([]int, 0, len(text)/3+1)
	for i := 0; i < len(text); {
		id, width := v.next(text[i:])
		ids = append(ids, id)
		i += width
	}
	return ids
}

// Count returns how many ids Encode would return.
func (v Vocab) Count(text string) int {
	n := 0
	for i := 0; i < len(text); n++ {
		_, width := v.next(text[i:])
		i += width
	}
	return n
}

// next returns the first id of a text that is not empty, and its width in bytes.
func (v Vocab) next(text string) (id, width int) {
	switch text[0] {
	case '<':
		for id, special := range specials {
			if strings.HasPrefix(text, special) {
				return id, len(special)
			}
		}
	case escapeLead:
		if id, width, ok := escaped(text); ok {
			return id, width
		}
	}
	if len(text) >= 3 {
		a, b, c := letter(text[0]), letter(text[1]), letter(text[2])
		if a >= 0 && b >= 0 && c >= 0 {
			return firstTriple + (a*letters+b)*letters + c, 3
		}
		if id, ok := v.quad(text); ok {
			return id, 4
		}
	}
	return firstByte + int(text[0]), 1
}

// quad reads such as "Thes" where the vocabulary is large enough to hold it.
func (v Vocab) quad(text string) (int, bool) {
	if len(text) < 4 || text[0] < 'A' || text[0] > 'Z' {
		return 0, false
	}
	n := int(text[0] - 'A')
	for _, c := range []byte(text[1:4]) {
		if c < 'a' || c > 'z' {
			return 0, false
		}
		n = n*26 + int(c-'a')
	}
	return firstQuad + n, firstQuad+n < v.size
}

// letter numbers space and a-z from 0; anything else is -1.
func letter(c byte) int {
	switch {
	case c == ' ':
		return 0
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 1
	}
	return -1
}
