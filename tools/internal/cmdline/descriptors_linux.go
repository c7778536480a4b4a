package cmdline

import (
	"os"

	"golang.org/x/sys/unix"
)

// mostDescriptors bounds what room is made for: 8 bytes each.
const mostDescriptors = 64 << 10

// GrowDescriptors makes room, now, for as many open files as the limit allows.
// Linux doubles a process's table of files when it is full, and waits meanwhile
// until no thread can be looking at the old one: some 10 ms in which nobody who
// opens a file gets on, in Go often nobody at all. A server or its client would
// see that as a pause when its 256th, 512th, ... connection is made. Where it
// does not work, that is what happens.
func GrowDescriptors() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return
	}
	last := int(min(limit.Cur, mostDescriptors)) - 1
	if fd, err := unix.FcntlInt(os.Stderr.Fd(), unix.F_DUPFD_CLOEXEC, last); err == nil {
		_ = unix.Close(fd) // the table does not shrink
	}
}
