package load

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"fastgenbench/tools/internal/record"
)

// refusing is a server that refuses at once but for what ok says, and may ask
// for a pause. It notes when it was asked.
type refusing struct {
	ok    func(n int) bool // the n-th request, from 0
	again time.Duration
	began time.Time
	asked []time.Duration
}

func (s *refusing) Close() {}

func (s *refusing) Generate(ctx context.Context, _ Job, _ func() error) record.Outcome {
	status := record.Failed
	if s.ok != nil && s.ok(len(s.asked)) {
		status = record.OK
	}
	s.asked = append(s.asked, time.Since(s.began))
	return record.Outcome{Start: time.Now(), Attempts: 1, Status: status, RetryAfter: s.again}
}

// ask runs one client on the server, without a warm-up, for so long or for so
// many requests.
func (s *refusing) ask(ctx context.Context, seconds float64, jobs int) error {
	p, _ := point(nil, 1, jobs, 1)
	p.Warmup, p.Duration, p.Connect = 0, seconds, func() Client { return s }
	s.began = time.Now()
	return p.Closed(ctx)
}

func milliseconds(ms ...int) (all []time.Duration) {
	for _, n := range ms {
		all = append(all, time.Duration(n)*time.Millisecond)
	}
	return all
}

func TestAClientPausesAfterFailures(t *testing.T) {
	for name, c := range map[string]struct {
		server  refusing
		seconds float64
		jobs    int
		want    []time.Duration
		took    time.Duration
	}{
		"pauses double to the longest, until the time is up": {
			refusing{}, 20, 1 << 40, milliseconds(0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300), 20 * time.Second},
		"a success resets them": {
			refusing{ok: func(n int) bool { return n == 2 }}, 1, 1 << 40, milliseconds(0, 100, 300, 300, 400, 600), time.Second},
		"the server's word counts": {
			refusing{again: 2 * time.Second}, 5, 1 << 40, milliseconds(0, 2000, 4000), 5 * time.Second},
		"a pause does not outlast the point": {
			refusing{again: time.Hour}, 3, 1 << 40, milliseconds(0), 3 * time.Second},
		"none behind the last job": {
			refusing{}, 0, 3, milliseconds(0, 100, 300), 300 * time.Millisecond},
		"a plan with an end is not drawn out": {
			refusing{}, 0, 10, milliseconds(0, 100, 300, 700, 1500, 3100, 6300, 6300, 6300, 6300), 6300 * time.Millisecond},
		"but the server's word counts": {
			refusing{again: time.Second}, 0, 12, milliseconds(0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10000, 11000), 11 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			if err := c.server.ask(context.Background(), c.seconds, c.jobs); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(c.server.began); !slices.Equal(c.server.asked, c.want) || took != c.took {
				t.Errorf("%s: asked at %v in %v, want %v in %v", name, c.server.asked, took, c.want, c.took)
			}
		})
	}
}

func TestAPauseEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 250*time.Millisecond)
		defer cancel()
		s := &refusing{again: time.Hour}
		if err := s.ask(ctx, 0, 10); err == nil {
			t.Error("the interrupt was not reported")
		}
		if took := time.Since(s.began); took != 250*time.Millisecond || len(s.asked) != 1 {
			t.Errorf("%d requests in %v", len(s.asked), took)
		}
	})
}

// Clients that do not know of Retry-After pause as well.
func TestAnyClientPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{answer: func(context.Context, Job) record.Status { return record.Timeout }}
		p, got := point(f, 4, 1<<40, 1)
		p.Duration = 10
		if err := p.Closed(context.Background()); err != nil {
			t.Fatal(err)
		}
		if want := 4 * 7; len(got.list) != want { // at 0, 0.1, 0.3, 0.7, 1.5, 3.1 and 6.3 s
			t.Errorf("%d requests in 10 s, want %d", len(got.list), want)
		}
	})
}
