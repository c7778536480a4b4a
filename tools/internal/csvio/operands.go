package csvio

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// operands hands out the lines of several inputs, one after the other.
type operands struct {
	names []string
	stdin io.Reader

	file   io.Closer
	lines  *bufio.Reader
	label  string // replaces the rows' run, when given
	name   string // of the open input, for messages
	line   int    // number of the line last read, from 1
	opened bool
}

// Source splits an operand "label=path". A path that exists as it stands has no
// label.
func Source(operand string) (label, path string) {
	label, path, labelled := strings.Cut(operand, "=")
	if !labelled {
		return "", operand
	}
	if exists(operand) {
		return "", operand
	}
	return label, path
}

// expand replaces a labelled pattern by an operand for each file that it matches.
// A shell does so for a pattern without a label. One that is a file's name, or
// matches none, stays as it is.
func expand(names []string) []string {
	var all []string
	for _, name := range names {
		label, path := Source(name)
		found, _ := filepath.Glob(path) // a bad pattern matches nothing
		if label == "" || exists(path) || len(found) == 0 {
			all = append(all, name)
			continue
		}
		for _, file := range found {
			all = append(all, label+"="+file)
		}
	}
	return all
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// next opens the next input; io.EOF when there is none.
func (o *operands) next() error {
	o.close()
	if len(o.names) == 0 {
		return io.EOF
	}
	var path string
	o.label, path = Source(o.names[0])
	o.names, o.line = o.names[1:], 0
	input := io.Reader(o.stdin)
	o.name = "stdin"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		input, o.file, o.name = file, file, path
	}
	o.lines = bufio.NewReaderSize(input, 256<<10)
	o.opened = true
	return nil
}

// maxLine bounds a line, some ten million tokens: what is longer is not a row.
const maxLine = 64 << 20

// readLine returns the next line of the open input without its end, valid
// until the next call; io.EOF at the end of that input.
func (o *operands) readLine() ([]byte, error) {
	line, err := o.lines.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		line, err = o.longLine(bytes.Clone(line))
	}
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	if err != nil {
		if err != io.EOF {
			err = fmt.Errorf("reading %s: %w", o.name, err)
		}
		return nil, err
	}
	o.line++
	return trimEnd(line), nil
}

// longLine reads on where the buffer did not suffice.
func (o *operands) longLine(line []byte) ([]byte, error) {
	for len(line) < maxLine {
		more, err := o.lines.ReadSlice('\n')
		line = append(line, more...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
	return nil, fmt.Errorf("line %d is longer than %d MiB", o.line+1, maxLine>>20)
}

func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

func (o *operands) close() {
	if o.file != nil {
		o.file.Close() // read only: nothing can be lost
		o.file = nil
	}
	o.opened = false
}
