package lockstep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// script is an engine whose requests end, and whose events come, at known times.
type script struct {
	now           float64
	ended, events int
	holds         bool // events until they are asked for, or the end
	under         []*answer
	cancelled     []string
	before        func() error
}

// answer is what becomes of a request.
type answer struct {
	id     string
	events []float64
	end    float64
	told   chan float64 // each event; closed at the end
}

func (s *script) send(r *Request, end float64, events ...float64) *answer {
	a := &answer{r.ID, events, end, make(chan float64, 100)}
	s.under = append(s.under, a)
	return a
}

func (s *script) Advance(_ context.Context, step Step) (Reply, error) {
	if s.before != nil {
		if err := s.before(); err != nil {
			return Reply{}, err
		}
	}
	if step.Flush {
		s.tell()
		return Reply{s.now, s.ended, s.events}, nil
	}
	s.cancelled = append(s.cancelled, step.Cancelled...)
	s.ended += len(step.Cancelled)
	s.under = slices.DeleteFunc(s.under, func(a *answer) bool { return slices.Contains(step.Cancelled, a.id) })
	next := step.Until
	for _, a := range s.under {
		next = min(next, a.end)
	}
	if !math.IsInf(next, 1) {
		s.now = max(s.now, next)
	}
	if !s.holds || slices.ContainsFunc(s.under, func(a *answer) bool { return a.end <= s.now }) {
		s.tell()
	}
	for _, a := range s.under {
		if a.end <= s.now {
			close(a.told)
			s.ended++
		}
	}
	s.under = slices.DeleteFunc(s.under, func(a *answer) bool { return a.end <= s.now })
	return Reply{s.now, s.ended, s.events}, nil
}

// tell has the events of all answers sent up to the present.
func (s *script) tell() {
	for _, a := range s.under {
		for len(a.events) > 0 && a.events[0] <= s.now {
			a.told <- a.events[0]
			a.events = a.events[1:]
			s.events++
		}
	}
}

// ask sends a request that is answered so long after, with events between, and
// returns why it ended, nil when it was answered.
func (s *script) ask(a *Actor, id string, took float64, events ...float64) error {
	r, ctx := a.Ask(id)
	defer r.End()
	answer := s.send(r, a.Now()+took, events...)
	if err := r.Hold(); err != nil {
		s.under = s.under[:len(s.under)-1]
		return err
	}
	for {
		select {
		case at, more := <-answer.told:
			if !more {
				return nil
			}
			r.Event(at)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func never() time.Duration { return time.Hour }

func run(c *Clock) error { return c.Run(context.Background(), never, func(error) {}) }

// Whatever the goroutines do, actors that wake at one instant act in the order of
// their numbers, and requests in that of their sending.
func TestTheOrderIsThatOfTimeAndNumber(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want []string
	for i := range 20 {
		runtime.GOMAXPROCS([]int{1, 8}[i%2])
		var got []string
		s := &script{}
		c := New(s, Limits{})
		all := NewGathering(50)
		for n := range 50 {
			c.Go(n, func(a *Actor) {
				_ = a.Sleep(float64(n%7) / 10)
				got = append(got, fmt.Sprint(n, " woke at ", a.Now()))
				a.Meet(all)
				got = append(got, fmt.Sprint(n, " met at ", a.Now()))
				_ = s.ask(a, fmt.Sprint(n), float64(n%5))
				got = append(got, fmt.Sprint(n, " was answered at ", a.Now()))
			})
		}
		if err := run(c); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Fatalf("run %d went\n%q, the first\n%q", i, got, want)
		}
	}
	if len(want) != 150 || want[50] != "0 met at 0.6" || want[99] != "49 met at 0.6" || want[149] != "49 was answered at 4.6" {
		t.Errorf("%q", want)
	}
}

func TestLimitsGiveUp(t *testing.T) {
	silent := errors.New("silent")
	for name, c := range map[string]struct {
		limits Limits
		took   float64
		events []float64
		want   error
		at     float64
	}{
		"no limit":              {Limits{}, 1e6, nil, nil, 1e6},
		"a timeout":             {Limits{Timeout: 2 * time.Second}, 5, nil, context.DeadlineExceeded, 2},
		"one that is just met":  {Limits{Timeout: 2 * time.Second}, 2, nil, nil, 2},
		"silence at once":       {Limits{Silence: time.Second, Silent: silent}, 5, nil, silent, 1},
		"silence after events":  {Limits{Silence: time.Second, Silent: silent}, 9, []float64{0.5, 1.5, 2.25}, silent, 3.25},
		"events in time":        {Limits{Silence: time.Second, Silent: silent}, 3, []float64{0.5, 1.5, 2.5}, nil, 3},
		"a timeout amid events": {Limits{Timeout: 2 * time.Second, Silence: time.Second, Silent: silent}, 9, []float64{0.5, 1.25, 2}, context.DeadlineExceeded, 2},
	} {
		for _, holds := range []bool{false, true} {
			s := &script{holds: holds}
			clock := New(s, c.limits)
			clock.Go(0, func(a *Actor) {
				if err := s.ask(a, "it", c.took, c.events...); !errors.Is(err, c.want) || a.Now() != c.at {
					t.Errorf("%s: %v at %v, want %v at %v", name, err, a.Now(), c.want, c.at)
				}
				_ = s.ask(a, "next", 0.1) // the engine is told of what was given up
			})
			if err := run(clock); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if given := c.want != nil; slices.Equal(s.cancelled, []string{"it"}) != given {
				t.Errorf("%s: cancelled %q", name, s.cancelled)
			}
		}
	}
}

// An engine that fails, or that knows of no request, ends the load and all actors.
func TestAnEngineThatCannotGoOn(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		fails bool
		want  string
	}{"fails": {true, "broken"}, "forgets": {false, "virtual time stands still: the server has no request in flight, but the clients do"}} {
		s := &script{}
		steps, stopped, lived := 0, 0, 0
		s.before = func() error {
			if steps++; steps < 3 {
				return nil
			}
			if s.under = nil; c.fails {
				return broken
			}
			return nil
		}
		clock := New(s, Limits{})
		for n := range 9 {
			clock.Go(n, func(a *Actor) {
				for i := 0; s.ask(a, fmt.Sprint(n, i), float64(1+n)) == nil; i++ {
				}
				if a.Sleep(1e9) == nil {
					t.Error("an actor slept on")
				}
				lived++
			})
		}
		err := clock.Run(context.Background(), never, func(error) { stopped++ })
		if err == nil || err.Error() != c.want || stopped != 1 || lived != 9 {
			t.Errorf("%s: %v, told %d times, %d actors ended", name, err, stopped, lived)
		}
	}
}

func TestClientsThatAllWaitAreAnError(t *testing.T) {
	clock := New(&script{}, Limits{})
	clock.Go(0, func(a *Actor) { a.Meet(NewGathering(2)) })
	if err := run(clock); err == nil {
		t.Error("no error")
	}
}

// An interrupt wakes sleepers at once; what is in flight has its grace.
func TestAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &script{before: func() error { cancel(); return nil }}
	clock := New(s, Limits{})
	var got []string
	tell := func(a *Actor, what string, err error) { got = append(got, fmt.Sprint(what, " ", a.Now(), " ", err)) }
	clock.Go(0, func(a *Actor) { tell(a, "short", s.ask(a, "0", 1)); tell(a, "more", s.ask(a, "1", 1)) })
	clock.Go(1, func(a *Actor) { tell(a, "asleep", a.Sleep(1e6)) })
	clock.Go(2, func(a *Actor) { tell(a, "within", s.ask(a, "2", 10)) })
	clock.Go(3, func(a *Actor) { tell(a, "long", s.ask(a, "3", 100)) })
	grace := func() time.Duration { return 20 * time.Second }
	if err := clock.Run(ctx, grace, func(error) {}); err != nil {
		t.Fatal(err)
	}
	want := []string{"short 1 <nil>", "more 1 context canceled", "asleep 1 context canceled", "within 10 <nil>", "long 21 context canceled"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTenThousandActors(t *testing.T) {
	s := &script{}
	clock := New(s, Limits{Timeout: time.Hour})
	answered := 0
	for n := range 10000 {
		clock.Go(n, func(a *Actor) {
			for range 2 {
				if s.ask(a, fmt.Sprint(n), float64(1+n%3)) == nil {
					answered++
				}
			}
		})
	}
	if err := run(clock); err != nil || answered != 20000 || clock.Now() != 6 {
		t.Errorf("%v, %d answered, until %v", err, answered, clock.Now())
	}
}

func TestTimesAreExactToTheNanosecond(t *testing.T) {
	for _, seconds := range []float64{0, 1e-9, 0.1, 12.345678912, 123456.000000001, 1e8} {
		if got := Seconds(Time(seconds)); math.Abs(got-seconds) > 1e-9*math.Max(1, seconds/1e6) {
			t.Errorf("%v became %v", seconds, got)
		}
	}
}
