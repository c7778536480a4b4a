package drive

import (
	"context"
	"sync"
	"testing"
	"time"

	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// recorder is a sink that keeps what it is given.
type recorder struct {
	events []Event
	err    error
	done   chan struct{}
}

func newRecorder() *recorder { return &recorder{done: make(chan struct{})} }

func (r *recorder) Send(events []Event) {
	r.events = append(r.events, events...)
	if events[len(events)-1].Last {
		close(r.done)
	}
}

func (r *recorder) Reject(err error) {
	r.err = err
	close(r.done)
}

// run starts a driver and returns how to stop it.
func run(t testing.TB, d *Driver) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := d.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(stop)
	return stop
}

func TestPaceIsKeptFromTheArrivalOn(t *testing.T) {
	clock := NewClock(time.Now(), 2)
	d, err := NewPaced(clock, meter.New("m", 1), Stall{}, Pace{TTFT: 20 * time.Millisecond, Rate: 1000, Chunk: 3})
	if err != nil {
		t.Fatal(err)
	}
	run(t, d)
	var sinks []*recorder
	for i := range 50 {
		r := newRecorder()
		sinks = append(sinks, r)
		if err := d.Submit(&Job{Sink: r, PromptTokens: 5, NewTokens: 10, Arrived: int64(i)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, r := range sinks {
		<-r.done
		if len(r.events) != 4 {
			t.Fatalf("%d events for 10 tokens, three at once", len(r.events))
		}
		for k, e := range r.events {
			// 20 ms and 3 ms a chunk, half of it by the wall at twice the speed
			want := Event{First: 3 * k, Tokens: min(3, 10-3*k), Due: int64(i) + 10e6 + int64(k)*15e5, Last: k == 3}
			if e != want {
				t.Errorf("job %d event %d: %+v, want %+v", i, k, e, want)
			}
		}
	}
}

func TestCancelledJobsAreForgotten(t *testing.T) {
	d, err := NewPaced(NewClock(time.Now(), 1), meter.New("m", 1), Stall{}, Pace{Rate: 1000, Chunk: 1})
	if err != nil {
		t.Fatal(err)
	}
	endless, short := newRecorder(), newRecorder()
	job := &Job{Sink: endless, NewTokens: 1 << 30}
	for _, j := range []*Job{job, {Sink: short, NewTokens: 20}} {
		if err := d.Submit(j); err != nil {
			t.Fatal(err)
		}
	}
	stop := run(t, d)
	<-short.done
	d.Cancel(job)
	d.Cancel(job) // a second time changes nothing
	last := newRecorder()
	if err := d.Submit(&Job{Sink: last, NewTokens: 1, Arrived: d.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	<-last.done
	stop()
	if n := len(d.source.(*pacer).heap); n != 0 {
		t.Errorf("%d jobs are still paced", n)
	}
	if err := d.Submit(&Job{Sink: last}); err == nil {
		t.Error("a stopped driver took a job")
	}
	d.Cancel(job)
}

func TestPacesThatCannotBe(t *testing.T) {
	for _, pace := range []Pace{{Rate: 0, Chunk: 1}, {Rate: 1, Chunk: 0}, {Rate: 1, Chunk: 1, TTFT: -1}} {
		if _, err := NewPaced(NewClock(time.Now(), 1), meter.New("m", 1), Stall{}, pace); err == nil {
			t.Errorf("%+v was made", pace)
		}
	}
}

func TestStallIsOnePause(t *testing.T) {
	s := Stall{After: 5, For: 10}
	if s.remaining(7) != 0 {
		t.Error("it stalls before the first request")
	}
	s.begin(100)
	s.begin(200) // not the first any more
	for now, want := range map[int64]int64{104: 0, 105: 10, 110: 5, 114: 1, 115: 0, 300: 0} {
		if got := s.remaining(now); got != want {
			t.Errorf("at %d remain %d, want %d", now, got, want)
		}
	}
	none := Stall{}
	none.begin(1)
	if none.remaining(0) != 0 || none.remaining(1) != 0 {
		t.Error("the zero stall stalls")
	}
}

// What was due in a stall is sent after it, due when it was due.
func TestStallDelaysAndDropsNothing(t *testing.T) {
	clock := NewClock(time.Now(), 1)
	const stall = 20 * time.Millisecond
	d, err := NewPaced(clock, meter.New("m", 1), Stall{For: stall}, Pace{Rate: 1000, Chunk: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := newRecorder()
	arrived := clock.Now()
	if err := d.Submit(&Job{Sink: r, NewTokens: 10, Arrived: arrived}); err != nil {
		t.Fatal(err)
	}
	run(t, d)
	<-r.done
	if late := clock.Now() - arrived; late < int64(stall) {
		t.Errorf("all was sent %d ns after the stall began", late)
	}
	if got := r.events[9].Due - r.events[0].Due; len(r.events) != 10 || got != 9e6 {
		t.Errorf("%d events over %d ns", len(r.events), got)
	}
}

type nobody struct{}

func (nobody) Send([]Event) {}
func (nobody) Reject(error) {}

func BenchmarkPacer(b *testing.B) {
	d, err := NewPaced(NewClock(time.Now(), 1), meter.New("m", 1), Stall{}, Pace{Rate: 10, Chunk: 1})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 10000 {
		d.source.admit(&Job{Sink: nobody{}, NewTokens: 1 << 60, Arrived: int64(i) * 10000})
	}
	b.ReportAllocs()
	now := int64(0)
	for b.Loop() {
		now += 10000 // one event each
		d.source.advance(now)
		d.flush()
	}
}
