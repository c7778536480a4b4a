package stamp

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// setClock returns a clock and a way to set its wall time, without which the
// drift is nought.
func setClock(t *testing.T) (*clock, func(by time.Duration, looks int)) {
	t.Helper()
	c := newClock()
	var drift time.Duration
	looks := -1
	c.look = func(time.Time) (time.Time, time.Duration) {
		if looks == 0 {
			drift = 0
		}
		looks--
		return time.Now().Round(0).Add(drift), drift
	}
	return &c, func(by time.Duration, n int) { drift, looks = by, n }
}

func TestAStepOfTheWallClockIsFoundOut(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, time.Millisecond} {
		c, set := setClock(t)
		kernel := time.Now().UnixNano()
		if got := c.arrival(kernel); got.Source != Kernel {
			t.Fatalf("before the step: %+v", got)
		}
		set(by, -1)
		if got := c.arrival(kernel); got.Source != Stepped || got.Lag() != 0 {
			t.Errorf("across a step by %v: %+v", by, got)
		}
		kernel = time.Now().Add(by).UnixNano()
		if got := c.arrival(kernel); got.Source != Kernel || got.Lag() > time.Second {
			t.Errorf("after a step by %v: %+v", by, got)
		}
	}
}

// Being put aside between the two clocks looks like a step, once.
func TestOneOddLookIsNoStep(t *testing.T) {
	c, set := setClock(t)
	set(20*time.Millisecond, 1)
	if got := c.arrival(time.Now().UnixNano()); got.Source != Kernel {
		t.Errorf("%+v", got)
	}
}

func TestAStampOfTheFutureIsNotBelieved(t *testing.T) {
	c := newClock()
	if got := c.arrival(time.Now().Add(time.Hour).UnixNano()); got.Source != User {
		t.Errorf("%+v", got)
	}
}

func TestPulseFindsWhereTheProgramStoodStill(t *testing.T) {
	p := NewPulse()
	at := func(ms int) time.Time { return p.base.Add(time.Duration(ms) * time.Millisecond) }
	beat := func(from, to int) {
		for ms := from; ms <= to; ms += 5 {
			p.beat(at(ms))
		}
	}
	beat(0, 100)
	beat(300, 400) // stood still from 100 to 300 ms
	for _, c := range []struct{ from, to, want int }{
		{0, 90, 0}, {0, 200, 195}, {150, 160, 195}, {250, 400, 195}, {320, 400, 0},
		{390, 450, 45}, // still standing
	} {
		if got := p.Longest(at(c.from), at(c.to)); got != time.Duration(c.want)*time.Millisecond {
			t.Errorf("between %d and %d ms: %v, want %d ms", c.from, c.to, got, c.want)
		}
	}
}

// The beats of a program that does not stand still are noted, and end with the context.
func TestPulseBeatsUntilItsContextEnds(t *testing.T) {
	p := NewPulse()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	begun := func() time.Time {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.last
	}
	for from := begun(); begun().Sub(from) < 2*pulseBeat; { // more than the start
		runtime.Gosched()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
