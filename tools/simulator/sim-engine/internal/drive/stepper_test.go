package drive

import (
	"math"
	"strings"
	"testing"

	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// stepped returns a Stepper over n toys, whose passes take a second.
func stepped(n int, stall Stall) (*Stepper, []*toy) {
	var engines []Engine
	var all []*toy
	for range n {
		e := newToy()
		all, engines = append(all, e), append(engines, e)
	}
	return StepSimulated(meter.New("m", n), stall, engines), all
}

func job(prompt, tokens int) *Job {
	return &Job{Sink: newRecorder(), PromptTokens: prompt, NewTokens: tokens}
}

func TestStepperGoesFromInstantToInstant(t *testing.T) {
	s, engines := stepped(1, Stall{})
	forever := math.Inf(1)
	if s.Next(forever) || s.Now() != 0 {
		t.Errorf("with nothing under way it moved to %v", s.Now())
	}
	if s.Next(1.25) || s.Now() != 1.25 {
		t.Errorf("with nothing under way it moved to %v", s.Now())
	}
	first, second := job(1, 2), job(1, 1)
	s.Submit([]*Job{first})
	s.Submit([]*Job{second}) // at the same instant, but the engine is off
	for i, until := range []float64{2, forever, forever, forever} {
		if moved := s.Next(until); moved != (i == 1 || i == 2) || s.Now() != []float64{2, 2.25, 3.25, 3.25}[i] {
			t.Errorf("step %d: moved %v, to %v", i, moved, s.Now())
		}
	}
	if got, want := strings.Join(engines[0].log, ", "), "submit 1 at 1.2, step at 1.2, submit 2 at 1.2, step at 2.2"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if first.Sink.(*recorder).events[1].Due != 3.25e9 || second.Sink.(*recorder).events[0].Due != 3.25e9 {
		t.Errorf("%+v, %+v", first.Sink, second.Sink)
	}
}

// The sequences of one request come together.
func TestStepperKeepsARequestTogether(t *testing.T) {
	s, engines := stepped(2, Stall{})
	jobs := []*Job{job(1, 2), job(1, 1), job(1, 3), job(1000, 1)}
	s.Submit(jobs)
	if jobs[3].Sink.(*recorder).err == nil {
		t.Error("the one that is too long was not rejected")
	}
	s.Next(math.Inf(1))
	s.Cancel(jobs)
	s.Cancel(jobs)
	if got, want := strings.Join(engines[0].log, ", "), "submit 1 at 0.0, submit 3 at 0.0, step at 0.0, step at 1.0, abort 1, abort 3"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	for s.Next(5) {
	}
	if s.Now() != 5 || len(jobs[0].Sink.(*recorder).events) != 1 {
		t.Errorf("at %v: %+v", s.Now(), jobs[0].Sink)
	}
}

// More is due at the end of a stall than is handed out at once.
func TestStepperCatchesUpBehindAStall(t *testing.T) {
	s, _ := stepped(1, Stall{After: 1500e6, For: 30e9})
	long := job(1, 40)
	s.Submit([]*Job{long})
	s.Next(math.Inf(1)) // the first pass
	if s.Next(math.Inf(1)); s.Now() != 1 {
		t.Errorf("in the stall it is %v", s.Now())
	}
	if s.Next(20); s.Now() != 20 {
		t.Errorf("in the stall it is %v", s.Now())
	}
	if s.Next(math.Inf(1)); s.Now() != 31.5 || len(long.Sink.(*recorder).events) != 31 {
		t.Errorf("behind the stall it is %v, with %d events", s.Now(), len(long.Sink.(*recorder).events))
	}
	if s.Next(math.Inf(1)); s.Now() != 32 {
		t.Errorf("then %v", s.Now())
	}
}

func TestStepperTakesNoImpossiblePace(t *testing.T) {
	if _, err := StepPaced(meter.New("m", 1), Stall{}, Pace{}); err == nil {
		t.Error("it did")
	}
}
