package cmdline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// The exit statuses of every tool.
const (
	statusDone    = 0 // done, or the reader left
	statusFailed  = 1 // could not
	statusUsage   = 2 // asked wrongly
	statusPartial = 3 // done, but a request failed or a row was skipped
	statusSignal  = 128
)

// ExitError is an error that names the exit status itself, as the command
// that serve-launch ran does. An empty message is not printed.
type ExitError struct {
	Status  int
	Message string
}

func (e *ExitError) Error() string { return e.Message }

// Usagef is an error of the one who typed the command: exit status 2.
func Usagef(format string, args ...any) error {
	return &ExitError{statusUsage, fmt.Sprintf(format, args...)}
}

// Partialf says that the work is done but not all of it: exit status 3.
func Partialf(format string, args ...any) error {
	return &ExitError{statusPartial, fmt.Sprintf(format, args...)}
}

type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// WithHint adds to an error what may be done about it.
func WithHint(err error, hint string) error { return hinted{err, hint} }

// status prints err and turns it into the exit status.
func (s *Std) status(err error, signal os.Signal) int {
	if s.readerGone(err) || signal != nil && errors.Is(err, context.Canceled) {
		err = nil
	}
	status := statusDone
	if err != nil {
		status = statusFailed
		if exit := (*ExitError)(nil); errors.As(err, &exit) {
			status = exit.Status
		}
		s.print(err)
	}
	if number, ok := signal.(syscall.Signal); ok {
		return statusSignal + int(number)
	}
	return status
}

func (s *Std) print(err error) {
	text := strings.TrimSpace(err.Error())
	if text == "" {
		return
	}
	s.Warnf("%s", strings.ReplaceAll(text, "\n", "\n  "))
	if h := (hinted{}); errors.As(err, &h) {
		s.Hintf("%s", h.hint)
	}
}

// readerGone reports whether err is a write to a standard output that nobody
// reads any more: `| head` has seen enough, which is not a failure.
func (s *Std) readerGone(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) && path.Path == s.Out.Name() && errors.Is(path.Err, syscall.EPIPE)
}
