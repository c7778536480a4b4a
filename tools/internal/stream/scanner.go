package stream

import (
	"bytes"
	"strconv"
	"strings"
)

// maxDepth bounds how deep values may nest before the scanner gives up.
const maxDepth = 16

// scanner reads a message in place, without an allocation. It is strict and
// narrow: each method reads one thing and the blanks in front of it, and reports
// whether that was there. What it does not expect, an error of the server
// included, is left to decode.
type scanner struct {
	data  []byte
	at    int
	depth int
	seen  uint // which fields of the current object were read, one bit each
	slots slots
	reading
}

// blanks passes over blanks, of which servers send hardly any.
func (s *scanner) blanks() {
	if s.at < len(s.data) && s.data[s.at] <= ' ' {
		s.moreBlanks()
	}
}

func (s *scanner) moreBlanks() {
	for s.at < len(s.data) && strings.IndexByte(" \t\r\n", s.data[s.at]) >= 0 {
		s.at++
	}
}

// next reads one of two bytes, without blanks in front.
func (s *scanner) next(a, b byte) bool {
	if s.at < len(s.data) && (s.data[s.at] == a || s.data[s.at] == b) {
		s.at++
		return true
	}
	return false
}

func (s *scanner) take(c byte) bool {
	s.blanks()
	return s.next(c, c)
}

func (s *scanner) peek() byte {
	if s.blanks(); s.at < len(s.data) {
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

// null reads null.
func (s *scanner) null() bool { return s.peek() == 'n' && s.word("null") }

// object reads an object whose keys mean what they do at a level.
func (s *scanner) object(at level) bool {
	if s.depth++; s.depth > maxDepth || !s.take('{') {
		return false
	}
	outer := s.seen
	s.seen = 0
	for more := !s.take('}'); more; {
		key, ok := s.plain()
		if !ok || !s.next(':', ':') && !s.take(':') || !s.member(at, key) {
			return false
		}
		if more = s.next(',', ',') || s.take(','); !more && !s.take('}') {
			return false
		}
	}
	s.seen = outer
	s.depth--
	return true
}

// member reads the value of a key. No key with a meaning may occur twice.
func (s *scanner) member(at level, key []byte) bool {
	known := fields[at]
	for i := range known {
		f := &known[i]
		if f.key != string(key) {
			continue
		}
		if s.seen&(1<<i) != 0 {
			return false
		}
		s.seen |= 1 << i
		s.hasChoices = s.hasChoices || f.as == asChoices
		return s.null() || s.value(f)
	}
	return s.skip()
}

func (s *scanner) value(f *field) (ok bool) {
	switch f.as {
	case asInner:
		return s.object(f.at)
	case asChoices:
		n, ok := s.list(f.at)
		s.Choice = s.Choice || n > 0
		return ok
	case asVisible:
		return s.text(&s.Text)
	case asReasoning:
		return s.text(&s.Reasoning)
	case asRole:
		return s.text(&s.Role)
	case asFinish:
		reason, ok := s.plain()
		s.Finish = max(s.Finish, finishOf(string(reason)))
		return ok
	case asIDs:
		n, ok := s.list(elsewhere)
		s.Tokens.add(n)
		return ok
	case asKind, asPart, asStatus:
		s.names[f.as], ok = s.plain()
		return ok && !bytes.Contains(s.names[f.as], []byte("error"))
	case asName, asBirth:
		return s.label(f.as)
	case asQueueMS, asTTFTMS:
		from := s.at
		ok = s.number()
		ms, err := strconv.ParseFloat(string(s.data[from:s.at]), 64)
		s.span(f.as, ms)
		return ok && err == nil
	}
	return f.as != asFault && s.counted(f.as)
}

// text reads a string of which only matters whether it is empty. An empty list
// of parts is empty, too.
func (s *scanner) text(some *bool) bool {
	if s.take('[') {
		return s.take(']')
	}
	text, ok := s.quoted()
	*some = *some || len(text) > 0
	s.slots.add(asVisible, s.at-1-len(text), s.at-1)
	return ok
}

// counted reads a count that is written as a plain whole number.
func (s *scanner) counted(as meaning) bool {
	from := s.at
	n, length := wholeNumber(s.data[s.at:])
	s.at += length
	s.count(as, CountOf(n))
	if as == asPrompt || as == asCompletion || as == asTotal {
		s.slots.add(as, from, s.at)
	}
	return length > 0
}

// label passes over a value that differs from stream to stream and means nothing.
func (s *scanner) label(as meaning) bool {
	s.blanks()
	from := s.at
	ok := s.skip()
	switch text := s.data[from:s.at]; {
	case !ok:
	case as == asName && len(text) > 2 && ordinary(text[1:]) == len(text)-2:
		s.slots.add(as, from+1, s.at-1)
	case as == asBirth && wholeDigits(text) == len(text):
		s.slots.add(as, from, s.at)
	}
	return ok
}

// special holds the bytes that do not stand for themselves in a string.
var special = func() (is [256]bool) {
	for c := range is {
		is[c] = c < ' ' || c == '"' || c == '\\'
	}
	return is
}()

// ordinary returns how many bytes of p stand for themselves in a string.
func ordinary(p []byte) (n int) {
	for n < len(p) && !special[p[n]] {
		n++
	}
	return n
}

// plain reads a string without escapes.
func (s *scanner) plain() ([]byte, bool) {
	if s.blanks(); !s.next('"', '"') {
		return nil, false
	}
	text := s.data[s.at:]
	n := ordinary(text)
	s.at += n + 1
	return text[:n], n < len(text) && text[n] == '"'
}

// quoted reads a string and returns it as it is written.
func (s *scanner) quoted() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	for from := s.at; ; {
		s.at += ordinary(s.data[s.at:])
		if s.next('"', '"') {
			return s.data[from : s.at-1], true
		}
		if !s.next('\\', '\\') || !s.escape() {
			return nil, false
		}
	}
}

// escape reads what follows a backslash.
func (s *scanner) escape() bool {
	rest := s.data[s.at:]
	if len(rest) >= 5 && rest[0] == 'u' {
		s.at += 5
		_, err := strconv.ParseUint(string(rest[1:5]), 16, 16)
		return err == nil
	}
	s.at++
	return len(rest) > 0 && strings.IndexByte(`"\/bfnrt`, rest[0]) >= 0
}

// skip passes over any value.
func (s *scanner) skip() bool {
	switch c := s.peek(); {
	case c == '"':
		_, ok := s.quoted()
		return ok
	case c == '{':
		return s.object(elsewhere)
	case c == '[':
		_, ok := s.list(elsewhere)
		return ok
	case c >= 'a':
		return s.word("null") || s.word("true") || s.word("false")
	}
	return s.number()
}

// list reads a list of objects of a level, or of any values elsewhere, and
// counts them.
func (s *scanner) list(at level) (n int, ok bool) {
	if s.depth++; s.depth > maxDepth || !s.take('[') {
		return 0, false
	}
	for more := !s.take(']'); more; n++ {
		if at == elsewhere && !s.skip() || at != elsewhere && !s.object(at) {
			return 0, false
		}
		if more = s.take(','); !more && !s.take(']') {
			return 0, false
		}
	}
	s.depth--
	return n, true
}

// number passes over a number.
func (s *scanner) number() bool {
	s.next('-', '-')
	zero := s.next('0', '0')
	if s.digits() > 0 == zero {
		return false
	}
	if s.next('.', '.') && s.digits() == 0 {
		return false
	}
	if s.next('e', 'E') {
		s.next('+', '-')
		return s.digits() > 0
	}
	return true
}

func (s *scanner) digits() (n int) {
	rest := s.data[s.at:]
	for n < len(rest) && rest[n]-'0' <= 9 {
		n++
	}
	s.at += n
	return n
}
