//go:build unix

package launch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ReaderGone returns a channel that is closed when nobody reads the pipe f any
// more. For a terminal or a file that never happens. The goroutine behind it
// lives until then or as long as the process.
func ReaderGone(f *os.File) <-chan struct{} {
	gone := make(chan struct{})
	if !HasReader(f) {
		return gone
	}
	fd := int32(f.Fd())
	go func() {
		for {
			// No events are asked for: POLLERR comes unasked when the last reader closes.
			poll := []unix.PollFd{{Fd: fd}}
			if _, err := unix.Poll(poll, -1); err != nil && !errors.Is(err, unix.EINTR) {
				return
			}
			if poll[0].Revents != 0 {
				close(gone)
				return
			}
		}
	}()
	return gone
}

// HasReader reports whether f is a pipe or a socket, which somebody reads,
// and not a terminal or a file.
func HasReader(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0
}
