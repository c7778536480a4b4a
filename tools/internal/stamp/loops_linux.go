//go:build linux && !386 && !s390x

package stamp

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Loops read the sockets of many connections. An engine's step sends the tokens
// of all its streams at once. A goroutine per stream would read and parse one
// token after the other: the last stream would wait for the parsing of all
// others, and a second token that came meanwhile would share its read, and its
// timestamp. A loop reads first and parses later:
//
//   - Its epoll set holds the sockets that it reads. It takes the bytes and the
//     kernel's timestamps of all sockets that are ready, and only then hands some of
//     them on to be parsed, in their order. Then it looks at the sockets again.
//   - Whoever waits for an answer sleeps until the answer is complete: parsing is
//     done by the loop, so that no goroutine wakes for a token.
//   - When nothing is ready, the loop rests in the runtime's poller, which watches
//     the epoll set as it watches a socket. So no thread and no processor of the
//     runtime is held. Woken, it waits for its turn behind the goroutines that are ready
//     to run. So that a loop that was kept is told from one to which nothing came, it
//     also looks at each beat of Pulse while somebody waits.
//   - The loop knows when it last looked at all sockets. What it finds in one came
//     after that, which bounds how long the first of several messages waited.
//
// There is one loop for each processor, and a connection belongs to one of them;
// loops share nothing.
type Loops struct {
	loops []*loop
	next  atomic.Uint32
	ended sync.WaitGroup
}

// NewLoops starts as many loops as the runtime uses processors.
func NewLoops() (*Loops, error) {
	l := new(Loops)
	for range runtime.GOMAXPROCS(0) {
		one, err := newLoop()
		if err != nil {
			return nil, l.fail(err)
		}
		l.loops = append(l.loops, one)
		l.ended.Go(one.run)
	}
	return l, nil
}

func (l *Loops) fail(err error) error {
	l.Close()
	return err
}

// Close ends the loops. Their connections must be closed before.
func (l *Loops) Close() {
	if l == nil {
		return
	}
	for _, one := range l.loops {
		one.set.Close() // nothing is written
	}
	l.ended.Wait()
}

// join gives a socket to the loops, in turn. Its reads count from base.
func (l *Loops) join(m *member, base time.Time) error {
	return l.loops[int(l.next.Add(1))%len(l.loops)].add(m, base)
}
