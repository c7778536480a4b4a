package protocol

// maxDepth bounds how deep values may nest before the scanner gives up.
const maxDepth = 16

// scanner walks over JSON in place. Every method reads one thing and the blanks in
// front of it, and reports whether that was there.
type scanner struct {
	data  []byte
	at    int
	depth int
	texts int // strings that are the chunk's text
	// holes are where the next chunk will differ, in order; n is their number.
	holes [holeKinds]hole
	n     int
}

// blanks passes over blanks; the engines send hardly any.
func (s *scanner) blanks() {
	if s.at < len(s.data) && s.data[s.at] <= ' ' {
		s.moreBlanks()
	}
}

func (s *scanner) moreBlanks() {
	for s.at < len(s.data) {
		switch s.data[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) take(c byte) bool {
	s.blanks()
	if s.at < len(s.data) && s.data[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) peek() byte {
	s.blanks()
	if s.at < len(s.data) {
		return s.data[s.at]
	}
	return 0
}

func (s *scanner) atEnd() bool {
	s.blanks()
	return s.at == len(s.data)
}

func (s *scanner) word(w string) bool {
	s.blanks()
	if len(s.data)-s.at >= len(w) && string(s.data[s.at:s.at+len(w)]) == w {
		s.at += len(w)
		return true
	}
	return false
}

func (s *scanner) null() bool { return s.peek() == 'n' && s.word("null") }

// object reads an object whose keys mean what they do at a level. A key that
// stands twice, or that encoding/json would take for another, is refused.
func (s *scanner) object(e *event, at level) bool {
	if s.depth++; s.depth > maxDepth || !s.take('{') {
		return false
	}
	defer func() { s.depth-- }()
	if s.take('}') {
		return true
	}
	seen := uint32(0)
	for {
		k, ok := s.key()
		if !ok || !s.take(':') {
			return false
		}
		if k != stranger && at != elsewhere {
			if seen&(1<<k) != 0 {
				return false
			}
			seen |= 1 << k
		}
		if !s.field(e, at, k) {
			return false
		}
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// A character of a string is one of these.
const (
	odd      = iota // a quote, a backslash, a control character
	ordinary        // any other
	keyLike         // of a key that is not refused: a small letter, a digit, an underscore
)

var characters = func() (kinds [256]uint8) {
	for c := range kinds {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_':
			kinds[c] = keyLike
		case c >= ' ' && c != '"' && c != '\\':
			kinds[c] = ordinary
		}
	}
	return kinds
}()

// key reads a key of plain lower-case letters, digits and underscores.
func (s *scanner) key() (key, bool) {
	if !s.take('"') {
		return stranger, false
	}
	rest := s.data[s.at:]
	n := 0
	for n < len(rest) && characters[rest[n]] == keyLike {
		n++
	}
	if n == len(rest) || rest[n] != '"' {
		return stranger, false
	}
	s.at += n + 1
	return keyOf(rest[:n]), true
}

// text reads a string without escapes.
func (s *scanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	from := s.at
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; {
		case c == '"':
			s.at++
			return s.data[from : s.at-1], true
		case c == '\\' || c < ' ' || c >= 0x80:
			return nil, false
		}
	}
	return nil, false
}

// quoted passes over any string and returns how many bytes it takes.
func (s *scanner) quoted() (int, bool) {
	if !s.take('"') {
		return 0, false
	}
	from := s.at
	for {
		rest := s.data[s.at:]
		n := 0
		for n < len(rest) && characters[rest[n]] != odd {
			n++
		}
		if n == len(rest) {
			return 0, false
		}
		s.at += n + 1
		switch rest[n] {
		case '"':
			return s.at - 1 - from, true
		case '\\':
			if !s.escape() {
				return 0, false
			}
		default:
			return 0, false
		}
	}
}

func (s *scanner) escape() bool {
	if s.at >= len(s.data) {
		return false
	}
	c := s.data[s.at]
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if s.at >= len(s.data) || hexDigit(s.data[s.at]) < 0 {
				return false
			}
			s.at++
		}
		return true
	}
	return false
}

// skip passes over any value.
func (s *scanner) skip() bool {
	switch c := s.peek(); c {
	case '"':
		_, ok := s.quoted()
		return ok
	case '{':
		return s.object(nil, elsewhere)
	case '[':
		return s.list()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		return s.number()
	}
}

func (s *scanner) list() bool {
	if s.depth++; s.depth > maxDepth || !s.take('[') {
		return false
	}
	defer func() { s.depth-- }()
	if s.take(']') {
		return true
	}
	for s.skip() {
		if !s.take(',') {
			return s.take(']')
		}
	}
	return false
}

// number passes over a number.
func (s *scanner) number() bool {
	s.take('-')
	if leading := s.at; s.digits() == 0 || s.data[leading] == '0' && s.at > leading+1 {
		return false
	}
	if s.at < len(s.data) && s.data[s.at] == '.' {
		if s.at++; s.digits() == 0 {
			return false
		}
	}
	if s.at < len(s.data) && s.data[s.at]|0x20 == 'e' {
		if s.at++; s.at < len(s.data) && (s.data[s.at] == '+' || s.data[s.at] == '-') {
			s.at++
		}
		return s.digits() > 0
	}
	return true
}

func (s *scanner) digits() (n int) {
	for ; s.at < len(s.data) && s.data[s.at] >= '0' && s.data[s.at] <= '9'; s.at++ {
		n++
	}
	return n
}

// differs notes what was just read as a hole.
func (s *scanner) differs(kind holeKind, at, end int) {
	if s.n < len(s.holes) {
		s.holes[s.n] = hole{kind, at, end}
		s.n++
	}
}

// running reads a count that the next chunk will have another value of.
func (s *scanner) running(value *int, kind holeKind) bool {
	s.blanks()
	from := s.at
	if !s.count(value) {
		return false
	}
	_, length := plainNumber(s.data[from:])
	s.differs(kind, from, from+length)
	return true
}

// count reads a plain whole number.
func (s *scanner) count(value *int) bool {
	s.blanks()
	n := 0
	if *value, n = plainNumber(s.data[s.at:]); n == 0 {
		return false
	}
	s.at += n
	switch c := s.peek(); c {
	case ',', '}', ']':
		return true
	}
	return false
}

// numbers counts the plain whole numbers of a list.
func (s *scanner) numbers(n *int) bool {
	*n = 0
	if !s.take('[') {
		return false
	}
	if s.take(']') {
		return true
	}
	for one := 0; s.count(&one); {
		*n++
		if !s.take(',') {
			return s.take(']')
		}
	}
	return false
}
