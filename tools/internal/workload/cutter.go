package workload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
)

// cutter takes one JSON object apart in place, without an allocation for what is
// plain: the lists of hash ids make up most of a trace's bytes.
type cutter struct {
	data []byte
	at   int
}

// object calls member for each key, to read its value.
func (c *cutter) object(member func(key []byte) error) error {
	if !c.take('{') {
		return errors.New("it is not a JSON object")
	}
	for more := !c.take('}'); more; {
		key, err := c.text()
		if err != nil {
			return err
		}
		if !c.take(':') {
			return c.broken()
		}
		if err := member(key); err != nil {
			return err
		}
		if more = c.take(','); !more && !c.take('}') {
			return c.broken()
		}
	}
	if c.blanks(); c.at < len(c.data) {
		return fmt.Errorf("there is text after the object, at byte %d", c.at+1)
	}
	return nil
}

func (c *cutter) blanks() {
	for c.at < len(c.data) && isBlank(c.data[c.at]) {
		c.at++
	}
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// take reads a byte with blanks in front.
func (c *cutter) take(b byte) bool {
	c.blanks()
	if c.at < len(c.data) && c.data[c.at] == b {
		c.at++
		return true
	}
	return false
}

func (c *cutter) broken() error {
	if c.at >= len(c.data) {
		return errors.New("the line ends inside the object: is it truncated?")
	}
	return fmt.Errorf("it is not JSON from byte %d on", c.at+1)
}

// text reads a string; what it returns is valid as long as the line is.
func (c *cutter) text() ([]byte, error) {
	c.blanks()
	rest := c.data[c.at:]
	if len(rest) > 0 && rest[0] == '"' {
		if n := bytes.IndexByte(rest[1:], '"'); n >= 0 && isPlain(rest[1:n+1]) {
			c.at += n + 2
			return rest[1 : n+1], nil
		}
	}
	raw, err := c.value()
	if err != nil {
		return nil, err
	}
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return nil, fmt.Errorf("%.40s is not text", raw)
	}
	return []byte(text), nil
}

// isPlain reports whether all bytes of a string stand for themselves.
func isPlain(p []byte) bool {
	for _, b := range p {
		if b < ' ' || b == '\\' || b >= 0x80 {
			return false
		}
	}
	return true
}

// value reads any value and returns it as it is written.
func (c *cutter) value() ([]byte, error) {
	c.blanks()
	raw := bytes.TrimRight(c.data[c.at:c.end()], " \t\r\n")
	if !json.Valid(raw) {
		if c.end() == len(c.data) {
			c.at = len(c.data)
		}
		return nil, c.broken()
	}
	c.at += len(raw)
	return raw, nil
}

// end is where the value that begins here ends, if it is JSON.
func (c *cutter) end() int {
	depth, quoted := 0, false
	for i := c.at; i < len(c.data); i++ {
		switch b := c.data[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			depth++
		case depth > 0 && (b == '}' || b == ']'):
			depth--
		case depth == 0 && (b == ',' || b == '}' || b == ']'):
			return i
		}
	}
	return len(c.data)
}

// null reads null.
func (c *cutter) null() bool {
	if c.blanks(); bytes.HasPrefix(c.data[c.at:], []byte("null")) {
		c.at += len("null")
		return true
	}
	return false
}

// ids appends a list of whole numbers.
func (c *cutter) ids(to []uint64) ([]uint64, error) {
	if !c.take('[') {
		return nil, errors.New("hash_ids is not a list")
	}
	for more := !c.take(']'); more; {
		c.blanks()
		id, n := wholeNumber(c.data[c.at:])
		if n == 0 {
			if c.at >= len(c.data) {
				return nil, c.broken()
			}
			return nil, fmt.Errorf("hash_ids has something other than whole numbers from 0 to 2^64-1, at byte %d", c.at+1)
		}
		to, c.at = append(to, id), c.at+n
		if more = c.take(','); !more && !c.take(']') {
			return nil, c.broken()
		}
	}
	return to, nil
}

// wholeNumber reads digits and returns how many; none where they make no number.
func wholeNumber(p []byte) (value uint64, n int) {
	for n < len(p) && p[n]-'0' <= 9 {
		over, low := bits.Mul64(value, 10)
		sum, carry := bits.Add64(low, uint64(p[n]-'0'), 0)
		if over+carry > 0 || n == 1 && p[0] == '0' {
			return 0, 0
		}
		value = sum
		n++
	}
	return value, n
}
