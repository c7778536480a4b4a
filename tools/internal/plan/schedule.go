package plan

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
)

// Options say how a schedule is read.
type Options struct {
	// BlockSize is the number of tokens per hash id.
	BlockSize int
	// Timed sends requests by their timestamps; else these mean nothing.
	Timed bool
	// Scale multiplies the times of the file: 0.5 is twice as fast.
	Scale float64
	// From and Until bound the timestamps, in seconds from the first one; Until is
	// left out, and +Inf is no bound.
	From, Until float64
	// NewTokens are generated where a line does not say how many.
	NewTokens int
	// Context is the longest sequence that the server takes, in tokens; 0 is not
	// known.
	Context int
}

// Schedule is a workload in a file, which was looked through from its beginning to
// its end. It is not kept in memory except for the turns of each session. A schedule
// in CSV is.
type Schedule struct {
	// Name is the file's, without its folder.
	Name string
	Options
	Survey

	file *os.File
	size int64
	list []traced // of CSV
	csv  bool
}

// Open looks a schedule through: JSON lines (package workload), or CSV with the
// columns due_s, prompt_tokens and max_new_tokens. What cannot be read twice is
// copied to a temporary file.
func Open(path string, o Options) (*Schedule, error) {
	s := &Schedule{Name: filepath.Base(path), Options: o}
	err := s.open(path)
	if err == nil {
		err = s.read()
	}
	if err != nil {
		return nil, fmt.Errorf("the schedule %s: %w", path, err)
	}
	return s, nil
}

func (s *Schedule) open(path string) (err error) {
	if s.file, err = os.Open(path); err != nil {
		return err
	}
	info, err := s.file.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		s.file, err = copied(s.file)
	}
	if err != nil {
		return err
	}
	s.size, err = s.file.Seek(0, io.SeekEnd)
	return err
}

// copied is a temporary file, already without a name, with all that comes.
func copied(from *os.File) (*os.File, error) {
	defer from.Close() // read only: nothing can be lost
	to, err := os.CreateTemp("", "schedule-*")
	if err != nil {
		return nil, err
	}
	if err = os.Remove(to.Name()); err == nil {
		_, err = io.Copy(to, from)
	}
	return to, err
}

// begin reads the file from its beginning.
func (s *Schedule) begin() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

func (s *Schedule) read() (err error) {
	if s.csv = !isObjects(s.begin()); s.csv {
		if s.list, err = parseTrace(s.begin(), maxTraced); err != nil {
			return err
		}
	}
	return s.look()
}

// isObjects reports whether one of a text's first lines begins a JSON object.
func isObjects(text io.Reader) bool {
	begin, _ := bufio.NewReaderSize(text, 4<<10).Peek(4 << 10) // an error shows again
	begin = bytes.TrimLeft(bytes.TrimPrefix(begin, []byte("\xEF\xBB\xBF")), " \t\r\n")
	return bytes.HasPrefix(begin, []byte("{")) || bytes.Contains(begin, []byte("\n{"))
}

// Fit looks the schedule through once more where it has requests that a context of
// so many tokens does not hold; 0 is not known. A prompt that is too long is then a
// bad line, and a generation gives way.
func (s *Schedule) Fit(context int) error {
	if context == 0 || s.Longest <= context {
		return nil
	}
	s.Context = context
	if err := s.look(); err != nil {
		return fmt.Errorf("the schedule %s: %w", s.Name, err)
	}
	return nil
}

// Describe names the workload: the file, and what the flags change of it.
func (s *Schedule) Describe() string {
	words := s.Name
	if s.From > 0 || !math.IsInf(s.Until, 1) {
		words += fmt.Sprintf(" from %g until %g s", s.From, s.Until)
	}
	if s.Timed && s.Scale != 1 {
		words += fmt.Sprintf(" time x %g", s.Scale)
	}
	return words
}

// Close closes the file.
func (s *Schedule) Close() error { return s.file.Close() }
