package drive

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// toy is an engine whose every pass takes a second and gives each sequence a
// token. It writes down its calls.
type toy struct {
	left map[int64]int
	ids  []int64
	log  []string
}

func newToy() *toy { return &toy{left: map[int64]int{}} }

func (e *toy) Submit(now float64, id int64, prompt, tokens int, _ sim.Text) error {
	e.log = append(e.log, fmt.Sprintf("submit %d at %.1f", id, now))
	if prompt > 100 {
		return errors.New("too long")
	}
	e.left[id] = tokens
	e.ids = append(e.ids, id)
	return nil
}

func (e *toy) Abort(id int64) {
	e.log = append(e.log, fmt.Sprintf("abort %d", id))
	delete(e.left, id)
}

func (e *toy) Step(now float64) (sim.Step, bool) {
	step := sim.Step{Duration: 1}
	for _, id := range e.ids {
		if e.left[id] > 0 {
			e.left[id]--
			step.Tokens = append(step.Tokens, sim.Token{ID: id, Last: e.left[id] == 0})
		}
	}
	if len(step.Tokens) > 0 {
		e.log = append(e.log, fmt.Sprintf("step at %.1f", now))
	}
	return step, len(step.Tokens) > 0
}

func (e *toy) Stats() sim.Stats { return sim.Stats{} }

// toys returns a driver over n toys at 10 virtual seconds a second, to be moved by hand.
func toys(t *testing.T, n int) (*Driver, []*toy) {
	t.Helper()
	var engines []Engine
	var all []*toy
	for range n {
		e := newToy()
		all, engines = append(all, e), append(engines, e)
	}
	d, err := NewSimulated(NewClock(time.Now(), 10), meter.New("m", n), Stall{}, engines)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.alarm.close() })
	return d, all
}

const second = int64(1e8) // a virtual second by the wall

func admit(d *Driver, arrived int64, prompt, tokens int) *Job {
	j := &Job{Sink: newRecorder(), PromptTokens: prompt, NewTokens: tokens, Arrived: arrived}
	d.source.admit(j)
	return j
}

// advance moves the driver to a wall time and returns when it wants to go on.
func advance(d *Driver, now int64) int64 {
	next, _ := d.source.advance(now)
	d.flush()
	return next
}

func dues(j *Job) string {
	var text strings.Builder
	for _, e := range j.Sink.(*recorder).events {
		fmt.Fprintf(&text, "%d@%.1f ", e.First, float64(e.Due)/float64(second))
	}
	return strings.TrimSpace(text.String())
}

func TestLatenessDoesNotMoveVirtualTime(t *testing.T) {
	d, engines := toys(t, 1)
	a := admit(d, 3*second, 1, 3)
	if next := advance(d, 3*second+777); next != 4*second {
		t.Errorf("the first step ends at %d", next)
	}
	// The driver wakes half a second late; b came within that half second.
	b := admit(d, 4*second+second/4, 1, 1)
	if next := advance(d, 4*second+second/2); next != 5*second {
		t.Errorf("the second step ends at %d", next)
	}
	advance(d, 9*second) // very late: all that was due meanwhile
	if got, want := strings.Join(engines[0].log, ", "), "submit 1 at 3.0, step at 3.0, step at 4.0, submit 2 at 4.2, step at 5.0"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if dues(a) != "0@4.0 1@5.0 2@6.0" || dues(b) != "0@6.0" {
		t.Errorf("a %s, b %s", dues(a), dues(b))
	}
	// Idle since 6, the engine starts when the next one comes.
	c := admit(d, 8*second, 1, 1)
	advance(d, 8*second+3)
	advance(d, 9*second)
	if dues(c) != "0@9.0" {
		t.Errorf("c %s", dues(c))
	}
}

func TestRequestsGoToReplicasInTurn(t *testing.T) {
	d, engines := toys(t, 3)
	for i := range 7 {
		admit(d, int64(i), 1, 1)
	}
	advance(d, 7)
	for i, want := range []string{"submit 1 at 0.0, step at 0.0", "submit 2 at 0.0, step at 0.0", "submit 3 at 0.0, step at 0.0"} {
		if got := strings.Join(engines[i].log, ", "); got != want {
			t.Errorf("replica %d: %s", i, got)
		}
	}
	advance(d, 2*second)
	if got := len(engines[0].log) + len(engines[1].log) + len(engines[2].log); got != 6+4+3 {
		t.Errorf("%q %q %q", engines[0].log, engines[1].log, engines[2].log)
	}
}

func TestRejectedAndDroppedJobsEnd(t *testing.T) {
	d, engines := toys(t, 1)
	for range 20 { // more than one turn's worth of steps
		admit(d, 0, 1000, 1)
	}
	good := admit(d, 0, 1, 5)
	late := admit(d, 50*second, 1, 5)
	for now := int64(0); now < 3; now++ {
		advance(d, now)
	}
	d.drop(late) // not yet submitted
	d.drop(good) // its step runs
	d.drop(good)
	advance(d, 2*second)
	if got := dues(good); got != "" {
		t.Errorf("a dropped job got %s", got)
	}
	if last := engines[0].log[len(engines[0].log)-1]; last != "abort 21" {
		t.Errorf("%q", engines[0].log)
	}
	rejected := &Job{Sink: newRecorder(), PromptTokens: 1000, NewTokens: 1, Arrived: 3 * second}
	d.source.admit(rejected)
	advance(d, 3*second)
	if rejected.Sink.(*recorder).err == nil {
		t.Error("nobody heard of the rejection")
	}
	d.drop(rejected)
}

func TestEarlierArrivalsGoFirstHoweverTheyWerePosted(t *testing.T) {
	d, engines := toys(t, 1)
	for _, at := range []int64{5, 2, 9, 1} {
		admit(d, at*second/10, 1, 1)
	}
	advance(d, second)
	advance(d, 3*second)
	if got, want := strings.Join(engines[0].log, ", "), "submit 4 at 0.1, step at 0.1, submit 2 at 0.2, submit 1 at 0.5, submit 3 at 0.9, step at 1.1"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// The real engines, live: every token of every request once and in order.
func TestSimulatedEnginesLive(t *testing.T) {
	model, err := sim.LookupModel("llama-2-7b-hf")
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := sim.LookupGPU("A6000")
	if err != nil {
		t.Fatal(err)
	}
	for _, policy := range sim.Policies() {
		e, err := sim.New(sim.Config{Model: model, Hardware: gpu, TP: 1, Policy: policy})
		if err != nil {
			t.Fatal(err)
		}
		clock := NewClock(time.Now(), 1000)
		d, err := NewSimulated(clock, meter.New("m", 1), Stall{}, []Engine{e})
		if err != nil {
			t.Fatal(err)
		}
		stop := run(t, d)
		var sinks []*recorder
		for i := range 40 {
			r := newRecorder()
			sinks = append(sinks, r)
			if err := d.Submit(&Job{Sink: r, PromptTokens: 500 + 50*i, NewTokens: 30, Arrived: clock.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		for i, r := range sinks {
			<-r.done
			for k, e := range r.events {
				if e.First != k || e.Tokens != 1 || e.Last != (k == 29) || k > 0 && e.Due <= r.events[k-1].Due {
					t.Fatalf("%s, request %d, event %d: %+v", policy, i, k, e)
				}
			}
			if len(r.events) != 30 {
				t.Errorf("%s, request %d: %d events", policy, i, len(r.events))
			}
		}
		stop()
	}
}
