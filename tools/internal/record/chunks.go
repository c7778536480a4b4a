package record

import (
	"fmt"
	"strconv"
	"strings"
)

// Chunk is one streamed message that brought tokens.
type Chunk struct {
	// At is the offset from the request's start_s, in seconds.
	At float64
	// Early is by how much it may have come before At, in seconds: the client read
	// it late, together with a later one, and At is that one's timestamp. 0 where
	// At is its own.
	Early float64
	// Tokens is how many tokens it brought; 0 is not known, since the server
	// counts otherwise than by messages.
	Tokens int
}

// Chunks are the messages of one request in order of arrival. As a cell they
// are offsets separated by spaces, followed by "~d" where a message may have come
// up to d seconds earlier, by "*n" where it brought n tokens, and by "*?" where it
// is not known how many:
//
//	0.412300 0.424100~0.003200 0.424100*2 0.437000
//
// The first is the time to the first token, differences are the gaps.
type Chunks []Chunk

// Tokens is the number of tokens that all chunks brought, absent where one of
// them brought an unknown number.
func (c Chunks) Tokens() Count {
	n := 0
	for _, one := range c {
		if one.Tokens == 0 {
			return Count{}
		}
		n += one.Tokens
	}
	return CountOf(n)
}

// MarshalCSV prints the cell; no chunks is an empty cell.
func (c Chunks) MarshalCSV() (string, error) {
	cell := make([]byte, 0, 10*len(c))
	for i, one := range c {
		if i > 0 {
			cell = append(cell, ' ')
		}
		cell = strconv.AppendFloat(cell, one.At, 'f', 6, 64)
		if one.Early > 0 {
			cell = strconv.AppendFloat(append(cell, '~'), one.Early, 'f', 6, 64)
		}
		switch one.Tokens {
		case 0:
			cell = append(cell, "*?"...)
		case 1:
		default:
			cell = append(cell, '*')
			cell = strconv.AppendInt(cell, int64(one.Tokens), 10)
		}
	}
	return string(cell), nil
}

// UnmarshalCSV reads what MarshalCSV prints. Offsets must not fall.
func (c *Chunks) UnmarshalCSV(cell string) error {
	*c = nil
	if cell == "" {
		return nil
	}
	// A guess, seldom short: the offsets of one cell are nearly equally long.
	list := make(Chunks, 0, len(cell)/(len("0.123456 ")-1)+1)
	for start := 0; start <= len(cell); {
		chunk, end, err := scanChunk(cell, start)
		if err != nil {
			return err
		}
		if n := len(list); n > 0 && chunk.At < list[n-1].At {
			return fmt.Errorf("chunk %d at %s is before the previous one", n+1, cell[start:end])
		}
		list = append(list, chunk)
		start = end + 1
	}
	*c = list
	return nil
}

// scanChunk reads the chunk that begins at start and returns where it ends.
// These cells are nearly all of a file's bytes, so the plain form is read in
// one pass; parseChunk judges everything else.
func scanChunk(cell string, start int) (Chunk, int, error) {
	const digitsPerFloat = 15 // any integer of so many digits is an exact float
	var value uint64
	point, i := -1, start
	for ; i < len(cell); i++ {
		if digit := cell[i] - '0'; digit <= 9 {
			value = value*10 + uint64(digit)
		} else if cell[i] == '.' && point < 0 && i > start {
			point = i
		} else {
			break
		}
	}
	plain := i == len(cell) || cell[i] == ' '
	if decimals := i - point - 1; plain && point > 0 && decimals > 0 && i-start <= digitsPerFloat {
		return Chunk{At: float64(value) / powersOfTen[decimals], Tokens: 1}, i, nil
	}
	end := len(cell)
	if space := strings.IndexByte(cell[start:], ' '); space >= 0 {
		end = start + space
	}
	chunk, err := parseChunk(cell[start:end])
	return chunk, end, err
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// MaxTokens bounds the tokens of one message: a larger number is a fault.
const MaxTokens = 1 << 20

// parseChunk reads "0.424100", "0.424100*2", "0.424100*?" or "0.424100~0.003200*2".
func parseChunk(word string) (Chunk, error) {
	at, count, several := strings.Cut(word, "*")
	at, early, uncertain := strings.Cut(at, "~")
	chunk := Chunk{Tokens: 1}
	v, err := parseFinite(at)
	if err != nil {
		return chunk, err
	}
	chunk.At = v
	if uncertain {
		if chunk.Early, err = parseFinite(early); err != nil || chunk.Early < 0 {
			return chunk, fmt.Errorf("%q is not a time by which a chunk may be earlier", early)
		}
	}
	switch {
	case !several:
	case count == "?":
		chunk.Tokens = 0
	default:
		if chunk.Tokens, err = strconv.Atoi(count); err != nil || chunk.Tokens < 1 || chunk.Tokens > MaxTokens {
			return chunk, fmt.Errorf("%q is not a number of tokens", count)
		}
	}
	return chunk, nil
}
