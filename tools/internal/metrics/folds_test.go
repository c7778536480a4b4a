package metrics

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"fastgenbench/tools/internal/record"
)

// Two clients, three requests: a small point worked out with pencil.
func TestSummaryByHand(t *testing.T) {
	k := key(2)
	k.MeanPromptLength = 100
	rows := []record.Request{
		row(k, 0, 0, record.Chunks{{At: 1, Tokens: 1}, {At: 1.5, Tokens: 1}, {At: 2, Tokens: 1}}),
		row(k, 1, 0, record.Chunks{{At: 2, Tokens: 2}, {At: 4, Tokens: 4}}),
		row(k, 2, 2000000, record.Chunks{{At: 1, Tokens: 1}, {At: 3, Tokens: 1}}),
	}
	for i := range rows {
		rows[i].PromptTokens = 100
		rows[i].LagS = record.Seconds(float64(i) * 1e-4)
	}
	failed := row(k, 3, 4000000, record.Chunks{{At: 4, Tokens: 1}})
	failed.Status = record.Failed
	got := summaryOf(append(rows, failed)...).Rows()[0]
	// Latencies 2, 3, 4. TTFT 1, 1, 2. Gaps 0.5 0.5, four of 0.5, 2. Span 0 to 8.
	want := record.Summary{
		Key: k, Requests: 4, OK: 3, SpanS: 8,
		ThroughputRPS: 2. / 3, WallRPS: 3. / 8, GeneratedTPS: 11. / 8, TotalTPS: 311. / 8,
		RequestTPS:   record.Rate((103./2 + 106./4 + 102./3) / 3),
		LatencyMeanS: 3, LatencyP50S: 3, LatencyP90S: 3.8, LatencyP95S: 3.9, LatencyP99S: 3.98,
		TTFTMeanS: 4. / 3, TTFTP50S: 1, TTFTP90S: 1.8, TTFTP95S: 1.9, TTFTP99S: 1.98,
		GapMeanS: 5. / 7, GapP50S: 0.5, GapP90S: 1.1, GapP95S: 1.55, GapP99S: 1.91,
		SteadyS: 5, SteadyRPS: 0.6, // until client 0 is done
		LagP99S: 0.000198, Status: record.Partial,
	}
	if near(got) != near(want) {
		t.Errorf("got\n%s\nwant\n%s", near(got), near(want))
	}
}

// near prints with the precision of the cells.
func near(row any) string { return fmt.Sprintf("%.6f", row) }

func TestWhatIsNotKnownIsAbsent(t *testing.T) {
	r := row(key(4), 0, 0, record.Chunks{{At: 1, Tokens: 1}})
	r.ChunkS, r.PromptTokens, r.LagS = nil, record.NoCount, record.NoSeconds()
	got := summaryOf(r).Rows()[0]
	if got.TTFTMeanS.Known() || got.GapP99S.Known() || got.TotalTPS.Known() || got.RequestTPS.Known() || got.LagP99S.Known() {
		t.Errorf("absent figures are there: %+v", got)
	}
	if got.LatencyP50S != 1 || got.GeneratedTPS != 1 || got.Status != record.Complete {
		t.Errorf("known figures are wrong: %+v", got)
	}
	r.LatencyS = 0
	if got := summaryOf(r).Rows()[0]; got.ThroughputRPS.Known() || got.WallRPS.Known() || got.RequestTPS.Known() {
		t.Errorf("a rate over no time at all: %+v", got)
	}
	r.Status = record.Cancelled
	got = summaryOf(r).Rows()[0]
	if got.OK != 0 || got.LatencyMeanS.Known() || got.ThroughputRPS.Known() || got.WallRPS.Known() || got.Status != record.Partial {
		t.Errorf("a point of one cancelled request: %+v", got)
	}
}

// In an open loop the wait for being sent belongs to the latency.
func TestLatencyCountsFromTheDueTime(t *testing.T) {
	k := key(0)
	k.RateRPS = 4
	r := row(k, 0, 3000000, record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 1}})
	r.DueS = 2
	got := summaryOf(r).Rows()[0]
	if got.LatencyMeanS != 3 || got.TTFTMeanS != 2 || got.GapMeanS != 1 || got.ThroughputRPS.Known() {
		t.Errorf("due at 2, sent at 3, ended at 5: %+v", got)
	}
}

func TestGoodputLaws(t *testing.T) {
	rng := newRand()
	for range 30 {
		fold := Goodput{Levels: levels()}
		for _, r := range randomRows(rng, key(4), 50) {
			fold.Add(r)
		}
		rows := fold.Rows()
		if len(rows) != len(fold.Levels) {
			t.Fatalf("%d rows for %d levels", len(rows), len(fold.Levels))
		}
		for i, r := range rows {
			if r.EffectiveRPS > r.WallRPS || r.Good > r.Requests {
				t.Fatalf("more good ones than there are: %+v", r)
			}
			if i > 0 && r.SLARule == rows[i-1].SLARule && r.Good > rows[i-1].Good {
				t.Fatalf("a higher level has more good ones: %+v, %+v", rows[i-1], r)
			}
		}
	}
}

func TestGoodputByHand(t *testing.T) {
	k := key(2)
	quick := row(k, 0, 0, record.Chunks{{At: 1, Tokens: 1}, {At: 1.1, Tokens: 1}})
	slow := row(k, 1, 0, record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 1}})
	late := row(k, 2, 2000000, record.Chunks{{At: 6, Tokens: 1}, {At: 6.1, Tokens: 1}})
	fold := Goodput{Levels: []Level{{512, 1, Cum}, {512, 4, Cum}, {512, 1, EMA16}}}
	for _, r := range []record.Request{quick, slow, late} {
		fold.Add(r)
	}
	for i, good := range []int{2, 1, 1} {
		if got := fold.Rows()[i]; got.Good != good || math.Abs(float64(got.EffectiveRPS)-float64(good)/8.1) > 1e-12 {
			t.Errorf("level %v: %+v, want %d good", fold.Levels[i], got, good)
		}
	}
}

func TestWhatCannotBeJudged(t *testing.T) {
	a, b := row(key(2), 0, 0, record.Chunks{{At: 1, Tokens: 1}}), row(key(2), 1, 0, record.Chunks{{At: 1, Tokens: 1}})
	b.PromptTokens = record.NoCount
	fold := Goodput{Levels: levels()[:1]}
	fold.Add(b)
	if rows := fold.Rows(); len(rows) > 0 || len(fold.Troubles()) != 1 || !fold.Troubles()[0].Partial {
		t.Errorf("judged all the same: %+v, %v", rows, fold.Troubles())
	}
	fold.Add(a)
	if rows := fold.Rows(); len(rows) != 1 || rows[0].Good != 1 || len(fold.Troubles()) != 1 {
		t.Errorf("one of two can be judged: %+v, %v", rows, fold.Troubles())
	}
	var failed Goodput
	failed.Levels = levels()[:1]
	b.Status = record.Failed
	failed.Add(b)
	if rows := failed.Rows(); len(rows) != 1 || rows[0].Good != 0 || rows[0].EffectiveRPS != 0 {
		t.Errorf("a failed request was promised something, too: %+v", rows)
	}
}

// The original's way: token_gen_time of the requests sorted by start, cut at
// both ends, each cut at both ends.
func TestGapsAreTheOriginals(t *testing.T) {
	rng := newRand()
	for _, skip := range [][2]int{{0, 0}, {1, 1}, {2, 3}} {
		rows := randomRows(rng, key(4), 40)
		fold := Gaps{SkipRequests: skip[0], SkipTokens: skip[1]}
		var ok []record.Request
		for i := range rows {
			rows[i].StartS = at(int64(i))
			fold.Add(rows[i])
			if rows[i].Status == record.OK {
				ok = append(ok, rows[i])
			}
		}
		var all []float64
		for _, r := range ok[skip[0] : len(ok)-skip[0]] {
			times := append([]float64{float64(r.ChunkS[0].At)}, AppendGaps(nil, r.ChunkS, PerToken)...)
			if skip[1] < len(times)-1 {
				all = append(all, times[skip[1]:len(times)-1]...)
			}
		}
		got := fold.Rows()[0]
		if got.Gaps != len(all) || near(float64(got.P95S)) != near(bySorting(all, 95)) || near(float64(got.P50S)) != near(bySorting(all, 50)) {
			t.Errorf("skipping %v: %+v, want %d gaps, p95 %v", skip, got, len(all), bySorting(all, 95))
		}
	}
}

func TestGapsOfAPointWithNothingLeft(t *testing.T) {
	fold := Gaps{SkipRequests: 1}
	fold.Add(row(key(1), 0, 0, record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 1}}))
	if rows, troubles := fold.Rows(), fold.Troubles(); len(rows) > 0 || len(troubles) != 1 || !troubles[0].Partial {
		t.Errorf("rows %v, troubles %v", rows, troubles)
	}
}

func TestGapsPerChunk(t *testing.T) {
	chunks := record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 4}, {At: 3, Tokens: 4}, {At: 4, Tokens: 4}}
	for per, want := range map[Per]record.Gaps{PerToken: {Per: "token", Gaps: 11, P50S: 0.25}, PerChunk: {Per: "chunk", Gaps: 2, P50S: 1}} {
		fold := Gaps{SkipTokens: 1, Per: per}
		fold.Add(row(key(1), 0, 0, chunks))
		if got := fold.Rows()[0]; got.Per != want.Per || got.Gaps != want.Gaps || got.P50S != want.P50S {
			t.Errorf("per %v: %+v, want %d gaps of %v", per, got, want.Gaps, want.P50S)
		}
	}
}

func BenchmarkSummary(b *testing.B) {
	rng := newRand()
	var rows []record.Request
	for i := range 512 {
		var chunks record.Chunks
		now := int64(400000)
		for range 60 {
			chunks = append(chunks, record.Chunk{At: at(now), Tokens: 1})
			now += int64(rng.ExpFloat64() * 40000)
		}
		rows = append(rows, row(key(32), i, int64(i)*1000, chunks))
	}
	rows = slices.Clip(rows)
	b.ReportAllocs()
	for b.Loop() {
		if len(summaryOf(rows...).Rows()) != 1 {
			b.Fatal("not one point")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/512, "ns/row")
}
