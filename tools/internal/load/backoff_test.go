package load

import (
	"context"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fastgenbench/tools/internal/record"
)

// refuses returns an answer that fails at once, except for what ok says of the n-th
// request, from 0.
func refuses(ok func(n int) bool) func(Job, time.Duration) (time.Duration, record.Status) {
	return func(job Job, _ time.Duration) (time.Duration, record.Status) {
		if ok != nil && ok(job.Request) {
			return 0, record.OK
		}
		return 0, record.Failed
	}
}

// patient is one client of a server, without a warm-up, for so long or for so
// many requests.
func (w *world) patient(f *fake, seconds float64, jobs int) Point {
	p, _ := w.point(f, 1, jobs)
	p.Warmup, p.Duration = 0, seconds
	return p
}

func milliseconds(ms ...int) (all []time.Duration) {
	for _, n := range ms {
		all = append(all, time.Duration(n)*time.Millisecond)
	}
	return all
}

func TestAClientPausesAfterFailures(t *testing.T) {
	for name, c := range map[string]struct {
		ok      func(n int) bool
		again   time.Duration
		seconds float64
		jobs    int
		want    []time.Duration
		took    time.Duration
	}{
		"pauses double to the longest, until the time is up": {
			nil, 0, 20, 1 << 40, milliseconds(0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300), 20 * time.Second},
		"a success resets them": {
			func(n int) bool { return n == 2 }, 0, 1, 1 << 40, milliseconds(0, 100, 300, 300, 400, 600), time.Second},
		"the server's word counts": {
			nil, 2 * time.Second, 5, 1 << 40, milliseconds(0, 2000, 4000), 5 * time.Second},
		"a pause does not outlast the point": {
			nil, time.Hour, 3, 1 << 40, milliseconds(0), 3 * time.Second},
		"none behind the last job": {
			nil, 0, 0, 3, milliseconds(0, 100, 300), 300 * time.Millisecond},
		"a plan with an end is not drawn out": {
			nil, 0, 0, 10, milliseconds(0, 100, 300, 700, 1500, 3100, 6300, 6300, 6300, 6300), 6300 * time.Millisecond},
		"but the server's word counts": {
			nil, time.Second, 0, 12, milliseconds(0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 11000), 11 * time.Second},
	} {
		inBothTimes(t, func(t *testing.T, w *world) {
			f := w.server(refuses(c.ok))
			f.again = c.again
			if err := w.patient(f, c.seconds, c.jobs).Closed(context.Background()); err != nil {
				t.Fatal(err)
			}
			near := func(a, b time.Duration) bool { return math.Abs(float64(a-b)) < 10 } // nanoseconds
			if took := w.elapsed(); !slices.EqualFunc(f.asked, c.want, near) || !near(took, c.took) {
				t.Errorf("%s: asked at %v in %v, want %v in %v", name, f.asked, took, c.want, c.took)
			}
		})
	}
}

func TestAPauseEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 250*time.Millisecond)
		defer cancel()
		w := newWorld(nil)
		f := w.server(refuses(nil))
		f.again = time.Hour
		if err := w.patient(f, 0, 10).Closed(ctx); err == nil {
			t.Error("the interrupt was not reported")
		}
		if took := w.elapsed(); took != 250*time.Millisecond || len(f.asked) != 1 {
			t.Errorf("%d requests in %v", len(f.asked), took)
		}
	})
}

// Clients that do not know of Retry-After pause as well.
func TestAnyClientPauses(t *testing.T) {
	inBothTimes(t, func(t *testing.T, w *world) {
		f := w.server(func(Job, time.Duration) (time.Duration, record.Status) { return 0, record.Timeout })
		p, got := w.point(f, 4, 1<<40)
		p.Duration = 10
		if err := p.Closed(context.Background()); err != nil {
			t.Fatal(err)
		}
		if want := 4 * 7; len(got.list) != want { // at 0, 0.1, 0.3, 0.7, 1.5, 3.1 and 6.3 s
			t.Errorf("%d requests in 10 s, want %d", len(got.list), want)
		}
	})
}
