package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// eachObject hands the objects of a JSON list, or of lines of JSON, to parse,
// whose error is the object's. Of a list one object at a time is in memory.
func (in *input) eachObject(parse func(object []byte) error) error {
	first, err := firstByte(in)
	if err != nil {
		return err
	}
	if first != '[' {
		return in.eachLine(parse)
	}
	ration := &rationed{from: in.from, left: in.longest}
	list := json.NewDecoder(ration)
	if _, err := list.Token(); err != nil {
		return err
	}
	for number := 1; list.More(); number++ {
		ration.left = in.longest
		var object json.RawMessage
		if err := list.Decode(&object); err != nil { // nothing behind it can be found
			return fmt.Errorf("record %d: %w", number, cutShort(err))
		}
		err := parse(object)
		switch {
		case in.failed != nil:
			return in.failed
		case err != nil:
			in.skip(fmt.Sprintf("%s: record %d", in.Name, number), err)
		}
	}
	_, err = list.Token()
	return cutShort(err)
}

func cutShort(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("it ends inside the list: is it truncated?")
	}
	return err
}

// firstByte is the first that is not blank, 0 at the end.
func firstByte(in *input) (byte, error) {
	begin, err := in.from.Peek(look)
	if err != nil && err != io.EOF {
		return 0, err
	}
	if begin = bytes.TrimLeft(begin, " \t\r\n"); len(begin) == 0 {
		return 0, nil
	}
	return begin[0], nil
}

// unmarshal reads an object; its error says which key has a wrong type.
func unmarshal(object []byte, to any) error {
	err := json.Unmarshal(object, to)
	wrong := (*json.UnmarshalTypeError)(nil)
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &wrong):
		return fmt.Errorf("it is not a JSON object: %w", err)
	case wrong.Field == "":
		return fmt.Errorf("it is not a JSON object: %s", wrong.Value)
	}
	return fmt.Errorf("%s is of a wrong type: %s", wrong.Field, wrong.Value)
}

// encode is a value as JSON, with < and & as they are.
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimSpace(text.Bytes()), err
}

// rationed fails when more is read than is left, so that a record without an end
// does not take all memory.
type rationed struct {
	from io.Reader
	left int
}

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errors.New("it is too long")
	}
	n, err := r.from.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}
