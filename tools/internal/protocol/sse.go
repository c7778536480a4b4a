package protocol

import (
	"bytes"
	"errors"
)

// maxEvent bounds one event of a stream, in bytes: a server that sends no line
// ends must not fill the memory.
const maxEvent = 16 << 20

var errEventTooLong = errors.New("an event of the stream is longer than 16 MB")

// splitter cuts a stream into server-sent events by the standard: lines end
// with CR, LF or both, a blank line ends an event, its data is the values of
// its data lines joined by LF, and other fields and comments are passed over.
// Input may be split at any byte. An event that lies whole in one piece of
// input is not copied.
type splitter struct {
	line   []byte // beginning of a line whose end has not come
	data   []byte // data of the event so far: own memory, or part of the input
	owned  []byte // the own memory
	has    bool   // whether there is data, which may be empty
	skipLF bool   // the line before ended with CR: an LF belongs to it
	begun  bool
}

// next takes input and returns the data of the first event that it completes,
// and the input behind that event; ok is false when the input is used up and
// no event is complete. Data is valid until the next call.
func (s *splitter) next(p []byte) (data, rest []byte, ok bool, err error) {
	for len(p) > 0 {
		if s.skipLF {
			s.skipLF = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		end := lineEnd(p)
		if end < 0 {
			s.line = append(s.line, p...)
			break
		}
		line := p[:end]
		if len(s.line) > 0 {
			s.line = append(s.line, line...)
			line = s.line
		}
		s.skipLF = p[end] == '\r'
		p = p[end+1:]
		if s.take(line) {
			s.line = s.line[:0]
			return s.data, p, true, nil
		}
		s.line = s.line[:0]
	}
	s.own()
	if len(s.line)+len(s.data) > maxEvent {
		return nil, nil, false, errEventTooLong
	}
	return nil, nil, false, nil
}

// lineEnd is the place of the first CR or LF in p, -1 when there is none.
func lineEnd(p []byte) int {
	lf := bytes.IndexByte(p, '\n')
	if lf >= 0 {
		p = p[:lf]
	}
	if cr := bytes.IndexByte(p, '\r'); cr >= 0 {
		return cr
	}
	return lf
}

// take reads one line and reports whether it ended an event that has data.
func (s *splitter) take(line []byte) bool {
	if !s.begun {
		s.begun = true
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if len(line) == 0 {
		complete := s.has
		s.has = false
		return complete
	}
	value, isData := dataField(line)
	if !isData {
		return false
	}
	switch {
	case s.has:
		s.own()
		s.owned = append(append(s.owned, '\n'), value...)
		s.data = s.owned
	case len(s.line) > 0: // the line lies in memory that the next one will use
		s.owned = append(s.owned[:0], value...)
		s.data = s.owned
	default:
		s.data = value
	}
	s.has = true
	return false
}

func dataField(line []byte) (value []byte, ok bool) {
	value, ok = bytes.CutPrefix(line, []byte("data"))
	if !ok || len(value) == 0 {
		return nil, ok
	}
	if value[0] != ':' {
		return nil, false
	}
	value = value[1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return value, true
}

// own copies the data of an unfinished event out of the input.
func (s *splitter) own() {
	if !s.has {
		s.data = nil
		return
	}
	if len(s.data) > 0 && (len(s.owned) == 0 || &s.data[0] != &s.owned[0]) {
		s.owned = append(s.owned[:0], s.data...)
	} else if len(s.data) == 0 {
		s.owned = s.owned[:0]
	}
	s.data = s.owned
}

// reset makes the splitter ready for another stream. Memory that one long
// event had needed is given back.
func (s *splitter) reset() {
	const keep = 4 << 10
	line, owned := s.line[:0], s.owned[:0]
	if cap(line) > keep {
		line = nil
	}
	if cap(owned) > keep {
		owned = nil
	}
	*s = splitter{line: line, owned: owned}
}
