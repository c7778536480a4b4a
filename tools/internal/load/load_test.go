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

func TestClosedLoopAsksEachJobOnceAndCountsNoWarmup(t *testing.T) {
	inBothTimes(t, func(t *testing.T, w *world) {
		f := w.server(takes(time.Second))
		p, got := w.point(f, 8, 40)
		p.Jitter = func(client int) float64 { return float64(client) * 0.01 }
		if err := p.Closed(context.Background()); err != nil {
			t.Fatal(err)
		}
		if all := requests(got.list); len(all) != 40 || all[0] != 0 || all[39] != 39 || len(slices.Compact(all)) != 40 {
			t.Errorf("requests %v", all)
		}
		warm := 0
		for i, request := range f.order {
			if request < 0 {
				if warm++; i >= 8 {
					t.Errorf("warm-up %d came after the first request", request)
				}
			}
		}
		if warm != 8 || f.clients != 8 || f.closed != 8 {
			t.Errorf("%d warm-ups, %d clients of which %d were closed", warm, f.clients, f.closed)
		}
		// 1 s of warm-up, then 5 jobs a client, and the last client's jitter.
		if took := w.elapsed(); took != 6*time.Second+70*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestRowsAreInVirtualSecondsFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(nil)
		p, got := w.point(w.server(takes(time.Second)), 1, 3)
		p.Key.Speed = 40
		if err := p.Closed(context.Background()); err != nil {
			t.Fatal(err)
		}
		for i, row := range got.list {
			if row.StartS.Float() != float64(40*i) || row.LatencyS.Float() != 40 || row.ChunkS[0].At != 40 || row.DueS.Known() ||
				row.MaxNewTokens.Int() != 5+i || row.AskedPromptTokens.Int() != 10 || row.NumClients != 1 || row.Model != "m" {
				t.Errorf("row %d: %+v", i, row)
			}
		}
	})
}

func TestAnInterruptLetsWhatIsUnderWayEndWithinTheGrace(t *testing.T) {
	for _, c := range []struct {
		loop   string
		took   time.Duration // of a request
		want   record.Status
		within time.Duration
	}{
		{"closed", 1200 * time.Millisecond, record.OK, 2400 * time.Millisecond},
		{"closed", time.Hour, record.Cancelled, 2500 * time.Millisecond},
		{"open", 1200 * time.Millisecond, record.OK, 2700 * time.Millisecond},
		{"open", time.Hour, record.Cancelled, 3000 * time.Millisecond},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(nil)
			f := w.server(takes(c.took))
			p, got := w.point(f, 2, 100)
			p.Warmup = 0
			ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
			defer cancel()
			began := time.Now()
			run := p.Closed
			if c.loop == "open" {
				run = p.Open
			}
			if err := run(ctx); err == nil {
				t.Error("the interrupt was not reported")
			}
			if took := time.Since(began); took > c.within {
				t.Errorf("%s, requests of %v: it took %v", c.loop, c.took, took)
			}
			if len(got.list) != len(f.order) || len(got.list) < 2 || len(got.list) > 4 || got.list[len(got.list)-1].Status != c.want {
				t.Errorf("%s, requests of %v: %d rows of %d requests, the last %s", c.loop, c.took, len(got.list), len(f.order), got.list[len(got.list)-1].Status)
			}
			if f.clients != f.closed {
				t.Errorf("%d clients, %d closed", f.clients, f.closed)
			}
		})
	}
}

func TestATimeEndsTheSending(t *testing.T) {
	for _, loop := range []string{"closed", "open"} {
		inBothTimes(t, func(t *testing.T, w *world) {
			p, got := w.point(w.server(takes(2*time.Second)), 1, 1000)
			p.Duration = 9
			run := p.Closed
			if loop == "open" {
				run = p.Open
			}
			if err := run(context.Background()); err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{"closed": 5, "open": 9}[loop]; len(got.list) != want {
				t.Errorf("%s: %d requests, want %d", loop, len(got.list), want)
			}
		})
	}
}

// The server stalls for 10 s. Requests that were due then are sent all the
// same, and wait: no omission is coordinated with the server.
func TestOpenLoopDoesNotWaitForAServerThatStalls(t *testing.T) {
	inBothTimes(t, func(t *testing.T, w *world) {
		f := w.server(func(_ Job, at time.Duration) (time.Duration, record.Status) {
			took := 100 * time.Millisecond
			if at >= 5*time.Second && at < 15*time.Second {
				took += 15*time.Second - at
			}
			return took, record.OK
		})
		p, got := w.point(f, 0, 30)
		if err := p.Open(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, row := range got.list {
			want := 0.1
			if row.Request.Int() >= 5 && row.Request.Int() < 15 {
				want += float64(15 - row.Request.Int())
			}
			if row.StartS != row.DueS || row.DueS.Float() != float64(row.Request.Int()) || math.Abs(row.LatencyS.Float()-want) > 1e-6 {
				t.Errorf("request %d due %v, sent %v, latency %v, want %v", row.Request.Int(), row.DueS, row.StartS, row.LatencyS, want)
			}
		}
		if len(got.list) != 30 || f.clients != 11 || f.clients != f.closed {
			t.Errorf("%d rows, %d clients, %d closed; 11 are needed at the worst", len(got.list), f.clients, f.closed)
		}
	})
}

func TestDueTimesOfferTheRate(t *testing.T) {
	for _, burstiness := range []float64{math.Inf(1), 1, 0.25, 4} {
		const n, rate = 20001, 50.0
		due := Arrivals{Rate: rate, Burstiness: burstiness}.Draw(3, n)
		if !slices.IsSorted(due) || due[0] != 0 || math.Abs(due[n-1]-(n-1)/rate) > 1e-6 {
			t.Errorf("burstiness %v: from %v to %v, want 0 to %v", burstiness, due[0], due[n-1], (n-1)/rate)
		}
		// The squared coefficient of variation of gamma gaps is 1/shape.
		sum := 0.0
		for i := 1; i < n; i++ {
			d := (due[i]-due[i-1])*rate - 1
			sum += d * d
		}
		if got := sum / (n - 1); math.Abs(got-1/burstiness) > 0.08/burstiness+1e-9 {
			t.Errorf("burstiness %v: squared variation %v", burstiness, got)
		}
	}
}

func TestARampRisesInAStraightLine(t *testing.T) {
	due := Arrivals{Rate: 10, Burstiness: math.Inf(1), RampUp: 20}.Draw(1, 301)
	// By t, 10*t*t/40 are due while it rises; 100 at its end, then 10 a second.
	for i, want := range map[int]float64{0: 0, 25: 10, 100: 20, 300: 40} {
		if math.Abs(due[i]-want) > 1e-9 {
			t.Errorf("request %d is due at %v, want %v", i, due[i], want)
		}
	}
}

func TestPreciseAlarmWaitsAndStops(t *testing.T) {
	alarm, err := NewPreciseAlarm()
	if err != nil {
		t.Fatal(err)
	}
	defer alarm.Close()
	until := time.Now().Add(20 * time.Millisecond)
	if err := alarm.Wait(context.Background(), until); err != nil || time.Now().Before(until) {
		t.Errorf("%v, %v early", err, time.Until(until))
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(5*time.Millisecond, cancel)
	if err := alarm.Wait(ctx, time.Now().Add(time.Hour)); err == nil {
		t.Error("an alarm outlived its context")
	}
}

func BenchmarkPreciseAlarm(b *testing.B) {
	alarm, err := NewPreciseAlarm()
	if err != nil {
		b.Fatal(err)
	}
	defer alarm.Close()
	var late []time.Duration
	for b.Loop() {
		until := time.Now().Add(300 * time.Microsecond)
		alarm.Wait(context.Background(), until)
		late = append(late, time.Since(until))
	}
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)/2].Microseconds()), "p50-late-us")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "p99-late-us")
}

func TestStagesOfTheRate(t *testing.T) {
	// 0 to 10 a second in 10 s, then 10 a second for 5, a pause of 5, and 4 a second.
	stages := []Stage{{0, 10, 10}, {10, 10, 5}, {0, 0, 5}, {4, 0, 10}}
	due := Arrivals{Burstiness: math.Inf(1), Stages: stages}.Draw(1, 120)
	for i, want := range map[int]float64{0: 0, 2: 2, 50: 10, 75: 12.5, 100: 15, 115: 20 + 5, 118: 20 + 10 - math.Sqrt(10)} {
		if math.Abs(due[i]-want) > 1e-9 {
			t.Errorf("request %d is due at %v, want %v", i, due[i], want)
		}
	}
	if last := due[119]; !slices.IsSorted(due) || !(last < 30) {
		t.Errorf("the last is due at %v", last)
	}
}
