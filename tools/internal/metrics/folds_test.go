package metrics

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
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
		rows[i].PromptTokens, rows[i].AskedPromptTokens = record.CountOf(100), record.CountOf(100)
		rows[i].LagS = record.InSeconds(float64(i) * 1e-4)
	}
	rows[1].CachedTokens, rows[2].ServerTTFTS = record.CountOf(1), record.InSeconds(0.9)
	failed := row(k, 3, 4000000, record.Chunks{{At: 4, Tokens: 1}})
	failed.Status = record.Failed
	got := summaryOf(append(rows, failed)...).Rows()[0]
	// Latencies 2, 3, 4, failed 4. TTFT 1, 1, 2. Gaps 0.5 0.5, four of 0.5, 2.
	// TPOT 1/2, 2/5, 2. Span 0 to 8. Both clients are at work from 0 to 5.
	s, r := record.InSeconds, record.RateOf
	want := record.Summary{
		Key: k, Requests: 4, OK: 3, SpanS: s(8), ThroughputRPS: r(2. / 3), WallRPS: r(3. / 8), InFlightMean: r(13. / 8),
		GeneratedTPS: r(11. / 8), TotalTPS: r(311. / 8), RequestTPS: r((3./2 + 6./4 + 2./3) / 3), SteadyS: s(5), SteadyRPS: r(0.6),
		AskedPromptTokensMean: r(100), PromptTokensMean: r(100), MaxNewTokensMean: r(11. / 3), GeneratedTokensMean: r(11. / 3),
		CachedTokens: record.CountOf(1), CachedShare: record.RateOf(0.01),
		LatencyMeanS: s(3), LatencyP50S: s(3), LatencyP90S: s(3.8), LatencyP95S: s(3.9), LatencyP99S: s(3.98),
		TTFTMeanS: s(4. / 3), TTFTP50S: s(1), TTFTP90S: s(1.8), TTFTP95S: s(1.9), TTFTP99S: s(1.98),
		TPOTMeanS: s(2.9 / 3), TPOTP50S: s(0.5), TPOTP90S: s(1.7), TPOTP95S: s(1.85), TPOTP99S: s(1.97),
		GapMeanS: s(5. / 7), GapP50S: s(0.5), GapP90S: s(1.1), GapP95S: s(1.55), GapP99S: s(1.91), GapP99ErrorS: s(0),
		ServerTTFTMeanS: s(0.9), LagP99S: s(0.000198), Status: record.Partial,
		Doubt: "in flight 1.62 of 2: few requests per client (the rise and fall of the load take 19 % of the span); 1 of 4 requests did not end ok",
	}
	if near(got) != near(want) {
		t.Errorf("got\n%s\nwant\n%s", near(got), near(want))
	}
}

// near prints with the precision of the cells.
func near(row any) string {
	var b strings.Builder
	v := reflect.ValueOf(row)
	for _, field := range reflect.VisibleFields(v.Type()) {
		switch cell := v.FieldByIndex(field.Index).Interface().(type) {
		case interface{ MarshalCSV() (string, error) }:
			text, err := cell.MarshalCSV()
			fmt.Fprintf(&b, "%s=%s%v ", field.Name, text, or(err))
		default:
			fmt.Fprintf(&b, "%s=%v ", field.Name, cell)
		}
	}
	return b.String()
}

func or(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestWhatIsNotKnownIsAbsent(t *testing.T) {
	r := row(key(1), 0, 0, record.Chunks{{At: 1, Tokens: 1}})
	r.ChunkS, r.PromptTokens, r.LagS = nil, record.Count{}, record.Seconds{}
	got := summaryOf(r).Rows()[0]
	if got.TTFTMeanS.Known() || got.GapP99S.Known() || got.TPOTMeanS.Known() || got.TotalTPS.Known() || got.RequestTPS.Known() || got.LagP99S.Known() {
		t.Errorf("absent figures are there: %+v", got)
	}
	if got.LatencyP50S.Float() != 1 || got.GeneratedTPS.Float() != 1 || got.Status != record.Complete || got.Doubt != "" {
		t.Errorf("known figures are wrong: %+v", got)
	}
	r.LatencyS = record.InSeconds(0)
	if got := summaryOf(r).Rows()[0]; got.ThroughputRPS.Known() || got.WallRPS.Known() || got.RequestTPS.Known() || got.InFlightMean.Known() {
		t.Errorf("a rate over no time at all: %+v", got)
	}
	r.Status = record.Cancelled
	got = summaryOf(r).Rows()[0]
	if got.OK != 0 || got.LatencyMeanS.Known() || got.ThroughputRPS.Known() || got.WallRPS.Known() || got.Status != record.Partial {
		t.Errorf("a point of one cancelled request: %+v", got)
	}
}

// Latency and time to first token count from the start, in an open loop too.
func TestTimesCountFromTheStart(t *testing.T) {
	k := key(0)
	k.RateRPS = 4
	r := row(k, 0, 3000000, record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 1}})
	r.DueS = record.InSeconds(2)
	got := summaryOf(r).Rows()[0]
	if got.LatencyMeanS.Float() != 2 || got.TTFTMeanS.Float() != 1 || got.GapMeanS.Float() != 1 || got.SendDelayP99S.Float() != 1 || got.ThroughputRPS.Known() {
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
			if r.EffectiveRPS.Float() > r.WallRPS.Float() || r.Good.Int() > r.Requests {
				t.Fatalf("more good ones than there are: %+v", r)
			}
			if i > 0 && r.SLARule == rows[i-1].SLARule && r.Good.Int() > rows[i-1].Good.Int() {
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
		if got := fold.Rows()[i]; got.Good != record.CountOf(good) || math.Abs(got.EffectiveRPS.Float()-float64(good)/8.1) > 1e-12 {
			t.Errorf("level %v: %+v, want %d good", fold.Levels[i], got, good)
		}
	}
}

func TestWhatCannotBeJudged(t *testing.T) {
	k := key(0)
	a, b := row(k, 0, 0, record.Chunks{{At: 1, Tokens: 1}}), row(k, 1, 0, record.Chunks{{At: 1, Tokens: 1}})
	b.PromptTokens = record.Count{}
	fold := Goodput{Levels: levels()[:1]}
	fold.Add(b)
	if rows := fold.Rows(); len(rows) != 1 || rows[0].Good.Known() || rows[0].EffectiveRPS.Known() || len(fold.Troubles()) != 1 || !fold.Troubles()[0].Partial {
		t.Errorf("judged all the same: %+v, %v", rows, fold.Troubles())
	}
	fold.Add(a)
	if rows := fold.Rows(); len(rows) != 1 || rows[0].Good != record.CountOf(1) || len(fold.Troubles()) != 1 {
		t.Errorf("one of two can be judged: %+v, %v", rows, fold.Troubles())
	}
	var failed Goodput
	failed.Levels = levels()[:1]
	b.Status = record.Failed
	failed.Add(b)
	if rows := failed.Rows(); len(rows) != 1 || rows[0].Good != record.CountOf(0) || rows[0].EffectiveRPS != record.RateOf(0) {
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
			rows[i].StartS = record.InSeconds(float64(i))
			fold.Add(rows[i])
			if rows[i].Status == record.OK {
				ok = append(ok, rows[i])
			}
		}
		var all []float64
		for _, r := range ok[skip[0] : len(ok)-skip[0]] {
			times := append([]float64{r.ChunkS[0].At}, written(r.ChunkS, PerToken)...)
			if skip[1] < len(times)-1 {
				all = append(all, times[skip[1]:len(times)-1]...)
			}
		}
		got := fold.Rows()[0]
		if got.Gaps != record.CountOf(len(all)) || math.Abs(got.P95S.Float()-bySorting(all, 95)) > 1e-9 || math.Abs(got.P50S.Float()-bySorting(all, 50)) > 1e-9 {
			t.Errorf("skipping %v: %+v, want %d gaps, p95 %v", skip, got, len(all), bySorting(all, 95))
		}
	}
}

func TestGapsOfAPointWithNothingLeft(t *testing.T) {
	fold := Gaps{SkipRequests: 1}
	fold.Add(row(key(1), 0, 0, record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 1}}))
	if rows, troubles := fold.Rows(), fold.Troubles(); rows[0].Gaps != record.CountOf(0) || rows[0].P50S.Known() || len(troubles) != 1 || !troubles[0].Partial {
		t.Errorf("rows %v, troubles %v", rows, troubles)
	}
	unstreamed := row(key(1), 0, 0, record.Chunks{{At: 1, Tokens: 1}})
	unstreamed.ChunkS = nil
	fold = Gaps{}
	fold.Add(unstreamed)
	if rows, troubles := fold.Rows(), fold.Troubles(); rows[0].Gaps.Known() || rows[0].P50S.Known() || len(troubles) != 1 || !troubles[0].Partial {
		t.Errorf("rows %v, troubles %v", rows, troubles)
	}
}

func TestGapsPerChunk(t *testing.T) {
	chunks := record.Chunks{{At: 1, Tokens: 1}, {At: 2, Tokens: 4}, {At: 3, Tokens: 4}, {At: 4, Tokens: 4}}
	for per, want := range map[Per]record.Gaps{PerToken: {Per: "token", Gaps: record.CountOf(11), P50S: record.InSeconds(0.25)}, PerChunk: {Per: "chunk", Gaps: record.CountOf(2), P50S: record.InSeconds(1)}} {
		fold := Gaps{SkipTokens: 1, Per: per}
		fold.Add(row(key(1), 0, 0, chunks))
		if got := fold.Rows()[0]; got.Per != want.Per || got.Gaps != want.Gaps || got.P50S != want.P50S {
			t.Errorf("per %v: %+v, want %v gaps of %v", per, got, want.Gaps, want.P50S)
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
