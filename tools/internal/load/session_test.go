package load

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// talks are sessions of so many turns each, which begin a second apart, with 2 s
// between turns.
type talks struct {
	sessions, turns int
	begun           int
	dropped         []Job
}

func (p *talks) job(session, turn int) Job {
	return Job{Request: session*p.turns + turn - 1, Size: prompt.Size{Prompt: 10, New: 5}, Due: float64(session),
		Session: string(rune('a' + session)), Turn: turn, Left: p.turns - turn, Delay: 2}
}

func (p *talks) Next() (Job, bool) {
	p.begun++
	return p.job(p.begun-1, 1), p.begun <= p.sessions
}

func (p *talks) Turn(of Job) (Job, bool) {
	next := p.job(of.Request/p.turns, of.Turn+1)
	next.Due = 0
	return next, true
}

func (p *talks) Drop(of Job) { p.dropped = append(p.dropped, of) }

// inBothLoops runs a test on both loops, in both times.
func inBothLoops(t *testing.T, test func(t *testing.T, w *world, run func(Point) error)) {
	loops := map[string]func(Point) error{
		"closed": func(p Point) error { return p.Closed(context.Background()) },
		"open":   func(p Point) error { return p.Open(context.Background()) },
	}
	for name, run := range loops {
		t.Run(name, func(t *testing.T) {
			inBothTimes(t, func(t *testing.T, w *world) { test(t, w, run) })
		})
	}
}

func TestATurnFollowsTheOneBeforeAfterItsDelay(t *testing.T) {
	inBothLoops(t, func(t *testing.T, w *world, run func(Point) error) {
		p, got := w.point(w.server(takes(time.Second)), 2, 0)
		p.Plan, p.Warmup = &talks{sessions: 2, turns: 3}, 0
		if err := run(p); err != nil {
			t.Fatal(err)
		}
		if len(got.list) != 6 {
			t.Fatalf("%d rows", len(got.list))
		}
		first := map[record.Text]float64{}
		slices.SortFunc(got.list, func(a, b record.Request) int { return a.Turn.Int() - b.Turn.Int() })
		for _, row := range got.list {
			if row.Turn.Int() == 1 {
				first[row.Session] = row.StartS.Float()
				continue
			}
			want := first[row.Session] + 3*float64(row.Turn.Int()-1)
			if math.Abs(row.StartS.Float()-want) > 1e-6 || math.Abs(row.DueS.Float()-want) > 1e-6 {
				t.Errorf("session %s, turn %d: due %v, sent %v, want %v", row.Session, row.Turn.Int(), row.DueS, row.StartS, want)
			}
		}
	})
}

// A user of a closed loop keeps its place while it thinks: the next session begins
// when the last turn has ended.
func TestAUserKeepsItsPlace(t *testing.T) {
	inBothTimes(t, func(t *testing.T, w *world) {
		f := w.server(takes(time.Second))
		p, got := w.point(f, 1, 0)
		p.Plan, p.Warmup = &talks{sessions: 2, turns: 2}, 0
		if err := p.Closed(context.Background()); err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{0, 3, 4, 7} {
			if row := got.list[i]; row.Request.Int() != i || math.Abs(row.StartS.Float()-want) > 1e-6 || row.Client.Int() != 0 {
				t.Errorf("request %d was sent at %v by client %d, want %v", row.Request.Int(), row.StartS, row.Client.Int(), want)
			}
		}
	})
}

func TestASessionEndsWithATurnThatFails(t *testing.T) {
	inBothLoops(t, func(t *testing.T, w *world, run func(Point) error) {
		p, got := w.point(w.server(func(job Job, _ time.Duration) (time.Duration, record.Status) {
			if job.Session == "a" && job.Turn == 2 {
				return time.Second, record.Failed
			}
			return time.Second, record.OK
		}), 2, 0)
		plan := &talks{sessions: 2, turns: 4}
		p.Plan, p.Warmup = plan, 0
		if err := run(p); err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, row := range got.list {
			if strings.HasPrefix(string(row.Error), "2 later turns of the session are not sent") {
				said++
			}
		}
		if len(got.list) != 2+4 || said != 1 || len(plan.dropped) != 1 {
			t.Errorf("%d rows, %d of which say that a session ended, %d dropped", len(got.list), said, len(plan.dropped))
		}
	})
}

func TestATimeEndsSessions(t *testing.T) {
	inBothLoops(t, func(t *testing.T, w *world, run func(Point) error) {
		p, got := w.point(w.server(takes(time.Second)), 1, 0)
		p.Plan, p.Warmup, p.Duration = &talks{sessions: 1, turns: 100}, 0, 7
		if err := run(p); err != nil {
			t.Fatal(err)
		}
		if len(got.list) != 3 { // at 0, 3 and 6
			t.Errorf("%d rows", len(got.list))
		}
	})
}

// Requests that are due wait for their places, and their due times stay.
func TestACapOnConcurrency(t *testing.T) {
	inBothTimes(t, func(t *testing.T, w *world) {
		f := w.server(takes(time.Second))
		p, got := w.point(f, 0, 0)
		p.MaxConcurrency = 3
		p.Plan = Jobs(func(i int) (Job, bool) { return Job{Request: i, Size: prompt.Size{Prompt: 10, New: 5}}, i < 50 })
		if err := p.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		if len(got.list) != 50 || f.clients > 6 || f.clients != f.closed {
			t.Fatalf("%d rows, %d clients, %d closed", len(got.list), f.clients, f.closed)
		}
		slices.SortFunc(got.list, func(a, b record.Request) int { return cmp.Compare(a.StartS.Float(), b.StartS.Float()) })
		for i, row := range got.list {
			inOrder := w.steps == nil || row.Request.Int()/3 == i/3 // in real time those due at one instant race
			if want := float64(i / 3); math.Abs(row.StartS.Float()-want) > 1e-6 || row.DueS.Float() != 0 || !inOrder {
				t.Errorf("request %d due %v was sent at %v, want %v", row.Request.Int(), row.DueS, row.StartS, want)
			}
		}
	})
}

func TestAnInterruptEndsWaitingForPlacesAndThinking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil)
		f := w.server(takes(time.Second))
		p, got := w.point(f, 0, 0)
		p.MaxConcurrency = 1
		p.Plan = &talks{sessions: 20, turns: 10}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Open(ctx); err == nil || time.Since(w.began) > 7*time.Second || len(got.list) == 0 || f.clients != f.closed {
			t.Errorf("%v after %v, %d rows, %d of %d clients closed", err, time.Since(w.began), len(got.list), f.closed, f.clients)
		}
	})
}
