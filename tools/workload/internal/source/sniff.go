package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fastgenbench/tools/internal/workload"
)

// look is how much of an input decides what it is.
const look = 64 << 10

// Open returns a reader on an input and the format that its beginning shows.
func Open(from io.Reader) (*bufio.Reader, Format, error) {
	in := buffered(from)
	if err := workload.SkipMark(in); err != nil {
		return nil, Format{}, err
	}
	begin, err := in.Peek(look)
	if err != nil && err != io.EOF {
		return nil, Format{}, err
	}
	f, err := recognise(begin)
	return in, f, err
}

// Buffer returns a reader on an input whose format is known.
func Buffer(from io.Reader) (*bufio.Reader, error) {
	in := buffered(from)
	return in, workload.SkipMark(in)
}

func recognise(begin []byte) (Format, error) {
	begin = bytes.TrimLeft(begin, " \t\r\n[")
	if len(begin) == 0 {
		return Format{}, errors.New("it is empty")
	}
	names, of := header(begin), func(f Format) []string { return f.columns }
	if begin[0] == '{' {
		names, of = keys(begin), func(f Format) []string { return f.keys }
	}
	for _, f := range Formats {
		if wanted := of(f); len(wanted) > 0 && shows(names, wanted) {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("it has none of the known formats (%s): it begins with %.80q", Names(), begin)
}

// shows reports whether all wanted names are there; a|b wants one of two.
func shows(names, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(w string) bool {
		return !slices.ContainsFunc(strings.Split(w, "|"), func(one string) bool { return slices.Contains(names, one) })
	})
}

// header is the first line's cells in lower case.
func header(begin []byte) []string {
	line, _, _ := bytes.Cut(begin, []byte("\n"))
	return split(strings.ToLower(string(line)))
}

// keys are those of the first object, as far as they are to be seen.
func keys(begin []byte) (names []string) {
	in := json.NewDecoder(bytes.NewReader(begin))
	in.Token() // the brace
	for in.More() {
		name, err := in.Token()
		if err != nil {
			break
		}
		names = append(names, fmt.Sprint(name))
		var value json.RawMessage
		if in.Decode(&value) != nil {
			break
		}
	}
	return names
}
