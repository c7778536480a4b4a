//go:build linux && !386 && !s390x

package stamp

import (
	"context"
	"testing"
	"time"
)

// What comes while a loop is at work waits for it, however short the last of it waited.
func TestABusyLoopSaysSo(t *testing.T) {
	loops, err := NewLoops()
	if err != nil {
		t.Fatal(err)
	}
	loops.loops = loops.loops[:1]
	quick, toQuick := pair(t, "tcp", "127.0.0.1:0")
	slow, toSlow := pair(t, "tcp", "127.0.0.1:0")
	for _, c := range []*Conn{quick, slow} {
		if err := c.Join(loops); err != nil {
			t.Fatal(err)
		}
	}
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
	err = quick.Each(context.Background(), time.Now().Add(time.Minute), taking(func(_ []byte, at Arrival) bool {
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
