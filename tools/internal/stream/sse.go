package stream

import "bytes"

// sse cuts a stream into server-sent events.
type sse struct {
	hasData    bool   // a data line has come
	ended      bool   // name and data are of the event before
	skipLF     bool   // the line before ended with CR: an LF would belong to it
	begun      bool   // the first line has been read
	line       []byte // the beginning of a line whose end has not come
	name, data []byte // of the event so far
	at         Span   // likewise
}

// NewSSE returns a Splitter for server-sent events as the WHATWG standard
// defines them: lines end with CR, LF or both, a blank line ends an event, its
// data is the values of its data lines joined by LF, and other fields and comments
// are ignored, except for the comment that gives a Message's At. An event whose data is empty is not a message: servers send
// such events to keep a connection open.
func NewSSE() Splitter { return &sse{} }

func (s *sse) Next(p []byte) (m Message, rest []byte, ok bool, err error) {
	if data, rest, ok := s.whole(p); ok {
		return Message{Data: data}, rest, true, nil
	}
	for len(p) > 0 {
		if s.skipLF && p[0] == '\n' {
			p = p[1:]
		}
		s.skipLF = false
		end := lineEnd(p)
		if end < 0 {
			s.line = append(s.line, p...)
			p = nil
		} else {
			line := p[:end]
			if len(s.line) > 0 {
				s.line = append(s.line, line...)
				line = s.line
			}
			s.skipLF = p[end] == '\r'
			p = p[end+1:]
			ok = s.take(line)
			s.line = s.line[:0]
		}
		if len(s.line)+len(s.name)+len(s.data) > maxMessage {
			return m, nil, false, errTooLong
		}
		if ok {
			return Message{s.name, s.data, s.at}, p, true, nil
		}
	}
	return m, nil, false, nil
}

func (s *sse) Warm() int { return len(s.line) }

// whole cuts off the usual event: one line of data, all of it in p, whose lines end
// with LF. It is not copied.
//
// It compares with string constants. A short []byte made for bytes.HasPrefix would be
// read back while the processor still waits for the cache to take the stores before
// it, which costs 0.2 us.
func (s *sse) whole(p []byte) (data, rest []byte, ok bool) {
	if !s.ended || s.skipLF || len(s.line) > 0 {
		return nil, nil, false
	}
	const name = "data: "
	end := bytes.IndexByte(p, '\n')
	if end <= len(name) || end-len(name) > maxMessage || string(p[:len(name)]) != name {
		return nil, nil, false
	}
	data, rest = p[len(name):end], p[end+1:]
	if len(rest) == 0 || rest[0] != '\n' || bytes.IndexByte(data, '\r') >= 0 {
		return nil, nil, false
	}
	return data, rest[1:], true
}

// lineEnd returns the index of the first CR or LF in p, -1 when there is none.
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
func (s *sse) take(line []byte) bool {
	if s.ended {
		s.name, s.data, s.at, s.hasData, s.ended = s.name[:0], s.data[:0], Span{}, false, false
	}
	if !s.begun {
		s.begun = true
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if len(line) == 0 {
		s.ended = true
		return len(s.data) > 0
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "data":
		if s.hasData {
			s.data = append(s.data, '\n')
		}
		s.data, s.hasData = append(s.data, value...), true
	case "event":
		s.name = append(s.name[:0], value...)
	case "":
		if text, is := bytes.CutPrefix(value, []byte("t=")); is {
			s.at = secondsOf(text)
		}
	}
	return false
}

func (s *sse) Reset() {
	*s = sse{line: emptied(s.line), name: emptied(s.name), data: emptied(s.data)}
}
