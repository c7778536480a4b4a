package workload

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxLine bounds the bytes of a line: it holds a prompt of ten million tokens as
// text, or as hash ids of blocks of 16.
const MaxLine = 64 << 20

// Lines reads lines in the manner of bufio.Scanner. Unlike that, it goes on
// after a line that is too long.
type Lines struct {
	in     *bufio.Reader
	line   []byte
	long   []byte // what did not fit into the buffer of in
	number int
	size   int64 // of the line, in bytes, as far as it was read
	err    error
}

// NewLines reads lines of UTF-8, with or without a byte order mark. UTF-16 is an
// error.
func NewLines(from io.Reader) *Lines {
	l := &Lines{in: bufio.NewReaderSize(from, 256<<10)}
	l.err = SkipMark(l.in)
	return l
}

// packed are the first bytes of files that have to be unpacked first.
var packed = map[string]string{"\x1f\x8b": "gzip", "\xfd7z": "xz", "BZh": "bzip2", "\x28\xb5\x2f": "zstd", "PK\x03": "zip", "PAR1": "Parquet"}

// mark is the byte order mark of UTF-8.
const mark = "\xEF\xBB\xBF"

// SkipMark passes over a byte order mark of UTF-8. UTF-16 and files that are packed
// are errors.
func SkipMark(text *bufio.Reader) error {
	begin, err := text.Peek(4)
	if err != nil && err != io.EOF {
		return err
	}
	for magic, kind := range packed {
		if strings.HasPrefix(string(begin), magic) {
			return fmt.Errorf("it is a %s file: decompress it first", kind)
		}
	}
	switch {
	case strings.HasPrefix(string(begin), mark):
		_, err = text.Discard(len(mark))
		return err
	case strings.HasPrefix(string(begin), "\xFF\xFE"), strings.HasPrefix(string(begin), "\xFE\xFF"),
		len(begin) > 1 && (begin[0] == 0) != (begin[1] == 0):
		return errors.New("it is UTF-16: save it as UTF-8")
	}
	return nil
}

// Scan reads the next line.
func (l *Lines) Scan() bool {
	if l.err != nil {
		return false
	}
	line, err := l.in.ReadSlice('\n')
	l.size = int64(len(line))
	if err == bufio.ErrBufferFull {
		line, err = l.rest(line)
	}
	if err != nil && err != io.EOF {
		l.err = err
		return false
	}
	if l.size == 0 {
		return false
	}
	l.line = trimEnd(line)
	l.number++
	return true
}

// rest reads on where the buffer does not hold the line. Of what is beyond the
// bound it keeps nothing.
func (l *Lines) rest(begin []byte) ([]byte, error) {
	l.long = append(l.long[:0], begin...)
	for {
		more, err := l.in.ReadSlice('\n')
		if l.size += int64(len(more)); l.size <= MaxLine {
			l.long = append(l.long, more...)
		}
		if err != bufio.ErrBufferFull {
			return l.long, err
		}
	}
}

func trimEnd(line []byte) []byte {
	for n := len(line); n > 0 && (line[n-1] == '\n' || line[n-1] == '\r'); n-- {
		line = line[:n-1]
	}
	return line
}

// Bytes is the line that the last Scan read, without its end, valid until the
// next Scan. A line that is too long is an error.
func (l *Lines) Bytes() ([]byte, error) {
	if l.size > MaxLine {
		return nil, fmt.Errorf("the line is longer than %d MiB", MaxLine>>20)
	}
	return l.line, nil
}

// Number is that of the line, from 1.
func (l *Lines) Number() int { return l.number }

// Err is what ended the reading early, nil at a regular end.
func (l *Lines) Err() error { return l.err }
