//go:build linux && !386 && !s390x

package stamp

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// shortestNap and longestNap bound a nap. Several in a row end with the longest.
	shortestNap = 100 * time.Microsecond
	longestNap  = 900 * time.Microsecond
	// napsPerGap is how many naps there are in the mean time between two reads of a
	// socket, napsPerWait in the mean time for which whoever waits has waited.
	napsPerGap  = 10
	napsPerWait = 250
)

// pace is how fast something comes to the sockets of a loop, and so for how long it may
// nap. Where a look found several sockets ready, the next one will, too. A look costs
// as much as a read and wakes the loop; after a nap one look serves many reads. The
// timestamps are the kernel's, and a nap changes none. But what comes to a socket twice
// during a nap shares a read and a timestamp, and a client learns of the end of its
// answer after the nap. So naps are short compared with the times between two reads and
// with those of answers.
type pace struct {
	gap    time.Duration // running mean of the time between two reads of a socket
	waited time.Duration // likewise, from when somebody began to wait to a read
	blind  bool          // the kernel does not stamp: what is read later would be late
}

// read notes a read of a socket: the kernel's timestamp of the one before, the
// beginning of the wait, and this one's timestamp, 0 for none, in nanoseconds.
func (p *pace) read(before, began, now int64) {
	p.blind = now == 0
	follow(&p.gap, now-before, napsPerGap)
	follow(&p.waited, now-began, napsPerWait)
}

// follow moves a running mean towards a new value. A pause between requests counts for
// no more than what makes naps of twice the longest.
func follow(mean *time.Duration, ns int64, naps time.Duration) {
	*mean += (min(max(0, time.Duration(ns)), 2*naps*longestNap) - *mean) / 256
}

// nap is for how long to nap.
func (p *pace) nap() time.Duration {
	return max(shortestNap, min(p.gap/napsPerGap, p.waited/napsPerWait, longestNap))
}

// nap naps and returns for how long it meant to.
func (l *loop) nap() time.Duration {
	d := l.pace.nap()
	t := unix.NsecToTimespec(int64(d))
	unix.RawSyscall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
	return d
}
