//go:build linux && !386 && !s390x

package stamp

import (
	"io"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// readRoom is the room for one read of a socket.
	readRoom = 16 << 10
	// arenaSize is the room for what was read and is not parsed yet: the tokens of
	// some two thousand streams.
	arenaSize = 512 << 10
	// parseAtOnce is how many reads are parsed before the sockets are looked at again.
	parseAtOnce = 32
	// warmAtOnce is how many of them share the wait for memory: see warm.
	warmAtOnce = 8
	// busyReads is how many sockets a busy loop finds ready at a look: see pace.
	busyReads = 4
)

// loop is one of Loops. All but the members and their places is for its goroutine alone.
type loop struct {
	set *os.File // the epoll set
	fd  int

	mu     sync.Mutex // taken once for many reads: a lock for each would take a sixth of its time
	places []place
	free   []int32

	events  [256]unix.EpollEvent
	ready   [256]*member
	message message
	watch   watch
	arena   []byte
	used    int       // of the arena
	reads   []read    // in their order
	parsed  int       // of the reads
	looked  time.Time // when all sockets were last looked at
	rested  bool      // between that look and this one
	beats   beats
	beating bool
	waiting int       // members for whom somebody waits
	noticed time.Time // the last look, or when somebody began to wait and nobody did
	late    bool      // this look came long after that
	found   int       // sockets at the last look
	pace    pace
	ended   bool // an answer ended
	warmed  int  // see Taker
}

// place is where an event finds its member. A place is used again, which the
// generation tells.
type place struct {
	*member
	generation int32
}

// read is what one read of a socket brought.
type read struct {
	of       *member
	from, to int // in the arena
	at       Arrival
	err      error
}

func newLoop() (*loop, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // so that the runtime polls it
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	l := &loop{set: os.NewFile(uintptr(fd), "epoll"), fd: fd, watch: watch{clock: newClock()}}
	if l.beats, err = newBeats(pulseBeat); err == nil {
		err = os.NewSyscallError("epoll_ctl", unix.EpollCtl(fd, unix.EPOLL_CTL_ADD, l.beats.fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: isBeat}))
	}
	if err != nil {
		l.set.Close()
		unix.Close(l.beats.fd)
		return nil, err
	}
	return l, nil
}

// isBeat is the place in an event that is a beat.
const isBeat = -1

// run reads and parses until the set is closed.
func (l *loop) run() {
	defer unix.Close(l.beats.fd)
	set, err := l.set.SyscallConn()
	for napped := time.Duration(0); err == nil; {
		switch {
		case l.parsed < len(l.reads):
			l.gather()
		case l.found >= busyReads && napped < longestNap && !l.pace.blind:
			l.found = 0
			napped += l.nap()
			l.gather()
		default:
			napped, l.found = 0, 0
			err = set.Read(l.look)
		}
		l.parse(parseAtOnce)
		if l.ended { // let those go on who waited
			l.ended = false
			runtime.Gosched()
		}
	}
}

// look gathers, and reports whether that brought something. Else the poller puts the
// loop to rest and has it look again.
func (l *loop) look(uintptr) bool {
	l.gather()
	l.rested = len(l.reads) == 0
	return !l.rested
}

// gather reads all sockets that are ready.
func (l *loop) gather() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		now := time.Now()
		l.late, l.noticed = beyond(l.noticed, now) > 0, now
		l.watch.forget()
		n := l.wait()
		for i, m := range l.ready[:n] {
			if m != nil {
				l.read(m, l.events[i].Events)
			}
		}
		if l.found += n; n < len(l.events) {
			l.looked = now
			return
		}
	}
}

// wait asks which sockets are ready, without waiting, and finds their members.
func (l *loop) wait() int {
	got, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.fd), uintptr(unsafe.Pointer(&l.events[0])), uintptr(len(l.events)), 0, 0, 0)
	if errno != 0 || got == 0 { // EINTR: the next wait tells
		return 0
	}
	for i := range l.events[:got] {
		e := &l.events[i]
		l.ready[i] = nil
		if e.Fd == isBeat {
			l.beat()
		} else if p := l.places[e.Fd]; p.generation == e.Pad {
			l.ready[i] = p.member
		}
	}
	return int(got)
}

// beat is called at a beat, or soon after.
func (l *loop) beat() {
	l.beats.take()
	if l.waiting == 0 {
		l.beating = l.beats.rest() != nil
	}
}

// expect notes that somebody waits for a member.
func (l *loop) expect() error {
	if l.waiting++; l.waiting == 1 {
		l.noticed = time.Now()
	}
	if l.beating {
		return nil
	}
	l.beating = true
	return l.beats.begin()
}

// read reads what a socket holds. The set tells of what comes once, so a socket is
// read until it is empty: a read that leaves room has emptied it, unless the other
// end has hung up.
func (l *loop) read(m *member, events uint32) {
	if events&unix.EPOLLOUT != 0 {
		m.signalWritable()
	}
	if events&^unix.EPOLLOUT == 0 {
		return
	}
	ends := events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0
	for {
		if l.arena == nil {
			l.arena = make([]byte, arenaSize)
		}
		if len(l.arena)-l.used < readRoom {
			l.handOn(len(l.reads))
		}
		n, at, err := l.receive(m, l.arena[l.used:l.used+readRoom])
		if err == syscall.EAGAIN {
			return
		}
		l.reads = append(l.reads, read{of: m, from: l.used, to: l.used + n, at: at, err: err})
		l.used += n
		if err != nil || n < readRoom && !ends {
			return
		}
	}
}

// parse hands at most so many reads on.
func (l *loop) parse(most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handOn(most)
}

func (l *loop) handOn(most int) {
	for ; most > 0 && l.parsed < len(l.reads); most-- {
		if l.parsed%warmAtOnce == 0 {
			l.warm(l.reads[l.parsed:min(l.parsed+warmAtOnce, len(l.reads))])
		}
		r := &l.reads[l.parsed]
		l.parsed++
		if r.of.take(l.arena[r.from:r.to], &r.at, r.err) {
			l.ended = true
		}
	}
	if l.parsed == len(l.reads) {
		clear(l.reads)
		l.reads, l.parsed, l.used = l.reads[:0], 0, 0
	}
}

// warm brings what the takers of the next reads use into the processor's cache. With a
// thousand streams it is not there, and each taker would wait for its own.
func (l *loop) warm(next []read) {
	var takers [warmAtOnce]Taker
	for i := range next {
		takers[i] = next[i].of.each
	}
	for _, each := range takers[:len(next)] {
		if each != nil {
			l.warmed += each.Warm()
		}
	}
}

// interest is what the set reports of a socket, each once. It reports room for writing
// only when a write waits for it: it would come along with all else.
const interest = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET

func (l *loop) add(m *member, base time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := int32(len(l.places))
	if n := len(l.free); n > 0 {
		at, l.free = l.free[n-1], l.free[:n-1]
	} else {
		l.places = append(l.places, place{})
	}
	m.loop, m.place, m.generation = l, at, l.places[at].generation+1
	m.reads.move(l.watch.base.Sub(base))
	l.places[at] = place{m, m.generation}
	err := m.control(unix.EPOLL_CTL_ADD, interest)
	if err != nil {
		l.places[at].member = nil
		l.free = append(l.free, at)
	}
	return err
}

// remove has the loop forget a member; its lock is held.
func (l *loop) remove(m *member) {
	l.places[m.place] = place{nil, m.generation}
	l.free = append(l.free, m.place)
}

// ending is the error that a read of nothing, or a failed one, tells.
func ending(n int, errno syscall.Errno) error {
	switch {
	case errno == syscall.EAGAIN:
		return syscall.EAGAIN
	case errno != 0:
		return os.NewSyscallError("recvmsg", errno)
	case n == 0:
		return io.EOF
	}
	return nil
}
