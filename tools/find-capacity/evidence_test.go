package main

import (
	"testing"

	"fastgenbench/tools/internal/metrics"
	"fastgenbench/tools/internal/record"
)

// measured is a batch of n requests at one per second, of which every k-th is late.
// Where rising is not 0, they begin at a tenth of a second, and each takes so many
// seconds longer than the one before.
func measured(n, k int, rising float64) *batch {
	b := &batch{requests: n, goodput: metrics.Goodput{SLOs: []metrics.SLO{{{Part: "e2el", MS: 1000}}}}}
	for i := range n {
		latency := 0.5
		if rising > 0 {
			latency = 0.1 + rising*float64(i)
		}
		if k > 0 && i%k == 0 {
			latency = 2
		}
		b.add(record.Request{
			Key:     record.Key{ServerKey: record.ServerKey{Backend: "b", Model: "m", Speed: 1, TPSize: 1, NumReplicas: 1}, LoadKey: record.LoadKey{RateRPS: 1}},
			Request: record.CountOf(i), DueS: record.InSeconds(float64(i)), StartS: record.InSeconds(float64(i)), LatencyS: record.InSeconds(latency),
			Clock: "virtual", Status: record.OK,
		})
	}
	b.row = b.goodput.Rows()[0]
	return b
}

func TestDecisions(t *testing.T) {
	for name, c := range map[string]struct {
		batches []*batch
		want    decision
		why     bool // it rests on more than the interval
	}{
		"all good":                         {[]*batch{measured(100, 0, 0)}, passes, false},
		"too few to say":                   {[]*batch{measured(60, 0, 0)}, measureOn, false},
		"two of three good":                {[]*batch{measured(100, 3, 0)}, fails, false},
		"near the target":                  {[]*batch{measured(100, 25, 0)}, measureOn, false},
		"near it, and more":                {[]*batch{measured(100, 25, 0), measured(1000, 40, 0)}, passes, false},
		"near it, and worse":               {[]*batch{measured(100, 25, 0), measured(1000, 12, 0)}, fails, false},
		"never decided, by its share":      {[]*batch{measured(100, 21, 0), measured(200, 21, 0), measured(400, 21, 0), measured(800, 21, 0)}, passes, true},
		"never decided, by its share too":  {[]*batch{measured(100, 19, 0), measured(200, 19, 0), measured(400, 19, 0), measured(800, 19, 0)}, fails, true},
		"good, but the queue grows":        {[]*batch{measured(100, 0, 0.008)}, measureOn, false},
		"it grows for as long as measured": {[]*batch{measured(100, 0, 0.008), measured(110, 0, 0.007), measured(120, 0, 0.0065), measured(130, 0, 0.006)}, fails, true},
		"it grew at first":                 {[]*batch{measured(100, 0, 0.008), measured(200, 0, 0)}, passes, false},
		"it grows and that is enough":      {[]*batch{measured(400, 0, 0.01)}, fails, false},
	} {
		e, got := &evidence{load: 1}, measureOn
		for i, b := range c.batches {
			if got = e.add(b, 0.95); got != measureOn && i < len(c.batches)-1 {
				t.Errorf("%s: decided after batch %d: %v", name, i, got)
			}
		}
		if got != c.want || (e.why != "") != c.why {
			t.Errorf("%s: %v (%g to %g) %q, want %v", name, got, e.low, e.high, e.why, c.want)
		}
	}
}

// Where time passes, three runs have to do.
func TestRealTimeIsMeasuredLess(t *testing.T) {
	e, got := &evidence{}, measureOn
	for i, n := range []int{100, 200, 400} {
		if got != measureOn {
			t.Errorf("decided before run %d", i)
		}
		b := measured(n, 21, 0)
		b.virtual = false
		got = e.add(b, 0.95)
	}
	if got != passes || e.why == "" {
		t.Errorf("%v %q", got, e.why)
	}
}

// A load that was lucky once is measured again before it is the answer, and one that
// passed above a load that fails is none.
func TestTheBorderIsMeasuredTwice(t *testing.T) {
	a := &answer{options: &options{search: search{min: 1, max: 100, precision: 0.05, start: 1}}}
	lucky := &evidence{load: 3.9, decided: passes, batches: make([]*batch, 1)}
	for _, e := range []*evidence{
		{load: 2, decided: passes, batches: make([]*batch, 1)},
		{load: 4, decided: fails, batches: make([]*batch, 2)},
		lucky,
	} {
		a.took(e)
	}
	if got := a.unsure(record.Found); got != lucky || a.unsure("") != nil {
		t.Errorf("%+v is to be measured again", got)
	}
	lucky.decided, lucky.batches = fails, make([]*batch, 2)
	a.took(lucky)
	if a.best.load != 2 || a.worst != lucky || len(a.tried) != 3 {
		t.Errorf("best %+v, worst %+v of %d", a.best, a.worst, len(a.tried))
	}
	if load, end := a.search.next(); end != "" || load <= 2 || load >= 3.9 {
		t.Errorf("it goes on with %g %s", load, end)
	}
}

// A point that the client made says nothing, however good or bad it looks.
func TestTheClientDecidesNothing(t *testing.T) {
	for _, k := range []int{0, 2} {
		b := measured(100, k, 0)
		b.row.Status = record.ClientLimited
		if got := (&evidence{}).add(b, 0.95); got != limited {
			t.Errorf("%v", got)
		}
	}
}

func TestRequestsOfALoad(t *testing.T) {
	for _, c := range []struct {
		target  float64
		clients int
		virtual bool
		want    int
	}{{0.95, 0, false, 146}, {0.5, 0, false, 100}, {0.99, 0, false, 761}, {0.95, 64, false, 288}, {0.95, 0, true, 584}} {
		got := firstRequests(c.target, c.clients, c.virtual)
		if got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
		if _, low, _ := metrics.Attainment([]metrics.Kept{{Good: got, Judged: got}}, sigmas); low < c.target {
			t.Errorf("%+v: %d good requests do not pass", c, got)
		}
	}
	short := &evidence{}
	short.add(measured(3, 0, 0), 0.95) // two seconds of a latency of one half
	if got := short.next(); got != 6 {
		t.Errorf("after three requests: %d", got)
	}
}
