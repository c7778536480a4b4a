package protocol

import "bytes"

// hole is a place of a chunk where the next chunk of a stream differs.
type hole struct {
	kind    holeKind
	at, end int
}

type holeKind uint8

const (
	textHole       holeKind = iota // the content of the string that is the text
	completionHole                 // the running number of tokens
	totalHole                      // that and the prompt's, which nobody reads
	holeKinds
)

// familiar knows the chunk before: the next one of a stream mostly differs in
// its text and its running counts alone. To see that takes a fraction of the
// time of scanning it.
type familiar struct {
	data  []byte
	holes [holeKinds]hole
	n     int // how many of the holes there are; 0 is no chunk
	e     event
}

// event reads a chunk as scanEvent does.
func (f *familiar) event(data []byte) (event, bool) {
	if e, ok := f.read(data); ok {
		return e, true
	}
	s := scanner{data: data}
	e, ok := s.event()
	if ok && s.texts == 1 && e.text {
		f.data, f.holes, f.n, f.e = append(f.data[:0], data...), s.holes, s.n, e
	}
	return e, ok
}

// read reads a chunk that is the one before but for what is in its holes. Text
// must be there, and may hold nothing that ends a string or escapes.
func (f *familiar) read(data []byte) (e event, ok bool) {
	if f.n == 0 {
		return e, false
	}
	e = f.e
	at := 0
	for _, h := range f.holes[:f.n] {
		if !bytes.HasPrefix(data, f.data[at:h.at]) {
			return e, false
		}
		data = data[h.at-at:]
		at = h.end
		length := 0
		if h.kind == textHole {
			length = plainText(data)
		} else {
			var count int
			if count, length = plainNumber(data); h.kind == completionHole {
				e.completion = count
			}
		}
		if length == 0 {
			return e, false
		}
		data = data[length:]
	}
	return e, bytes.Equal(data, f.data[at:])
}

// plainText is how many bytes of p pass for themselves in a string.
func plainText(p []byte) int {
	n := 0
	for n < len(p) && characters[p[n]] != odd {
		n++
	}
	return n
}

// plainNumber reads the digits at the beginning of p and returns how many they
// are, 0 when they are no whole number or too many for one.
func plainNumber(p []byte) (value, length int) {
	for length < len(p) && p[length]-'0' <= 9 {
		if length++; length > 9 {
			return 0, 0
		}
		value = value*10 + int(p[length-1]-'0')
	}
	if length > 1 && p[0] == '0' {
		return 0, 0
	}
	return value, length
}
