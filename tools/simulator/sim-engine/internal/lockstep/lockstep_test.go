package lockstep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"fastgenbench/tools/simulator/sim"
	"fastgenbench/tools/simulator/sim-engine/internal/drive"
	"fastgenbench/tools/simulator/sim-engine/internal/meter"
)

// timers are an After whose time comes when the test says so.
type timers struct {
	mu  sync.Mutex
	set []*timer
}

type timer struct {
	d       time.Duration
	f       func()
	stopped bool
}

func (ts *timers) after(d time.Duration, f func()) func() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := &timer{d: d, f: f}
	ts.set = append(ts.set, t)
	return func() {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		t.stopped = true
	}
}

// fire lets d pass for all that wait for it, and says how many did.
func (ts *timers) fire(d time.Duration) int {
	ts.mu.Lock()
	var due []*timer
	for _, t := range ts.set {
		if t.d == d && !t.stopped {
			t.stopped = true
			due = append(due, t)
		}
	}
	ts.mu.Unlock()
	for _, t := range due {
		t.f()
	}
	return len(due)
}

// answer writes down what happens to a request, and when.
type answer struct {
	request Request
	job     drive.Job
	place   uint64
	times   []float64
	aborted bool
}

func (a *answer) Take(place uint64) <-chan struct{} { a.place = place; return nil }
func (a *answer) Flush()                            {}
func (a *answer) Abort()                            { a.aborted = true }
func (a *answer) Written() <-chan struct{}          { return nil }

func (a *answer) Start() []*drive.Job {
	if a.request.Refused {
		return nil
	}
	a.job.Sink = a
	return []*drive.Job{&a.job}
}

func (a *answer) Reject(error) { a.request.End() }

func (a *answer) Send(events []drive.Event) {
	for range events {
		a.times = append(a.times, a.request.Now())
	}
	a.request.Wrote(len(events))
	if events[len(events)-1].Last {
		a.request.End()
	}
}

// paced is a gate whose loads get the first token after a second and the next
// ones a second apart.
func paced(t *testing.T, stall drive.Stall) (*Gate, *timers) {
	t.Helper()
	ts := &timers{}
	return NewGate(func() (*drive.Stepper, error) {
		return drive.StepPaced(meter.New("m", 1), stall, drive.Pace{TTFT: time.Second, Rate: 1, Chunk: 1})
	}, ts.after), ts
}

func deliver(t *testing.T, g *Gate, sent float64, order int64, tokens int) *answer {
	t.Helper()
	a := &answer{job: drive.Job{PromptTokens: 10, NewTokens: tokens}}
	a.request = Request{Sent: sent, Order: order, Name: fmt.Sprint("r", order), Answer: a, Refused: tokens == 0}
	if err := g.Deliver("a", &a.request); err != nil {
		t.Fatal(err)
	}
	return a
}

func begin(t *testing.T, g *Gate, id string) {
	t.Helper()
	if err := g.Begin(id); err != nil {
		t.Fatal(err)
	}
}

// advance makes a step that must succeed.
func advance(t *testing.T, g *Gate, until float64, sent int, cancelled ...string) Now {
	t.Helper()
	now, err := g.Advance(t.Context(), "a", Step{Until: until, Sent: sent, Cancelled: cancelled})
	if err != nil {
		t.Fatal(err)
	}
	return now
}

var forever = math.Inf(1)

func TestStepsEndWhereARequestDoesOrAtTheLimit(t *testing.T) {
	g, _ := paced(t, drive.Stall{})
	begin(t, g, "a")
	if got := advance(t, g, forever, 0); got != (Now{}) {
		t.Errorf("with nothing under way: %+v", got)
	}
	if got := advance(t, g, 0.3, 0); got != (Now{At: 0.3}) {
		t.Errorf("with nothing under way until 0.3: %+v", got)
	}
	first, second := deliver(t, g, 0.3, 0, 3), deliver(t, g, 0.3, 1, 3)
	third := deliver(t, g, 1.3, 2, 1) // sent later, as the load knows already
	for i, want := range []Now{{1, 0, 0}, {2.3, 1, 5}, {3, 1, 5}, {3.3, 3, 7}, {3.3, 3, 7}} {
		until := []float64{1, forever, 3, forever, 2}[i]
		if got := advance(t, g, until, 3); got != want {
			t.Errorf("step %d: %+v, want %+v", i, got, want)
		}
	}
	for _, a := range []*answer{first, second} {
		if fmt.Sprint(a.times) != "[1.3 2.3 3.3]" {
			t.Errorf("tokens at %v", a.times)
		}
	}
	if fmt.Sprint(third.times) != "[2.3]" {
		t.Errorf("the third at %v", third.times)
	}
	late := deliver(t, g, 1, 3, 1) // sent in the past, comes now
	if got := advance(t, g, forever, 4); got != (Now{4.3, 4, 8}) || late.times[0] != 4.3 {
		t.Errorf("%+v, %v", got, late.times)
	}
}

func TestRefusedRequestsEndWhenTheyCome(t *testing.T) {
	g, _ := paced(t, drive.Stall{})
	begin(t, g, "a")
	refused, served := deliver(t, g, 0, 0, 0), deliver(t, g, 0, 1, 1)
	later := deliver(t, g, 0.5, 2, 0)
	for i, want := range []Now{{0, 1, 0}, {0.5, 2, 0}, {1, 3, 1}} {
		if got := advance(t, g, forever, 3); got != want {
			t.Errorf("step %d: %+v, want %+v", i, got, want)
		}
	}
	if served.place != 1 || refused.place != 0 || later.place != 1 {
		t.Errorf("places %d, %d, %d", refused.place, served.place, later.place)
	}
}

func TestCancelledRequestsGetNothingMore(t *testing.T) {
	g, _ := paced(t, drive.Stall{})
	begin(t, g, "a")
	gone, other, early := deliver(t, g, 0, 0, 9), deliver(t, g, 0, 1, 4), deliver(t, g, 3, 2, 9)
	advance(t, g, 2.5, 3)
	if got := advance(t, g, forever, 3, "r0", "r2", "r0", "nobody"); got != (Now{4, 3, 6}) {
		t.Errorf("%+v", got)
	}
	if !gone.aborted || !early.aborted || other.aborted || len(gone.times) != 2 || len(early.times) != 0 {
		t.Errorf("%+v, %+v, %+v", gone, early, other)
	}
	if got := advance(t, g, forever, 3, "r1"); got != (Now{4, 3, 6}) {
		t.Errorf("one that had ended was cancelled: %+v", got)
	}
}

// A stall is one in virtual time: what is due in it comes at its end.
func TestStallsAreVirtual(t *testing.T) {
	g, _ := paced(t, drive.Stall{After: 1500 * time.Millisecond, For: 2 * time.Second})
	for range 2 { // each load has its own
		begin(t, g, "a")
		advance(t, g, 10, 0)
		a := deliver(t, g, 10, 0, 5)
		if got := advance(t, g, forever, 1); got != (Now{15, 1, 5}) {
			t.Errorf("%+v", got)
		}
		if fmt.Sprint(a.times) != "[11 13.5 13.5 14 15]" {
			t.Errorf("tokens at %v", a.times)
		}
	}
}

// The order on the wire changes nothing: it is by send time and number.
func TestTiesAreDecidedByNumber(t *testing.T) {
	model, err := sim.LookupModel("llama-2-7b-hf")
	if err != nil {
		t.Fatal(err)
	}
	gpu, err := sim.LookupGPU("A6000")
	if err != nil {
		t.Fatal(err)
	}
	engines := func() (*drive.Stepper, error) {
		e, err := sim.New(sim.Config{Model: model, Hardware: gpu, TP: 1, Policy: "fastgen"})
		return drive.StepSimulated(meter.New("m", 1), drive.Stall{}, []drive.Engine{e}), err
	}
	g := NewGate(engines, (&timers{}).after)
	rng := rand.New(rand.NewPCG(1, 2))
	var want string
	for range 10 {
		begin(t, g, "a")
		answers := make([]*answer, 40)
		for _, i := range rng.Perm(len(answers)) {
			answers[i] = deliver(t, g, float64(i/10), int64(i), 5+i%7)
			answers[i].job.PromptTokens = 100 + 37*i
		}
		for advance(t, g, forever, len(answers)).Ended < len(answers) {
		}
		var got strings.Builder
		for _, a := range answers {
			fmt.Fprintln(&got, a.place, a.times)
		}
		if want == "" {
			want = got.String()
		}
		if got.String() != want {
			t.Fatalf("%s\nwant\n%s", got.String(), want)
		}
	}
}

func TestAStepWaitsForWhatWasSent(t *testing.T) {
	g, timers := paced(t, drive.Stall{})
	begin(t, g, "a")
	result := make(chan Now)
	go func() { result <- advance(t, g, forever, 2) }()
	deliver(t, g, 0, 1, 1)
	deliver(t, g, 0, 0, 1)
	if got := <-result; got != (Now{1, 2, 2}) {
		t.Errorf("%+v", got)
	}
	early := deliver(t, g, 1, 2, 1) // the step does not know of it
	if got := advance(t, g, 5, 2); got != (Now{5, 2, 2}) || early.place != 0 {
		t.Errorf("%+v, place %d", got, early.place)
	}
	failed := make(chan error)
	go func() {
		_, err := g.Advance(t.Context(), "a", Step{Until: forever, Sent: 4})
		failed <- err
	}()
	for timers.fire(patience) == 0 {
	}
	if err := <-failed; !errors.Is(err, ErrLate) {
		t.Errorf("%v", err)
	}
	if got := advance(t, g, forever, 3); got != (Now{6, 3, 3}) {
		t.Errorf("after the late one: %+v", got)
	}
}

func TestOneLoadOrOrdinaryRequests(t *testing.T) {
	g, _ := paced(t, drive.Stall{})
	leave, err := g.Enter()
	if err != nil {
		t.Fatal(err)
	}
	var busy *ErrBusy
	if err := g.Begin("a"); !errors.As(err, &busy) || !strings.Contains(err.Error(), "1 ordinary") {
		t.Errorf("%v", err)
	}
	leave()
	begin(t, g, "a")
	if _, err := g.Enter(); !errors.As(err, &busy) {
		t.Errorf("%v", err)
	}
	if err := g.Begin("b"); !errors.As(err, &busy) || !strings.Contains(err.Error(), "another load") {
		t.Errorf("%v", err)
	}
	running := deliver(t, g, 0, 0, 5)
	advance(t, g, 1.5, 1)
	queued := deliver(t, g, 1.5, 1, 5)
	g.End("b") // there is none
	if running.aborted {
		t.Error("another's end ended the load")
	}
	begin(t, g, "a") // anew
	if !running.aborted || !queued.aborted || advance(t, g, forever, 0) != (Now{}) {
		t.Errorf("%v, %v", running.aborted, queued.aborted)
	}
	g.End("a")
	if _, err := g.Advance(t.Context(), "a", Step{}); !errors.Is(err, ErrOver) {
		t.Errorf("%v", err)
	}
	if err := g.Deliver("a", &Request{}); !errors.Is(err, ErrOver) {
		t.Errorf("%v", err)
	}
	if _, err := g.Enter(); err != nil {
		t.Errorf("%v", err)
	}
}

func TestASilentLoadIsOver(t *testing.T) {
	g, timers := paced(t, drive.Stall{})
	begin(t, g, "a")
	a := deliver(t, g, 0, 0, 5)
	advance(t, g, 1.5, 1)
	if n := timers.fire(lease); n != 1 {
		t.Errorf("%d leases were in force", n)
	}
	if _, err := g.Advance(t.Context(), "a", Step{}); !errors.Is(err, ErrOver) || !a.aborted {
		t.Errorf("%v, aborted %v", err, a.aborted)
	}
	begin(t, g, "b")
}

// A connection that closes may be a client that died: the load is soon over,
// unless the client goes on.
func TestALoadWhoseConnectionClosedIsSoonOver(t *testing.T) {
	g, timers := paced(t, drive.Stall{})
	begin(t, g, "a")
	a := deliver(t, g, 0, 0, 5)
	g.Doubt("another")
	if n := timers.fire(brief); n != 0 {
		t.Errorf("%d brief leases were in force", n)
	}
	g.Doubt("a")
	advance(t, g, 0.1, 1)
	if n := timers.fire(brief); n != 0 || a.aborted {
		t.Errorf("%d brief leases after a step, aborted %v", n, a.aborted)
	}
	g.Doubt("a")
	if n := timers.fire(brief); n != 1 || !a.aborted {
		t.Errorf("%d brief leases were in force, aborted %v", n, a.aborted)
	}
	begin(t, g, "b")
}

// While a step is under way no lease runs, and who leaves it ends the load.
func TestALoadEndsWithTheConnectionOfItsStep(t *testing.T) {
	g, timers := paced(t, drive.Stall{})
	begin(t, g, "a")
	a := deliver(t, g, 0, 0, 5)
	ctx, leave := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := g.Advance(ctx, "a", Step{Until: forever, Sent: 2})
		failed <- err
	}()
	for moving := 0; moving == 0; { // until the step is under way
		g.mu.Lock()
		moving = g.moving
		g.mu.Unlock()
	}
	if n := timers.fire(lease); n != 0 {
		t.Errorf("%d leases were in force", n)
	}
	leave()
	if err := <-failed; !errors.Is(err, context.Canceled) || !a.aborted {
		t.Errorf("%v, aborted %v", err, a.aborted)
	}
	begin(t, g, "b")
}

func TestOnlyOneStepAtATime(t *testing.T) {
	g, _ := paced(t, drive.Stall{})
	begin(t, g, "a")
	g.load.moving.Lock()
	if _, err := g.Advance(t.Context(), "a", Step{}); !errors.Is(err, ErrMoving) {
		t.Errorf("%v", err)
	}
	g.load.moving.Unlock()
	advance(t, g, 1, 0)
}
