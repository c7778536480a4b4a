package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
)

// sink takes rows from many clients without keeping any of them waiting, and
// writes them one by one, each flushed.
type sink struct {
	out  *csvio.Writer[record.Request]
	seen func(record.Request) // sees each row that was written
	fail func(error)          // is called with the first row that could not be

	mu     sync.Mutex
	rows   []record.Request
	closed bool
	some   *sync.Cond
	done   chan struct{}
	err    error
}

func newSink(out *csvio.Writer[record.Request], seen func(record.Request), fail func(error)) *sink {
	s := &sink{out: out, seen: seen, fail: fail, done: make(chan struct{})}
	s.some = sync.NewCond(&s.mu)
	go s.run()
	return s
}

// put takes a row. It never blocks for longer than it takes to append.
func (s *sink) put(row record.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, row)
	s.some.Signal()
}

// close waits until all rows are written and returns the first error.
func (s *sink) close() error {
	s.mu.Lock()
	s.closed = true
	s.some.Signal()
	s.mu.Unlock()
	<-s.done
	return s.err
}

func (s *sink) run() {
	defer close(s.done)
	for {
		s.mu.Lock()
		for len(s.rows) == 0 && !s.closed {
			s.some.Wait()
		}
		rows := s.rows
		s.rows = nil
		s.mu.Unlock()
		if len(rows) == 0 {
			return
		}
		for _, row := range rows {
			s.write(row)
		}
	}
}

func (s *sink) write(row record.Request) {
	if s.err != nil {
		return // nobody can have it
	}
	if s.err = s.out.Write(row); s.err != nil {
		s.fail(s.err)
		return
	}
	s.seen(row)
}

// partFile is the file of a point that is being measured. It gets its name
// when it is whole.
type partFile struct {
	*os.File
	final string
}

// createPart makes the file, and its folder.
func createPart(final string) (*partFile, error) {
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(final + ".part")
	if err != nil {
		return nil, err
	}
	return &partFile{file, final}, nil
}

// keep closes the file under the name of one that is not whole.
func (f *partFile) keep() error { return f.Close() }

// finish closes the file and gives it its name, such that not even a power
// cut leaves a name without all of its rows.
func (f *partFile) finish() error {
	err := f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), f.final); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(f.final))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close() // read only: nothing can be lost
	return folder.Sync()
}

// probeFolder fails early, and clearly, where no file can be made.
func probeFolder(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	probe, err := os.CreateTemp(path, ".probe-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written to: %w", path, err)
	}
	_, writeErr := io.WriteString(probe, "probe\n")
	err = probe.Close()
	if removeErr := os.Remove(probe.Name()); err == nil {
		err = removeErr
	}
	if writeErr != nil {
		return writeErr
	}
	return err
}
