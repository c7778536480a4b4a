package vocab

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// firstEscape is the character that stands for id 0 where an id's own text
// would be read as something else; those of the ids below firstTriple follow.
// They are private-use characters, which texts have no use for.
const (
	firstEscape rune = 0x10FE00
	escapeLead  byte = 0xF4 // the first byte of them all
)

// lookahead is how many bytes next looks at: the longest special.
const lookahead = len("<unk>")

// Decode returns the text of ids; an id outside of the vocabulary is an error.
// The text is valid UTF-8 and encodes to the same ids. So a list that was cut
// inside a character, or that spells a word by its letters, has escapes in it.
func (v Vocab) Decode(ids []int) (string, error) {
	for _, id := range ids {
		if id < 0 || id >= v.size {
			return "", fmt.Errorf("token id %d is outside of the vocabulary of %d", id, v.size)
		}
	}
	parts := units(ids)
	text := make([]byte, lookahead*len(ids))
	at := len(text) // what follows it is written
	for _, unit := range slices.Backward(parts) {
		plain := appendPlain(nil, unit)
		rest := text[at:min(len(text), at+lookahead)]
		if len(unit) == 1 && !v.begins(plain, rest, unit[0]) {
			plain = utf8.AppendRune(nil, firstEscape+rune(unit[0]))
		}
		at -= len(plain)
		copy(text[at:], plain)
	}
	return string(text[at:]), nil
}

// begins reports whether a text of plain and then rest begins with just id. A
// byte that is not ASCII does not: by itself it is not text.
func (v Vocab) begins(plain, rest []byte, id int) bool {
	if plain[0] >= utf8.RuneSelf {
		return false
	}
	first, width := v.next(string(append(plain, rest...)))
	return first == id && width == len(plain)
}

// units parts ids into the bytes of one character each and all other ids by
// themselves.
func units(ids []int) [][]int {
	parts := make([][]int, 0, len(ids))
	for len(ids) > 0 {
		n := character(ids)
		parts = append(parts, ids[:n])
		ids = ids[n:]
	}
	return parts
}

// character is how many ids make the first character of more than one byte, 1
// where the first id begins none.
func character(ids []int) int {
	var text [utf8.UTFMax]byte
	n := 0
	for ; n < min(len(ids), len(text)) && ids[n] >= firstByte && ids[n] < firstTriple; n++ {
		text[n] = byte(ids[n] - firstByte)
	}
	r, width := utf8.DecodeRune(text[:n])
	if width < 2 || isEscape(r) {
		return 1
	}
	return width
}

// isEscape reports whether Encode reads a character as the id that it stands for.
func isEscape(r rune) bool { return r >= firstEscape && r < firstEscape+firstTriple }

// escaped is the id that an escape at the start of text stands for.
func escaped(text string) (id, width int, ok bool) {
	r, width := utf8.DecodeRuneInString(text)
	return int(r - firstEscape), width, isEscape(r)
}

func appendPlain(dst []byte, ids []int) []byte {
	for _, id := range ids {
		switch {
		case id < firstByte:
			dst = append(dst, specials[id]...)
		case id < firstTriple:
			dst = append(dst, byte(id-firstByte))
		case id < firstQuad:
			n := id - firstTriple
			dst = append(dst, alphabet(n/(letters*letters)), alphabet(n/letters%letters), alphabet(n%letters))
		default:
			n := id - firstQuad
			dst = append(dst, byte('A'+n/(26*26*26)), byte('a'+n/(26*26)%26), byte('a'+n/26%26), byte('a'+n%26))
		}
	}
	return dst
}

func alphabet(n int) byte {
	if n == 0 {
		return ' '
	}
	return byte('a' + n - 1)
}
