package workload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"fastgenbench/tools/internal/record"
)

// field is what a key means.
type field uint

const (
	timestamp field = iota
	delay
	inputLength
	outputLength
	hashIDs
	session
	textInput
	messages
	messageMode
	contextMode
	tools
	extra
	payload
)

// fields are the keys that have a meaning, aliases among them.
var fields = map[string]field{
	"timestamp": timestamp, "created_time": timestamp, "delay": delay, "delay_ms": delay,
	"input_length": inputLength, "input_tokens": inputLength,
	"output_length": outputLength, "output_tokens": outputLength,
	"hash_ids": hashIDs, "session_id": session, "text_input": textInput,
	"messages": messages, "message_mode": messageMode, "context_mode": contextMode,
	"tools": tools, "extra": extra, "payload": payload,
}

// parser reads lines; its list of ids is used again for the next line.
type parser struct {
	cutter
	one  Request
	seen uint // which fields were read, one bit each
	ids  []uint64
}

// Parse reads one line, which must be an object. Keys without a meaning are
// skipped. A Reader does the same with less garbage.
func Parse(line []byte) (Request, error) { return new(parser).parse(line) }

// parse reads one line. The request keeps nothing of it.
func (p *parser) parse(line []byte) (Request, error) {
	p.cutter, p.one, p.seen = cutter{data: line}, Request{}, 0
	if err := p.object(p.member); err != nil {
		return Request{}, err
	}
	return p.one, p.one.Validate()
}

func (p *parser) member(key []byte) error {
	f, known := fields[string(key)]
	if !known {
		_, err := p.value()
		return err
	}
	if p.null() {
		return nil
	}
	if p.seen&(1<<f) != 0 {
		return fmt.Errorf("%s occurs twice, under one name or two", key)
	}
	p.seen |= 1 << f
	return p.set(f, string(key))
}

func (p *parser) set(f field, key string) (err error) {
	switch f {
	case timestamp:
		p.one.Timestamp, err = p.milliseconds(key)
	case delay:
		p.one.Delay, err = p.milliseconds(key)
	case inputLength:
		p.one.InputLength, err = p.tokens(key)
	case outputLength:
		p.one.OutputLength, err = p.tokens(key)
	case hashIDs:
		p.ids, err = p.cutter.ids(p.ids[:0])
		p.one.HashIDs = slices.Clip(append([]uint64(nil), p.ids...))
	case session:
		p.one.Session, err = p.name()
	case textInput:
		if p.one.Text, err = p.copied(); err == nil && p.one.Text == "" {
			err = errors.New("text_input is empty")
		}
	case messages:
		p.one.Messages, err = p.raw()
	case tools:
		p.one.Tools, err = p.raw()
	case extra:
		p.one.Extra, err = p.raw()
	case messageMode, contextMode:
		err = p.mode(f)
	case payload:
		err = errors.New("payload is a complete request in the protocol of one server, which is not replayed: use messages, text_input or input_length")
	}
	return err
}

// milliseconds reads a time.
func (p *parser) milliseconds(key string) (record.Seconds, error) {
	ms, err := p.number(key)
	return record.InSeconds(ms / 1e3), err
}

// tokens reads a length, as 37 or as other programs write it, 37.0.
func (p *parser) tokens(key string) (int, error) {
	n, err := p.number(key)
	switch {
	case err != nil:
		return 0, err
	case n < 1 || n != math.Trunc(n):
		return 0, fmt.Errorf("%s %g is not a whole number above 0", key, n)
	case n > MaxTokens:
		return 0, fmt.Errorf("%s %g is too large: the maximum is %d", key, n, MaxTokens)
	}
	return int(n), nil
}

func (p *parser) number(key string) (float64, error) {
	p.blanks()
	if n, digits := wholeNumber(p.data[p.at:]); digits > 0 && digits < 16 && !isNumeral(p.data, p.at+digits) {
		p.at += digits
		return float64(n), nil
	}
	raw, err := p.value()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0, fmt.Errorf("%s %.40s is not a number", key, raw)
	}
	return n, nil
}

// isNumeral reports whether a number goes on at a place.
func isNumeral(data []byte, at int) bool {
	return at < len(data) && bytes.IndexByte([]byte(".eE"), data[at]) >= 0
}

// name reads a session's name; some write numbers.
func (p *parser) name() (string, error) {
	p.blanks()
	if p.at < len(p.data) && p.data[p.at] != '"' {
		n, err := p.number("session_id")
		return strconv.FormatFloat(n, 'f', -1, 64), err
	}
	name, err := p.copied()
	if err == nil && name == "" {
		err = errors.New("session_id is empty")
	}
	return name, err
}

func (p *parser) copied() (string, error) {
	text, err := p.text()
	return string(text), err
}

func (p *parser) raw() (json.RawMessage, error) {
	raw, err := p.value()
	return bytes.Clone(raw), err
}

// mode reads how a turn's messages relate to those before it. AIPerf's
// context_mode says it for whole sessions; here each line says it.
func (p *parser) mode(f field) error {
	mode, err := p.copied()
	switch {
	case err != nil:
		return err
	case f == messageMode && (mode == "history" || mode == "delta"):
		p.one.Delta = mode == "delta"
		return nil
	case f == contextMode && mode == "message_array_with_responses":
		return nil
	case f == contextMode:
		return fmt.Errorf("context_mode %.40q is not replayed: each line must hold its whole prompt, or messages with message_mode \"delta\"", mode)
	}
	return fmt.Errorf("message_mode %.40q is neither history nor delta", mode)
}
