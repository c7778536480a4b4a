//go:build linux && !386 && !s390x

package stamp

import (
	"context"
	"net"
	"runtime"
	"testing"
	"time"
)

// oneLoop is one loop, which reads all that join.
func oneLoop(t *testing.T) *Loops {
	t.Helper()
	one, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	l := &Loops{loops: []*loop{one}}
	l.ended.Go(one.run)
	t.Cleanup(l.Close)
	return l
}

// joined is a connection that the loops read, and its other end.
func joined(t *testing.T, loops *Loops) (*Conn, net.Conn) {
	t.Helper()
	c, to := pair(t, "tcp", "127.0.0.1:0")
	if err := c.Join(loops); err != nil {
		t.Fatal(err)
	}
	return c, to
}

// What comes while a loop is at work waits for it, however short the last of it waited.
func TestABusyLoopSaysSo(t *testing.T) {
	loops := oneLoop(t)
	quick, toQuick := joined(t, loops)
	slow, toSlow := joined(t, loops)
	begun, parsing, sent := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var first time.Time
	go func() {
		<-begun
		go slow.Each(context.Background(), time.Now().Add(time.Minute), taking(func([]byte, Arrival) bool {
			close(parsing)
			<-sent
			return true
		}))
		send(t, toSlow, "keeps the loop at work")
		<-parsing
		first = time.Now()
		send(t, toQuick, "first")
		send(t, toQuick, "second")
		close(sent)
	}()
	send(t, toQuick, "the stream has begun")
	var all []Arrival
	err := quick.Each(context.Background(), time.Now().Add(time.Minute), taking(func(_ []byte, at Arrival) bool {
		if all = append(all, at); len(all) == 1 {
			close(begun)
		}
		return len(all) == 2
	}))
	if err != nil {
		t.Fatal(err)
	}
	got := all[1]
	if got.Source != Kernel {
		t.Skip("the kernel gives no timestamps")
	}
	if !got.Busy || got.Since.After(first) {
		t.Errorf("busy %v; the first came %v before the socket is said to have been empty", got.Busy, got.Since.Sub(first))
	}
}

// A loop that is kept from ending its rest says so, too: meanwhile several may have come.
func TestALoopThatIsKeptSaysSo(t *testing.T) {
	loops := oneLoop(t)
	l := loops.loops[0]
	c, to := joined(t, loops)
	var first time.Time
	go func() {
		send(t, to, "the stream has begun")
		time.Sleep(pulseBeat / 2) // or it would mostly be at work
		l.mu.Lock()
		for c.joined.reads.count == 0 {
			l.mu.Unlock()
			runtime.Gosched()
			l.mu.Lock()
		}
		first = time.Now()
		send(t, to, "first")
		for beyond(l.noticed, time.Now()) == 0 {
			runtime.Gosched()
		}
		send(t, to, "second")
		l.mu.Unlock()
	}()
	var all []Arrival
	err := c.Each(context.Background(), time.Now().Add(time.Minute), taking(func(_ []byte, at Arrival) bool {
		all = append(all, at)
		return len(all) == 2
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := all[1]; !got.Busy || got.Since.After(first) {
		t.Errorf("busy %v; the first came %v before the socket is said to have been empty", got.Busy, got.Since.Sub(first))
	}
}

// A loop looks at each beat while somebody waits, and has beats for nobody else.
func TestALoopLooksAtEachBeat(t *testing.T) {
	loops := oneLoop(t)
	l := loops.loops[0]
	c, to := joined(t, loops)
	until := func(reached func() bool) {
		for done := false; !done; runtime.Gosched() {
			l.mu.Lock()
			done = reached()
			l.mu.Unlock()
		}
	}
	ended := make(chan error)
	go func() {
		ended <- c.Each(context.Background(), time.Now().Add(time.Minute), taking(func([]byte, Arrival) bool { return true }))
	}()
	var before time.Time
	until(func() bool { before = l.noticed; return l.waiting == 1 })
	until(func() bool { return l.noticed.Sub(before) >= 3*pulseBeat })
	send(t, to, "ends the wait")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	until(func() bool { return l.waiting == 0 && !l.beating })
}
