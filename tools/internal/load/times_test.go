package load

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fastgenbench/tools/internal/lockstep"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// inBothTimes holds a load to a law in real time and in virtual time.
func inBothTimes(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("real", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newWorld(nil)) })
	})
	t.Run("virtual", func(t *testing.T) { test(t, newWorld(&steps{})) })
}

// world is a time with what takes place in it.
type world struct {
	steps *steps // nil in real time
	clock *lockstep.Clock
	began time.Time
}

func newWorld(s *steps) *world {
	w := &world{steps: s, began: time.Now()}
	if s != nil {
		w.clock = lockstep.New(s, lockstep.Limits{})
	}
	return w
}

func (w *world) elapsed() time.Duration {
	if w.clock != nil {
		return lockstep.Time(w.clock.Now()).Sub(lockstep.Time(0))
	}
	return time.Since(w.began)
}

func (w *world) server(answer func(job Job, at time.Duration) (time.Duration, record.Status)) *fake {
	return &fake{world: w, answer: answer}
}

func (w *world) point(f *fake, clients, jobs int) (Point, *rows) {
	got := &rows{}
	key := record.Key{ServerKey: record.ServerKey{Speed: 1, Backend: "b", Model: "m"}, LoadKey: record.LoadKey{NumClients: clients}}
	return Point{Key: key, Plan: Jobs(plan(jobs)), Connect: f.connect, Warmup: 1, WarmupJob: warmup(plan(jobs)), Emit: got.emit, Grace: time.Second, Clock: w.clock}, got
}

// fake is a server that answers each job, begun so long after the first, as
// answer says.
type fake struct {
	*world
	answer func(job Job, at time.Duration) (takes time.Duration, s record.Status)
	again  time.Duration // RetryAfter of what it answers

	mu      sync.Mutex
	order   []int           // requests as they were begun
	asked   []time.Duration // when, after the first
	first   time.Time
	clients int
	closed  int
}

// takes returns an answer that takes so long.
func takes(d time.Duration) func(Job, time.Duration) (time.Duration, record.Status) {
	return func(Job, time.Duration) (time.Duration, record.Status) { return d, record.OK }
}

func (f *fake) connect() Client {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients++
	return &fakeClient{f}
}

type fakeClient struct{ *fake }

func (c *fakeClient) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
}

// begin notes a request and says how it is answered.
func (c *fakeClient) begin(job Job, now time.Time) (time.Duration, record.Status) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.order) == 0 {
		c.first = now
	}
	c.order, c.asked = append(c.order, job.Request), append(c.asked, now.Sub(c.first))
	return c.answer(job, now.Sub(c.first))
}

func (c *fakeClient) Generate(ctx context.Context, job Job, hold func() error) record.Outcome {
	if c.clock != nil {
		return c.virtually(ctx, job, hold)
	}
	if hold != nil {
		if err := hold(); err != nil {
			return record.Outcome{}
		}
	}
	o := record.Outcome{Start: time.Now(), Attempts: 1, RetryAfter: c.again}
	took, status := c.begin(job, o.Start)
	if o.Status = status; sleep(ctx, took) != nil {
		o.Status = record.Cancelled
	}
	return ended(o, time.Since(o.Start))
}

func (c *fakeClient) virtually(ctx context.Context, job Job, hold func() error) record.Outcome {
	start := lockstep.Time(job.Lockstep.Sent)
	o := record.Outcome{Attempts: 1, RetryAfter: c.again}
	took, status := c.begin(job, start)
	end := c.steps.send(job.Lockstep, job.Lockstep.Sent+took.Seconds())
	if hold() != nil {
		return record.Outcome{}
	}
	select {
	case <-end:
		o.Status = status
	case <-ctx.Done():
		o.Status = record.Cancelled
	}
	return ended(o, took)
}

func ended(o record.Outcome, took time.Duration) record.Outcome {
	o.Latency = record.InSeconds(took.Seconds())
	o.Chunks = record.Chunks{{At: took.Seconds(), Tokens: 1}}
	return o
}

// steps is an engine of which it is known when each request ends.
type steps struct {
	ended  int
	now    float64
	under  []under
	asked  []lockstep.Step
	before func(s *steps) error // each step
}

type under struct {
	id  string
	at  float64
	end chan struct{}
}

func (s *steps) send(r *lockstep.Request, at float64) chan struct{} {
	end := make(chan struct{})
	s.under = append(s.under, under{r.ID, at, end})
	return end
}

func (s *steps) Advance(_ context.Context, step lockstep.Step) (lockstep.Reply, error) {
	s.asked = append(s.asked, step)
	if s.before != nil {
		if err := s.before(s); err != nil {
			return lockstep.Reply{}, err
		}
	}
	s.under = slices.DeleteFunc(s.under, func(u under) bool {
		given := slices.Contains(step.Cancelled, u.id)
		if given {
			s.ended++
		}
		return given
	})
	next := step.Until
	for _, u := range s.under {
		next = min(next, u.at)
	}
	if !math.IsInf(next, 1) {
		s.now = max(s.now, next)
	}
	s.under = slices.DeleteFunc(s.under, func(u under) bool {
		if u.at <= s.now {
			s.ended++
			close(u.end)
		}
		return u.at <= s.now
	})
	return lockstep.Reply{Now: s.now, Ended: s.ended}, nil
}

func plan(n int) func(i int) (Job, bool) {
	return func(i int) (Job, bool) {
		return Job{Request: i, Size: prompt.Size{Prompt: 10, New: 5 + i}, Due: float64(i)}, i < n
	}
}

func warmup(plan func(i int) (Job, bool)) func(client int) Job {
	return func(client int) Job {
		job, _ := plan(client)
		return job
	}
}

// rows collects what a point emits.
type rows struct {
	mu   sync.Mutex
	list []record.Request
}

func (r *rows) emit(row record.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, row)
}

func requests(list []record.Request) []int {
	var out []int
	for _, row := range list {
		out = append(out, row.Request.Int())
	}
	slices.Sort(out)
	return out
}
